import { assertNever, type Level } from '../words.ts';
import type { Draft } from './entry.ts';
import type { Sentence } from './verify-words.ts';

interface Chosen {
  readonly invitation: string;
  readonly level: Level;
  readonly change: number;
  /** Levels that stand behind this one, oldest first. */
  readonly earlier: readonly Level[];
  readonly settled: boolean;
  readonly helpRequested?: true;
}

/** One service, one rating, as a rule over entries in order. */
export function createRatingRules(): {
  /** @returns what is wrong with this entry, or nothing. */
  take(draft: Draft): Sentence | undefined;
  /** A settled rating whose entries were compacted. */
  keep(serviceKey: string, invitation: string, level: Level, change: number): void;
  settled(): number;
} {
  const ratings = new Map<string, Chosen>();
  let settled = 0;

  const take = (draft: Draft): Sentence | undefined => {
    switch (draft.kind) {
      case 'rating.chosen': {
        const { serviceKey, invitation, level, change } = draft.body;
        const before = ratings.get(serviceKey);
        if (before?.settled)
          return {
            en: `service ${serviceKey} was rated and settled before.`,
            'zh-CN': `服务 ${serviceKey} 此前已评价并确定。`,
          };
        if (before && (change === 0 || before.invitation !== invitation))
          return {
            en: `service ${serviceKey} was rated before, in invitation ${before.invitation}.`,
            'zh-CN': `服务 ${serviceKey} 此前已在邀请 ${before.invitation} 中评价。`,
          };
        if (before ? change <= before.change : change !== 0)
          return {
            en: `change ${change} of the choice for service ${serviceKey} does not follow from what stands before it.`,
            'zh-CN': `服务 ${serviceKey} 的第 ${change} 次改选与此前的记录接不上。`,
          };
        const earlier = before ? [...before.earlier, before.level] : [];
        ratings.set(serviceKey, { invitation, level, change, earlier, settled: false });
        return undefined;
      }
      case 'rating.withdrawn': {
        const { serviceKey, invitation, level } = draft.body;
        const before = ratings.get(serviceKey);
        if (before?.settled)
          return {
            en: `the rating of service ${serviceKey} is withdrawn after it was settled.`,
            'zh-CN': `服务 ${serviceKey} 的评价在确定之后又被撤回。`,
          };
        if (before?.invitation !== invitation || before.level !== level)
          return {
            en: `level ${level} is withdrawn for service ${serviceKey}, but is not what stands in invitation ${invitation}.`,
            'zh-CN': `服务 ${serviceKey} 撤回了 ${level} 级，但它不是邀请 ${invitation} 中当前的选择。`,
          };
        const again = before.earlier.at(-1);
        if (again === undefined) ratings.delete(serviceKey);
        else ratings.set(serviceKey, { ...before, level: again, earlier: before.earlier.slice(0, -1) });
        return undefined;
      }
      case 'rating.settled': {
        const { serviceKey, invitation, level } = draft.body;
        const before = ratings.get(serviceKey);
        if (!before || before.invitation !== invitation)
          return {
            en: `service ${serviceKey} is settled without a choice in invitation ${invitation}.`,
            'zh-CN': `服务 ${serviceKey} 在邀请 ${invitation} 中没有选择却被确定。`,
          };
        if (before.settled)
          return {
            en: `service ${serviceKey} is settled twice.`,
            'zh-CN': `服务 ${serviceKey} 被确定了两次。`,
          };
        if (before.level !== level)
          return {
            en: `service ${serviceKey} is settled at level ${level}, but ${before.level} was chosen.`,
            'zh-CN': `服务 ${serviceKey} 按 ${level} 级确定，但所选为 ${before.level} 级。`,
          };
        ratings.set(serviceKey, { ...before, settled: true });
        settled++;
        return undefined;
      }
      case 'rating.helpRequested': {
        const { serviceKey, invitation } = draft.body;
        const before = ratings.get(serviceKey);
        if (!before?.settled || before.invitation !== invitation)
          return {
            en: `help is asked for service ${serviceKey} without a settled rating in invitation ${invitation}.`,
            'zh-CN': `服务 ${serviceKey} 在邀请 ${invitation} 中没有已确定的评价，却有求助。`,
          };
        if (before.helpRequested)
          return {
            en: `help is asked for service ${serviceKey} twice.`,
            'zh-CN': `服务 ${serviceKey} 的求助出现了两次。`,
          };
        ratings.set(serviceKey, { ...before, helpRequested: true });
        return undefined;
      }
      case 'journal.begun':
      case 'boot.started':
      case 'invitation.opened':
      case 'rating.detailed':
      case 'rating.sealed':
      case 'invitation.closed':
      case 'service.notInvited':
      case 'link.changed':
      case 'pause.changed':
      case 'clock.observed':
      case 'clock.jumped':
      case 'journal.restored':
      case 'journal.compacted':
        return undefined;
      default:
        return assertNever(draft);
    }
  };
  return {
    take,
    keep(serviceKey, invitation, level, change) {
      ratings.set(serviceKey, { invitation, level, change, earlier: [], settled: true });
      settled++;
    },
    settled: () => settled,
  };
}
