import { pauseAfter } from '../shared/queue-event.ts';
import { assertNever, type Clerk, type Locale, type Service } from '../shared/words.ts';
import { backToServing, type Cause, closingDrafts, closingReport, enter } from './phases.ts';
import {
  type ByHand,
  currentService,
  type Fresh,
  type Phase,
  refused,
  type SessionEvent,
  type SessionState,
  type Step,
  unchanged,
} from './state.ts';

/** A day of a busy counter fits in; a duplicate arrives within seconds. */
const SEEN_KEPT = 512;

export interface QueueContext {
  readonly pack: string;
  readonly defaultLocale: Locale;
  readonly counter: string;
}

/** Why a service was left: a clerk opened another one by hand. */
export const OPENED_BY_HAND = 'openedByHand';
/** Why a served ticket was not asked about whose citizen had rated already where a clerk had opened it by hand. */
const RATED_BY_HAND = 'ratedByHand';
const NEXT: Cause = { by: 'superseded', outcome: 'superseded', reason: 'nextCalled' };

/** What the queue-calling system says, in every phase. The outcomes are design.md's; docs/session.md lists them. */
export function onQueueEvent(
  state: SessionState,
  input: Pick<Extract<SessionEvent, { type: 'queue' }>, 'event' | 'rated' | 'byHand'>,
  fresh: Fresh,
  context: QueueContext,
): Step {
  const { event } = input;
  if (event.counter !== context.counter) return unchanged(state, refused('notNow'));
  if (state.seen.includes(event.id)) return unchanged(state);
  const noted: SessionState = { ...state, seen: [...state.seen.slice(1 - SEEN_KEPT), event.id] };

  switch (event.kind) {
    case 'called':
    case 'recalled':
      return onCalled(noted, event.service, input.rated, event.kind, context);
    case 'served':
      if (!input.rated && isRatedByHand(noted.phase, input.byHand))
        return ratedByHand(noted, event.service, input.byHand, context);
      return onServed(noted, event.service, input.rated, fresh, context);
    case 'skipped':
    case 'transferred':
      return currentService(noted.phase)?.serviceKey === event.service.serviceKey
        ? leave(noted, { name: 'idle' }, { ...NEXT, reason: event.kind }, context)
        : unchanged(noted);
    case 'paused':
      return noted.paused ? unchanged(noted) : onPaused(noted, 'queue', context);
    case 'resumed':
      return noted.paused ? onResumed(noted, 'queue', fresh, context) : unchanged(noted);
    case 'clerkOn':
      return unchanged({ ...noted, clerk: known(noted.clerk, event.clerk), signedOff: false });
    case 'clerkOff':
      return unchanged({ ...noted, clerk: null, signedOff: true });
    case 'reset': {
      // A queue side that has no ticket open says nothing of one that a clerk opened by hand.
      if (event.nothingOpen && currentService(noted.phase)?.manual) return unchanged(noted);
      const step = leave(
        noted,
        { name: 'idle' },
        { by: 'reset', outcome: 'interrupted', reason: 'reset' },
        context,
      );
      return noted.paused && pauseAfter(event) === false
        ? withDrafts(step, { kind: 'pause.changed', body: { paused: false, by: 'queue' } }, { paused: false })
        : step;
    }
    default:
      return assertNever(event);
  }
}

function onCalled(
  state: SessionState,
  service: Service,
  rated: boolean,
  kind: 'called' | 'recalled',
  context: QueueContext,
): Step {
  const { phase } = state;
  const serving: Phase = { name: 'serving', service, invited: rated ? 'rated' : 'not' };
  if (currentService(phase)?.serviceKey !== service.serviceKey) return leave(state, serving, NEXT, context);
  // The same ticket again: a service whose invitation is open is evidently not finished yet. A rating that has
  // been given stands, and its thanks may stay on the screen.
  if (phase.name === 'inviting')
    return leave(
      state,
      { ...serving, invited: 'recalled' },
      { by: 'reset', outcome: 'interrupted', reason: kind },
      context,
    );
  // Called again before anybody was asked: it is not finished, so nothing is owed.
  if (phase.name === 'serving' && (phase.invited === 'owed' || phase.invited === 'cutOff'))
    return unchanged({
      ...state,
      phase: { ...phase, invited: phase.invited === 'owed' ? 'not' : 'recalled' },
    });
  return unchanged(state);
}

function onServed(
  state: SessionState,
  service: Service,
  rated: boolean,
  fresh: Fresh,
  context: QueueContext,
): Step {
  const { phase } = state;
  const same = currentService(phase)?.serviceKey === service.serviceKey;
  if (same && phase.name !== 'serving') return unchanged(state);
  // One service, one rating: it may be finished as often as it likes, it is not asked about again.
  if (rated)
    return alreadyRated(
      same
        ? unchanged({ ...state, phase: { name: 'serving', service, invited: 'rated' } })
        : leave(state, { name: 'serving', service, invited: 'rated' }, NEXT, context),
      service,
    );
  // Nor is somebody asked again who has said no.
  if (same && phase.name === 'serving' && phase.invited === 'declined')
    return unchanged(state, refused('notNow'));
  const cause = service.manual ? { ...NEXT, reason: OPENED_BY_HAND } : NEXT;
  const left = same
    ? unchanged(state)
    : leave(state, { name: 'serving', service, invited: 'not' }, cause, context);
  return invite(left, service, fresh, context);
}

/** A clerk opened this ticket by hand, and the citizen has chosen there: nobody is asked twice for one ticket. */
function isRatedByHand(phase: Phase, byHand: ByHand): boolean {
  return byHand.rated || (phase.name === 'chosen' && byHand.keys.includes(phase.service.serviceKey));
}

/**
 * The rating stays what it is, one by hand; the served ticket has none, and the ledger says why. The page of whoever is
 * still answering stays.
 */
function ratedByHand(state: SessionState, service: Service, { keys }: ByHand, context: QueueContext): Step {
  const { phase } = state;
  const before = currentService(phase);
  const isOpenStill = phase.name !== 'serving' && before !== null && keys.includes(before.serviceKey);
  const isNoted = phase.name === 'serving' && before?.serviceKey === service.serviceKey;
  const serving: Phase = { name: 'serving', service, invited: 'rated' };
  if (isNoted && phase.invited === 'rated') return unchanged(state, refused('alreadyRated'));
  const left = isNoted
    ? unchanged({ ...state, phase: serving })
    : isOpenStill
      ? unchanged(state)
      : leave(state, serving, NEXT, context);
  const clerk = service.clerk ?? state.clerk;
  return {
    ...left,
    drafts: [
      ...left.drafts,
      {
        kind: 'service.notInvited',
        body: {
          serviceKey: service.serviceKey,
          reason: RATED_BY_HAND,
          ...(clerk ? { clerk: clerk.number } : {}),
        },
      },
    ],
    effects: [...left.effects, { type: 'report', service, rated: false }],
    answer: refused('alreadyRated'),
  };
}

/** The queue side asks because it does not know; now it does, and goes on. */
function alreadyRated(step: Step, service: Service): Step {
  return {
    ...step,
    effects: [...step.effects, { type: 'report', service, rated: true }],
    answer: refused('alreadyRated'),
  };
}

/** What the site knows of the same clerk (the star grade) stands beside what the queue side says. */
function known(before: Clerk | null, now: Clerk): Clerk {
  return before?.number === now.number ? { ...before, ...now } : now;
}

/** Opens the invitation, or notes that it is owed while nobody may be asked. */
function invite(step: Step, service: Service, fresh: Fresh, context: QueueContext): Step {
  const { state } = step;
  if (state.paused || state.fault || (state.queueLost && !service.manual)) {
    const { phase } = state;
    const cutOff = phase.name === 'serving' && phase.invited === 'cutOff';
    return {
      ...step,
      state: { ...state, phase: { name: 'serving', service, invited: cutOff ? 'cutOff' : 'owed' } },
    };
  }
  const entered = enter(state, { name: 'inviting', service, invitation: fresh.invitation });
  return {
    ...step,
    state: entered.state,
    drafts: [
      ...step.drafts,
      {
        kind: 'invitation.opened',
        body: {
          invitation: fresh.invitation,
          counter: context.counter,
          service: state.clerk && !service.clerk ? { ...service, clerk: state.clerk } : service,
        },
      },
    ],
    effects: [...step.effects, ...entered.effects, { type: 'promptButtons' }],
  };
}

/** After a pause, a fault or a loss of the queue side: opens the invitation that is owed, if one is. */
export function settleDebt(state: SessionState, fresh: Fresh, context: QueueContext): Step {
  const { phase } = state;
  return phase.name === 'serving' && (phase.invited === 'owed' || phase.invited === 'cutOff')
    ? invite(unchanged(state), phase.service, fresh, context)
    : unchanged(state);
}

/** Who paused or resumed: one pause, and the last word holds. */
export type PausedBy = 'queue' | 'staff';

export function onResumed(state: SessionState, by: PausedBy, fresh: Fresh, context: QueueContext): Step {
  const step = settleDebt({ ...state, paused: false }, fresh, context);
  return {
    ...step,
    drafts: [{ kind: 'pause.changed', body: { paused: false, by } }, ...step.drafts],
  };
}

/** Leaves the phase for another, bringing what is open to its end. The next person finds the site's language. */
export function leave(state: SessionState, to: Phase, cause: Cause, context: QueueContext): Step {
  const entered = enter(state, to);
  const sameCitizen = currentService(to)?.serviceKey === currentService(state.phase)?.serviceKey;
  return {
    state: sameCitizen ? entered.state : { ...entered.state, locale: context.defaultLocale },
    drafts: closingDrafts(state.phase, context.pack, cause, state.clerk),
    effects: [...entered.effects, ...closingReport(state.phase)],
    answer: { accepted: true },
  };
}

/** A pause ends what is open; a ticket that is only being served stays where it is. */
export function onPaused(state: SessionState, by: PausedBy, context: QueueContext): Step {
  const { phase } = state;
  const step =
    phase.name === 'idle' || phase.name === 'serving'
      ? unchanged(state)
      : leave(
          state,
          backToServing(phase, phase.name === 'inviting' ? 'ended' : 'rated'),
          { by: 'paused', outcome: 'interrupted', reason: 'paused' },
          context,
        );
  return withDrafts(step, { kind: 'pause.changed', body: { paused: true, by } }, { paused: true });
}

function withDrafts(step: Step, draft: Step['drafts'][number], change: Partial<SessionState>): Step {
  return { ...step, state: { ...step.state, ...change }, drafts: [...step.drafts, draft] };
}
