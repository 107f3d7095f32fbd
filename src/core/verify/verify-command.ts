import { existsSync } from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { parseArgs } from 'node:util';
import { RECEIPT_PATTERN } from '../../shared/journal/receipt.ts';
import { SUITE_NAMES } from '../../shared/journal/suite.ts';
import { loadSuite } from '../../shared/journal/suites.ts';
import type { Sentence } from '../../shared/journal/verify-words.ts';
import type { Locale } from '../../shared/words.ts';
import { BACKUP_FOLDER, JOURNAL_FILE, listBackups } from '../../store/store.ts';
import { say } from './report-words.ts';
import { shownJson, shownLine } from './shown.ts';
import { type VerifyReport, type VerifyRequest, verifyPath } from './verify-path.ts';

/** `verify FILE|FOLDER` as a command; the same in the packed app (./utility.ts) and in tools/verify. */
const USAGE = `verify FILE|FOLDER – checks a journal, a data folder, a backup, a folder of backups or a
province's export, offline.

  --key BASE64        the device's public key, as the province has it registered
  --head SEQ:HASH     an entry that somebody has seen (the province's head); may be repeated
  --receipt CODE      a receipt that a citizen holds; may be repeated
  --against FILE      another journal or export of the same device: where do the two part?
  --lang zh-CN|en     default: by LANG
  --json              the report as one line of JSON

Exit: 0 good · 1 bad, the first bad record is named · 2 nothing that can be checked, or something that was asked
could not be looked at
`;

export interface CommandResult {
  readonly code: 0 | 1 | 2;
  readonly out: string;
}

const CODES = { good: 0, bad: 1, unusable: 2 } as const;

/** @param argv what follows `verify`. @param lang of the environment, such as zh_CN.UTF-8. */
export async function runVerifyCommand(argv: readonly string[], lang: string): Promise<CommandResult> {
  const read = readCommand(argv);
  if (!read.ok) return { code: 2, out: `${read.message.split('\n').map(shownLine).join('\n')}\n${USAGE}` };
  const { request, json } = read;
  const locale = read.locale ?? (/^zh/i.test(lang) ? 'zh-CN' : 'en');
  const suites = await Promise.all(SUITE_NAMES.map(loadSuite));
  const { publicKey } = request;
  // A slip of the hand must not read as a journal that somebody bent.
  if (publicKey && !suites.some((suite) => suite.isPublicKey(publicKey)))
    return { code: 2, out: `--key is no public key of any suite: was it copied whole?\n${USAGE}` };
  const parts = partsOf(request);
  const isOne = parts.some(({ name }) => name === undefined || name === JOURNAL_FILE);
  if (!isOne && (request.against !== undefined || (request.seen?.receipts ?? []).length > 0))
    return { code: 2, out: `--receipt and --against ask one journal: name it, or one backup.\n${USAGE}` };
  const reports: Named[] = parts.map(({ name, request }) => ({
    name,
    report: verifyPath({ ...request, suites }),
  }));
  for (const seq of request.seen?.hashes?.keys() ?? [])
    if (!parts.some(({ request }) => request.seen?.hashes?.has(seq)))
      reports.push({
        name: BACKUP_FOLDER,
        report: { verdict: 'unusable', sentence: say.beyondBackups(seq) },
      });
  const codes = reports.map(({ report }) => CODES[report.verdict]);
  const code = codes.includes(1) ? 1 : codes.includes(2) ? 2 : 0;
  const lines = reports.flatMap(({ name, report }) => {
    const prefix = name === undefined ? '' : `${name}: `;
    if (json) return `${shownJson(name === undefined ? report : { file: name, ...report })}\n`;
    return sentencesOf(report).map((sentence) => `${shownLine(`${prefix}${sentence[locale]}`)}\n`);
  });
  return { code, out: lines.join('') };
}

/** A report, and the file it is about where several are asked. */
interface Named {
  readonly name: string | undefined;
  readonly report: VerifyReport;
}

/** A folder with backups is several journals, each with its name; anything else is one. */
function partsOf(
  request: VerifyRequest,
): readonly { readonly name?: string; readonly request: VerifyRequest }[] {
  const path = resolve(request.path);
  const below = listBackups(path);
  const inside = basename(path) === BACKUP_FOLDER ? listBackups(dirname(path)) : [];
  // A data folder may itself be named as its folder of backups is.
  const isData = existsSync(join(path, JOURNAL_FILE)) || (below.length > 0 && inside.length === 0);
  const backups = [...below, ...inside].map(({ file, headSeq }) => {
    // A backup is older than what others have seen since, and rightly so.
    const hashes = new Map([...(request.seen?.hashes ?? [])].filter(([seq]) => seq <= headSeq));
    const { publicKey } = request;
    const own = { path: file, seen: { hashes }, ...(publicKey ? { publicKey } : {}) };
    return { name: relative(isData ? path : dirname(path), file).replaceAll(sep, '/'), request: own };
  });
  if (backups.length === 0) return [{ request }];
  return isData ? [{ name: JOURNAL_FILE, request }, ...backups] : backups;
}

function sentencesOf(report: VerifyReport): readonly Sentence[] {
  if (report.verdict !== 'good') return [report.sentence];
  const good = say.good({ ...report, head: `${report.head.seq}:${report.head.hash}` });
  const { later } = report;
  return [
    good,
    ...(later ? [say.laterKind(later.seq, later.kind)] : []),
    ...(report.proven ? [] : [say.ownWord(report.publicKey)]),
  ];
}

type Read =
  | { readonly ok: true; readonly request: VerifyRequest; readonly json: boolean; readonly locale?: Locale }
  | { readonly ok: false; readonly message: string };

function readCommand(argv: readonly string[]): Read {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse(argv);
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
  const { values, positionals } = parsed;
  const [path, ...more] = positionals;
  if (path === undefined || more.length > 0) return { ok: false, message: 'Name one file or folder.' };
  const key = values.key === undefined ? undefined : Buffer.from(values.key, 'base64');
  if (key && key.toString('base64') !== values.key) return { ok: false, message: '--key is not base64.' };
  const hashes = new Map<number, string>();
  for (const text of values.head ?? []) {
    const [, seq, hash] = /^([1-9]\d{0,14}):([0-9a-f]{64})$/i.exec(text) ?? [];
    if (!seq || !hash) return { ok: false, message: `--head ${text} is not SEQ:HASH with 64 hex digits.` };
    const known = hashes.get(Number(seq));
    if (known !== undefined && known !== hash.toLowerCase())
      return {
        ok: false,
        message: `--head names entry ${seq} twice, with two hashes: ask for each by itself.`,
      };
    hashes.set(Number(seq), hash.toLowerCase());
  }
  const receipts = (values.receipt ?? []).map((code) => code.toUpperCase());
  const wrong = receipts.find((code) => !RECEIPT_PATTERN.test(code));
  if (wrong !== undefined) return { ok: false, message: `--receipt ${wrong} is not a receipt code.` };
  const { lang } = values;
  if (lang !== undefined && lang !== 'zh-CN' && lang !== 'en')
    return { ok: false, message: '--lang is zh-CN or en.' };
  return {
    ok: true,
    json: values.json,
    ...(lang ? { locale: lang } : {}),
    request: {
      path,
      seen: { hashes, receipts },
      ...(key ? { publicKey: key } : {}),
      ...(values.against === undefined ? {} : { against: values.against }),
    },
  };
}

function parse(argv: readonly string[]) {
  return parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      key: { type: 'string' },
      head: { type: 'string', multiple: true },
      receipt: { type: 'string', multiple: true },
      against: { type: 'string' },
      lang: { type: 'string' },
      json: { type: 'boolean', default: false },
    },
  });
}
