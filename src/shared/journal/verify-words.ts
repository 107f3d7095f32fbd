import type { Locale } from '../words.ts';
import type { ChainProblem } from './verify.ts';

/** What a verifier says, in every language of the house. */
export type Sentence = Readonly<Record<Locale, string>>;

/** What a sentence about a bad record may need to know; `seq` is the first bad record. */
export interface Facts {
  readonly seq: number;
  /** Last sound entry before it. */
  readonly before: number;
  /** What stands in its place, the end of the journal, or the last entry seen elsewhere; as the problem has it. */
  readonly other?: number;
  readonly kind?: string;
  /** Last entry covered by a signature. */
  readonly signed?: number;
  readonly objection?: Sentence;
  readonly receipt?: string;
}

const SAY: Readonly<Record<ChainProblem, (facts: Facts) => Sentence>> = {
  gap: ({ seq, before, other }) => ({
    en: `Entry ${seq} is missing: after entry ${before} comes entry ${other}. Ask for the whole journal; if this is the whole, entries were taken out.`,
    'zh-CN': `第 ${seq} 条记录缺失：第 ${before} 条之后直接是第 ${other} 条。请索取完整日志；若这已是全部，则有记录被取走。`,
  }),
  wrongPrev: ({ seq, before, signed = 0 }) => {
    const unproven = signed < before;
    return {
      en: `Entry ${seq} does not stand on entry ${before}: it names another hash before it. One of the two was changed or exchanged.${unproven ? ` No signature covers the entries from ${signed + 1} to ${before}.` : ''}`,
      'zh-CN': `第 ${seq} 条记录没有接在第 ${before} 条之后：它写明的前一条哈希不同。两条之一被改动或调换。${unproven ? `第 ${signed + 1} 至 ${before} 条没有签名覆盖。` : ''}`,
    };
  },
  notCanonical: ({ seq, kind }) => ({
    en: `Entry ${seq} (${kind}) has a body that is not in its canonical form (RFC 8785): it was written by something else than the kiosk.`,
    'zh-CN': `第 ${seq} 条记录（${kind}）的内容不是规范形式（RFC 8785）：它不是由评价终端写入的。`,
  }),
  wrongHash: ({ seq, kind }) => ({
    en: `Entry ${seq} (${kind}) was changed: its content does not give its hash.`,
    'zh-CN': `第 ${seq} 条记录（${kind}）被改动：其内容算不出它的哈希。`,
  }),
  badSignature: ({ seq, signed = 0 }) => ({
    en: `The signature on entry ${seq} is not this device's. The entries from ${signed + 1} to ${seq} are not proven.`,
    'zh-CN': `第 ${seq} 条记录上的签名不是本设备的。第 ${signed + 1} 至 ${seq} 条得不到证明。`,
  }),
  missingSignature: ({ seq }) => ({
    en: `Entry ${seq} ends what was written in one act, and its signature is gone: it was taken away.`,
    'zh-CN': `第 ${seq} 条记录是一次写入的最后一条，却没有签名：签名被取走。`,
  }),
  malformed: ({ seq, kind }) => ({
    en: `Entry ${seq} says it is a ${kind}, but its body is not one.`,
    'zh-CN': `第 ${seq} 条记录自称 ${kind}，但其内容并非如此。`,
  }),
  foreignJournal: () => ({
    en: 'Entry 1 does not begin a journal of this device: it is another kind of entry or names another key.',
    'zh-CN': '第 1 条记录不是本设备日志的开头：它是别的记录，或写明了另一把密钥。',
  }),
  secondRating: ({ seq, objection }) => ({
    en: `Entry ${seq} breaks one service, one rating: ${objection?.en}`,
    'zh-CN': `第 ${seq} 条记录违反一次一评：${objection?.['zh-CN']}`,
  }),
  badSegment: ({ seq, other, objection }) => ({
    en: `The entries from ${seq} to ${other} were compacted, and what stands for them is not right: ${objection?.en}`,
    'zh-CN': `第 ${seq} 至 ${other} 条记录已归并，但代表它们的汇总不对：${objection?.['zh-CN']}`,
  }),
  unsignedTail: ({ seq, before }) => ({
    en: `The entries from ${seq} to ${before} are not covered by a signature: the end of the journal was cut off or added to.`,
    'zh-CN': `第 ${seq} 至 ${before} 条记录没有签名覆盖：日志的末尾被截去或添加过。`,
  }),
  cutTail: ({ seq, before, other }) => ({
    en: `Entry ${seq} is missing: this journal ends at entry ${before}, but entry ${other} has been seen elsewhere. Its end was cut off, or an old copy was put back.`,
    'zh-CN': `第 ${seq} 条记录缺失：本日志止于第 ${before} 条，但别处已见过第 ${other} 条。末尾被截去，或被换回了旧副本。`,
  }),
  fork: ({ seq }) => ({
    en: `Entry ${seq} is another one than was seen elsewhere: the journal was written anew from there or before, or runs twice.`,
    'zh-CN': `第 ${seq} 条记录与别处见过的不同：日志从该处或更早被重写，或有两份在同时运行。`,
  }),
  receiptMissing: ({ before, receipt }) => ({
    en: `The rating with receipt ${receipt} is missing: no entry from 1 to ${before} gives this code. It was taken out or cut off, or it is of another device.`,
    'zh-CN': `凭证 ${receipt} 的评价缺失：第 1 至 ${before} 条记录都不对应此码。它被取走或截去，或属于另一台设备。`,
  }),
};

export function sayChainProblem(problem: ChainProblem, facts: Facts): Sentence {
  return SAY[problem](facts.kind === undefined ? facts : { ...facts, kind: brief(facts.kind) });
}

/**
 * An entry of a kind that this version does not know was compacted, from `seq` to `toSeq`.
 *
 * @param unjudged the entry after it that breaks one service, one rating, unless that kind allows it; without one, of the tables.
 */
export function sayLaterAmong(
  { seq, toSeq, kind }: { readonly seq: number; readonly toSeq: number; readonly kind: string },
  unjudged?: number,
): Sentence {
  const what = {
    en: `Among the entries ${seq} to ${toSeq}, which were compacted, is a ${brief(kind)}, which this version does not know.`,
    'zh-CN': `第 ${seq} 至 ${toSeq} 条记录已归并，其中有本版本不认识的类型（${brief(kind)}）。`,
  };
  if (unjudged === undefined)
    return {
      en: `${what.en} Every entry verifies; whether the tables "rating" and "invitation" say what the journal says cannot be told. Verify it with a later version.`,
      'zh-CN': `${what['zh-CN']}所有记录均通过校验；“rating”与“invitation”表是否与日志一致无法判断。请用更新的版本校验。`,
    };
  return {
    en: `${what.en} Chain and signatures verify; whether entry ${unjudged} breaks one service, one rating, or that kind allows it, cannot be told. Verify it with a later version.`,
    'zh-CN': `${what['zh-CN']}链与签名均通过校验；第 ${unjudged} 条是违反一次一评，还是为该类型所允许，无法判断。请用更新的版本校验。`,
  };
}

/**
 * What a file says, for a sentence: shortened in its middle, so that nothing in a file makes a page of its own of it.
 * Characters are as they stand there; whoever puts a sentence out escapes them.
 */
export function brief(text: string, most = 80): string {
  const end = Math.floor(most / 3);
  return text.length > most ? `${text.slice(0, most - end - 1)}…${text.slice(text.length - end)}` : text;
}
