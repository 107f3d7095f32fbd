import { trueTimes } from '../../shared/journal/true-time.ts';
import type { InvitationRow } from './projection.ts';
import type { WireEntry } from './read-batch.ts';

/**
 * When invitations with a served-ticket token were opened: by the device's clock less what that was off when it sent,
 * and never outside of what is known of its true time (docs/time.md). Of the others nobody asks.
 */
export function whenOpened(
  invitations: readonly InvitationRow[],
  entries: readonly WireEntry[],
  facts: { readonly nowMs: number; readonly clockOffsetMs: number },
): readonly InvitationRow[] {
  if (invitations.every(({ servedToken }) => servedToken === null)) return invitations;
  const times = trueTimes(entries.map((entry) => ({ ...entry, receivedAtMs: facts.nowMs })));
  const firstSeq = entries[0]?.seq ?? 0;
  return invitations.map((invitation) => {
    if (invitation.servedToken === null) return invitation;
    const time = times[invitation.seq - firstSeq];
    const saidMs = invitation.openedAtMs - facts.clockOffsetMs;
    const trulyMs = Math.min(Math.max(saidMs, time?.fromMs ?? -Infinity), time?.toMs ?? Infinity);
    return { ...invitation, openedTrulyMs: trulyMs };
  });
}
