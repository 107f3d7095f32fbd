import type { Draft } from '../shared/journal/entry.ts';
import type { ServiceKey } from '../shared/words.ts';
import { contradicted, failed } from './faults.ts';
import type { Unfinished } from './recovery.ts';
import { queueContext, type Site } from './reduce.ts';
import { type SessionEvent, type SessionState, type Step, unchanged } from './state.ts';
import { type Found, owedAfterFault } from './stray.ts';

export interface Journal {
  /** Without drafts: whether it would take another citizen now. */
  append(drafts: readonly Draft[]): AppendOutcome;
  /** `unreadable`: the disk does not say, which is not the same as that there is none. */
  ratingOf(serviceKey: ServiceKey): object | 'unreadable' | undefined;
  unfinished(): Unfinished | 'unreadable';
}
export type AppendOutcome =
  | { readonly ok: true; readonly entries: readonly { readonly hash: string }[] }
  | {
      readonly ok: false;
      readonly reason: 'alreadyRated' | 'settled' | 'diskFull' | 'ioError';
      readonly message: string;
    };

/** What operators can be told, without a level and without a name. */
export type KioskLog = (
  line:
    | { readonly id: 'journalFailed'; readonly reason: string; readonly message: string }
    | { readonly id: 'journalBack'; readonly written: number }
    | { readonly id: 'draftRefused'; readonly kind: string; readonly message: string }
    | { readonly id: 'pressRefused'; readonly source: string; readonly reason: string }
    | { readonly id: 'recovered'; readonly drafts: number },
) => void;

const UNREAD = 'The journal could not be read just now; nobody is asked until it can be.';

/** What the journal took, and what it made of it. */
export interface Frozen {
  readonly drafts: readonly Draft[];
  readonly entries: readonly { readonly hash: string }[];
}

/** The journal's word on a step: what holds when it took it, when it could not, and when it knows better. */
export interface Freezing {
  /** Freezes a step's drafts and gives the step that then holds. */
  frozen(before: SessionState, event: SessionEvent, step: Step): Step;
  /** What the journal holds, and whether it would take another citizen; null while it cannot be asked. */
  found(): Found | null;
  /**
   * Whether the journal holds a rating of it. Where it cannot be read nobody knows, and the step that is decided next is
   * one that could not be frozen.
   */
  isRated(serviceKey: ServiceKey): boolean;
}

export function createFreezing(parts: {
  readonly site: Site;
  readonly journal: Journal;
  readonly log: KioskLog;
  readonly onFrozen: (frozen: Frozen) => void;
}): Freezing {
  const { site, journal, log, onFrozen } = parts;

  /** Something was asked that the journal did not answer. */
  let unread = false;

  function isRated(serviceKey: ServiceKey): boolean {
    const found = journal.ratingOf(serviceKey);
    unread ||= found === 'unreadable';
    return found !== undefined && found !== 'unreadable';
  }

  function present(room: boolean): Found | null {
    const unfinished = journal.unfinished();
    return unfinished === 'unreadable' ? null : { room, unfinished, isRated };
  }

  function afterContradiction(before: SessionState): Step {
    const step = contradicted(before);
    if (step.drafts.length === 0) return step;
    const held = present(true);
    if (!held) return afterUnread(before, step);
    journal.append(owedAfterFault(step.drafts, held));
    return step;
  }

  function afterUnread(before: SessionState, step: Step): Step {
    unread = false;
    if (before.fault) return { ...unchanged(before), answer: step.answer };
    log({ id: 'journalFailed', reason: 'unreadable', message: UNREAD });
    return failed(before, step, 'store', queueContext(site));
  }

  /** Among what waited for the journal one entry contradicts it: that one alone is let go, with a line in the log. */
  function oneByOne(step: Step): Step {
    for (const draft of step.drafts) {
      const outcome = journal.append([draft]);
      if (outcome.ok) onFrozen({ drafts: [draft], entries: outcome.entries });
      else log({ id: 'draftRefused', kind: draft.kind, message: outcome.message });
    }
    return step;
  }

  return {
    isRated,
    frozen(before, event, step) {
      if (unread && (event.type === 'storeBack' || !before.fault)) return afterUnread(before, step);
      unread = false;
      const { drafts } = step;
      if (drafts.length === 0) return step;
      const outcome = journal.append(drafts);
      if (outcome.ok) {
        if (event.type === 'storeBack') log({ id: 'journalBack', written: drafts.length });
        onFrozen({ drafts, entries: outcome.entries });
        return step;
      }
      if (outcome.reason === 'alreadyRated' || outcome.reason === 'settled') {
        log({ id: 'draftRefused', kind: event.type, message: outcome.message });
        return event.type === 'storeBack' ? oneByOne(step) : afterContradiction(before);
      }
      if (!before.fault) log({ id: 'journalFailed', reason: outcome.reason, message: outcome.message });
      const fault = outcome.reason === 'diskFull' ? 'diskFull' : 'store';
      if (event.type === 'storeBack')
        return { ...step, state: { ...before, fault }, drafts: [], effects: [] };
      return failed(before, step, fault, queueContext(site));
    },
    found() {
      const probe = journal.append([]);
      return probe.ok || probe.reason === 'diskFull' ? present(probe.ok) : null;
    },
  };
}
