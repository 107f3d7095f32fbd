import type { Draft } from '../shared/journal/entry.ts';
import type { InvitationId, Level, ServiceKey } from '../shared/words.ts';

/** What a power cut left open in the journal. */
export interface Unfinished {
  readonly ratings: readonly {
    readonly invitation: InvitationId;
    readonly serviceKey: ServiceKey;
    readonly level: Level;
  }[];
  readonly invitations: readonly { readonly invitation: InvitationId; readonly serviceKey: ServiceKey }[];
}

/** A choice that was frozen stands; an invitation without one was interrupted. */
export function recoveryDrafts(unfinished: Unfinished): readonly Draft[] {
  const chosen = new Set(unfinished.ratings.map((rating) => rating.invitation));
  return [
    ...unfinished.ratings.flatMap(({ invitation, serviceKey, level }): Draft[] => [
      { kind: 'rating.settled', body: { invitation, serviceKey, level, by: 'recovery' } },
      { kind: 'invitation.closed', body: { invitation, serviceKey, outcome: 'rated', reason: 'recovery' } },
    ]),
    ...unfinished.invitations
      .filter(({ invitation }) => !chosen.has(invitation))
      .map(
        ({ invitation, serviceKey }): Draft => ({
          kind: 'invitation.closed',
          body: { invitation, serviceKey, outcome: 'interrupted', reason: 'restart' },
        }),
      ),
  ];
}
