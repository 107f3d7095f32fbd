import { type Cause, closingDrafts, closingReport, enter } from './phases.ts';
import { type QueueContext, settleDebt } from './queue-events.ts';
import type { Fresh, SessionEvent, SessionState, Step } from './state.ts';
import { unchanged } from './state.ts';

/** What the tablet does while no queue-calling system can be heard: a clerk opens ratings by hand, or nobody is asked. */
export type WhenQueueIsLost = 'manual' | 'paused';

/** The reason an invitation bears that nobody had answered when the queue side was lost. */
export const QUEUE_LOST = 'queueLost';
const BY_LOSS: Cause = { by: 'fault', outcome: 'interrupted', reason: QUEUE_LOST };

/**
 * Nobody knows any more who sits at the counter: an invitation that is not answered yet ends, so that the next citizen
 * does not find it. Whoever has chosen is heard to the end. The queue side is not told: it may still be asking.
 */
export function onQueueLost(state: SessionState, context: QueueContext): Step {
  const { phase } = state;
  const lost = { ...state, queueLost: true };
  if (phase.name !== 'inviting' || phase.service.manual) return unchanged(lost);
  const entered = enter(lost, { name: 'serving', service: phase.service, invited: 'cutOff' });
  return {
    ...unchanged(entered.state),
    drafts: closingDrafts(phase, context.pack, BY_LOSS),
    effects: entered.effects,
  };
}

/**
 * It can be heard again. What it says is so has been taken before this; what it did not contradict goes on, if it would have
 * said so. Where it has not, nobody is asked about a service that may be over, unless that was finished since.
 */
export function onQueueBack(
  state: SessionState,
  { tellsState, finished }: Pick<Extract<SessionEvent, { type: 'queueBack' }>, 'tellsState' | 'finished'>,
  fresh: Fresh,
  context: QueueContext,
): Step {
  const { phase } = state;
  const back = { ...state, queueLost: false };
  const isOwed = phase.name === 'serving' && (phase.invited === 'cutOff' || phase.invited === 'owed');
  if (tellsState || !isOwed || phase.service.manual || phase.service.serviceKey === finished)
    return settleDebt(back, fresh, context);
  return {
    ...unchanged({ ...back, phase: { ...phase, invited: 'ended' } }),
    drafts: closingDrafts(phase, context.pack, BY_LOSS, state.clerk),
    effects: closingReport(phase),
  };
}
