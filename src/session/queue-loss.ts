import { closingDrafts, closingReport, enter } from './phases.ts';
import { type QueueContext, settleDebt } from './queue-events.ts';
import type { Fresh, SessionState, Step } from './state.ts';
import { unchanged } from './state.ts';

/** What the tablet does while no queue-calling system can be heard: a clerk opens ratings by hand, or nobody is asked. */
export type WhenQueueIsLost = 'manual' | 'paused';

/** The reason an invitation bears that nobody had answered when the queue side was lost. */
export const QUEUE_LOST = 'queueLost';

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
    drafts: closingDrafts(phase, context.pack, { by: 'fault', outcome: 'interrupted', reason: QUEUE_LOST }),
    effects: entered.effects,
  };
}

/**
 * It can be heard again. What it says is so has been taken before this; what it did not contradict goes on, if it would have said so.
 * @param tellsState false: it cannot say whether the service is still there, and nobody is asked about one that may be over.
 */
export function onQueueBack(
  state: SessionState,
  tellsState: boolean,
  fresh: Fresh,
  context: QueueContext,
): Step {
  const { phase } = state;
  const back = { ...state, queueLost: false };
  if (tellsState || phase.name !== 'serving' || phase.invited !== 'cutOff')
    return settleDebt(back, fresh, context);
  return {
    ...unchanged({ ...back, phase: { ...phase, invited: 'ended' } }),
    effects: closingReport(phase),
  };
}
