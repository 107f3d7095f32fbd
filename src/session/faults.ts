import type { Draft } from '../shared/journal/entry.ts';
import { backToServing, type Cause, closingDrafts, closingReport, enter } from './phases.ts';
import { type QueueContext, settleDebt } from './queue-events.ts';
import {
  type Fresh,
  type Phase,
  refused,
  type SessionState,
  type Step,
  type StoreFault,
  unchanged,
} from './state.ts';
import { type Found, owedAfterFault } from './stray.ts';

/** Far more than a counter produces in the hours a disk may stay full; beyond it the oldest link news go first. */
const UNWRITTEN_KEPT = 10_000;

const BY_FAULT: Cause = { by: 'fault', outcome: 'interrupted', reason: 'store' };

/**
 * The journal did not take `step`. A level or a request for help that was just pressed is not there, is not thanked for, and the
 * screen says so; everything else that happened did happen, and is written as soon as the journal is back.
 * Either way nothing stays open under a fault.
 */
export function failed(before: SessionState, step: Step, fault: StoreFault, context: QueueContext): Step {
  const pressed = step.drafts.some(
    (draft) => draft.kind === 'rating.chosen' || draft.kind === 'rating.helpRequested',
  );
  const base = pressed ? before : step.state;
  const happened = pressed ? [] : step.drafts;
  const opened = new Set(
    happened.flatMap((draft) => (draft.kind === 'invitation.opened' ? [draft.body.invitation] : [])),
  );
  const { phase } = base;
  const neverShown = phase.name === 'inviting' && opened.has(phase.invitation);
  const open = phase.name === 'idle' || phase.name === 'serving' || neverShown;
  const owed: Draft[] = [
    ...happened.filter((draft) => draft.kind !== 'invitation.opened'),
    ...(open ? [] : closingDrafts(phase, context.pack, BY_FAULT)),
  ];
  const entered = enter(base, underFault(phase));
  return {
    state: { ...entered.state, fault, unwritten: bounded([...before.unwritten, ...owed]) },
    drafts: [],
    effects: [
      ...entered.effects.filter((effect) => effect.type !== 'startDelay'),
      ...(base.delay || before.delay ? [{ type: 'stopDelay' } as const] : []),
      ...(open ? [] : closingReport(phase)),
    ],
    answer: refused('notDurable'),
  };
}

/**
 * The journal holds a rating of this service already, which the session did not know of: the press is refused
 * for the second time over, and the invitation is through.
 */
export function contradicted(before: SessionState): Step {
  const { phase } = before;
  if (phase.name === 'idle' || phase.name === 'serving') return unchanged(before, refused('alreadyRated'));
  const entered = enter(before, backToServing(phase, 'rated'));
  const { invitation, service } = phase;
  return {
    state: entered.state,
    drafts:
      phase.name === 'inviting'
        ? [
            {
              kind: 'invitation.closed',
              body: {
                invitation,
                serviceKey: service.serviceKey,
                outcome: 'interrupted',
                reason: 'alreadyRated',
              },
            },
          ]
        : [],
    effects: entered.effects,
    answer: refused('alreadyRated'),
  };
}

/** While the fault lasts: what happens is noted for later instead of being frozen now. */
export function postponed(step: Step): Step {
  if (step.drafts.length === 0) return step;
  return {
    ...step,
    state: { ...step.state, unwritten: bounded([...step.state.unwritten, ...step.drafts]) },
    drafts: [],
  };
}

/**
 * The journal is back: first what it missed, then the invitation that is owed. Where it has room only for what
 * ends something, that is written and the fault stays.
 */
export function onStoreBack(
  state: SessionState,
  found: Found | null,
  fresh: Fresh,
  context: QueueContext,
): Step {
  if (!found) return unchanged(state);
  const owed = owedAfterFault(state.unwritten, found);
  const told = withKeptRating(state, found, owed);
  if (found.room) {
    const step = settleDebt({ ...told.state, fault: null, unwritten: [] }, fresh, context);
    return { ...step, drafts: [...owed, ...step.drafts], effects: [...told.effects, ...step.effects] };
  }
  // News of links and pauses can wait; they must not use up the room that is kept for ratings.
  const ends = owed.some((draft) => draft.kind !== 'link.changed' && draft.kind !== 'pause.changed');
  if (!ends) return unchanged(state);
  return { ...told, state: { ...told.state, unwritten: [] }, drafts: owed };
}

/** The disk kept the rating of a service that was to be asked about again: it is through with. */
function withKeptRating(state: SessionState, found: Found, owed: readonly Draft[]): Step {
  const { phase } = state;
  if (phase.name !== 'serving' || phase.invited !== 'owed') return unchanged(state);
  const { serviceKey } = phase.service;
  const owes = (kind: Draft['kind']) =>
    owed.some(
      (draft) => draft.kind === kind && 'serviceKey' in draft.body && draft.body.serviceKey === serviceKey,
    );
  const takenBack = owes('rating.withdrawn') && !owes('rating.settled');
  if (!found.isRated(serviceKey) || takenBack) return unchanged(state);
  return {
    ...unchanged({ ...state, phase: { ...phase, invited: 'rated' } }),
    effects: [{ type: 'report', service: phase.service, rated: true }],
  };
}

/** Somebody who was being asked when the fault came is asked again after it; a given rating is through with. */
function underFault(phase: Phase): Phase {
  if (phase.name === 'idle' || phase.name === 'serving') return phase;
  return backToServing(phase, phase.name === 'inviting' ? 'owed' : 'rated');
}

/** Ratings are never let go; news of links are what a full memory can spare. */
function bounded(drafts: readonly Draft[]): readonly Draft[] {
  if (drafts.length <= UNWRITTEN_KEPT) return drafts;
  let surplus = drafts.length - UNWRITTEN_KEPT;
  return drafts.filter((draft) => draft.kind !== 'link.changed' || surplus-- <= 0);
}
