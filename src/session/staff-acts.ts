import { assertNever, type InvitationId } from '../shared/words.ts';
import { leave, onPaused, onResumed, type QueueContext } from './queue-events.ts';
import { type Fresh, refused, type SessionState, type Step, unchanged } from './state.ts';

/** All that somebody behind the counter may do to the session: nothing here rates, extends or asks again. */
export type StaffAct =
  | { readonly act: 'pause' }
  | { readonly act: 'resume' }
  /** Withdraws the invitation that is open and not answered yet. */
  | { readonly act: 'recall'; readonly invitation: InvitationId };

/** The reason an invitation bears that was withdrawn by hand. */
export const STAFF_RECALLED = 'staffRecalled';

export function onStaff(state: SessionState, staff: StaffAct, fresh: Fresh, context: QueueContext): Step {
  const { phase } = state;
  switch (staff.act) {
    case 'pause':
      if (state.paused) return unchanged(state);
      // Whoever has chosen is heard to the end: a pause by hand would cut their change of mind and their reasons short.
      if (phase.name !== 'idle' && phase.name !== 'serving' && phase.name !== 'inviting')
        return unchanged(state, refused('notNow'));
      return onPaused(state, 'staff', context);
    case 'resume':
      return state.paused ? onResumed(state, 'staff', fresh, context) : unchanged(state);
    case 'recall':
      if (phase.name !== 'inviting') return unchanged(state, refused('notNow'));
      if (phase.invitation !== staff.invitation) return unchanged(state, refused('staleInvitation'));
      return leave(
        state,
        // Nothing will ever say that the next one is called where a clerk opened it by hand: the screen is nobody's.
        { name: 'serving', service: phase.service, invited: phase.service.manual ? 'ended' : 'recalled' },
        { by: 'reset', outcome: 'interrupted', reason: STAFF_RECALLED },
        context,
      );
    default:
      return assertNever(staff);
  }
}
