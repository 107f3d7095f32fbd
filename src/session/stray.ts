import type { Draft } from '../shared/journal/entry.ts';
import type { InvitationId, ServiceKey } from '../shared/words.ts';
import type { Unfinished } from './recovery.ts';

/** What the journal holds once it can be read again after a fault. */
export interface Found {
  /** The journal takes new citizens; without room it only brings to an end what is open. */
  readonly room: boolean;
  readonly unfinished: Unfinished;
  /** Whether the journal holds a rating of it, settled or not. */
  readonly isRated: (serviceKey: ServiceKey) => boolean;
}

/**
 * What the session still owes the journal after a fault. A disk that reports an error may have kept the act all
 * the same: what it kept is not written twice, a choice that it kept is a choice (the citizen did press) and is
 * settled by `fault` at the level that it kept, an invitation that it kept and nobody was shown is closed.
 * Nothing is open under a fault, so whatever the journal holds open belongs to an act of that kind.
 */
export function owedAfterFault(unwritten: readonly Draft[], found: Found): readonly Draft[] {
  const steppedBack = new Set<InvitationId>();
  const ratings = new Map(found.unfinished.ratings.map((rating) => [rating.invitation, rating]));
  const open = new Map(found.unfinished.invitations.map((one) => [one.invitation, one]));

  /** A withdrawn change of mind is followed by the end of the choice before it; a withdrawn first choice is not. */
  const settles = new Set(
    unwritten.flatMap((draft) => (draft.kind === 'rating.settled' ? [draft.body.invitation] : [])),
  );

  const settled = (invitation: InvitationId): readonly Draft[] => {
    const kept = ratings.get(invitation);
    if (!kept) return [];
    ratings.delete(invitation);
    const { serviceKey, level } = kept;
    return [{ kind: 'rating.settled', body: { invitation, serviceKey, level, by: 'fault' } }];
  };
  const closed = (invitation: InvitationId, draft: Extract<Draft, { kind: 'invitation.closed' }>) => {
    if (!open.delete(invitation)) return [];
    const stray = settled(invitation);
    if (stray.length === 0) return [draft];
    return [...stray, { ...draft, body: { ...draft.body, outcome: 'rated', reason: 'fault' } } as const];
  };

  const owed = unwritten.flatMap((draft): readonly Draft[] => {
    switch (draft.kind) {
      case 'rating.withdrawn': {
        const { invitation, level } = draft.body;
        // Otherwise the disk kept the withdrawal itself.
        if (ratings.get(invitation)?.level !== level) return [];
        if (settles.has(invitation)) steppedBack.add(invitation);
        else ratings.delete(invitation);
        return [draft];
      }
      case 'rating.settled': {
        const kept = ratings.get(draft.body.invitation);
        ratings.delete(draft.body.invitation);
        if (steppedBack.has(draft.body.invitation)) return [draft];
        // The change of mind that was answered with an error may be the level that the disk kept.
        return kept ? [{ ...draft, body: { ...draft.body, level: kept.level } }] : [];
      }
      case 'invitation.closed':
        return closed(draft.body.invitation, draft);
      case 'service.notInvited':
        return found.isRated(draft.body.serviceKey) ? [] : [draft];
      default:
        return [draft];
    }
  });
  const strays = [...open.values()].flatMap(({ invitation, serviceKey }) =>
    closed(invitation, {
      kind: 'invitation.closed',
      body: { invitation, serviceKey, outcome: 'interrupted', reason: 'store' },
    }),
  );
  return [...owed, ...strays];
}
