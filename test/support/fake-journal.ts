import { createHash } from 'node:crypto';
import type { AppendOutcome, Journal } from '../../src/session/kiosk.ts';
import type { Draft } from '../../src/shared/journal/entry.ts';

export interface FakeJournal extends Journal {
  readonly written: readonly Draft[];
  /** The next appends fail like this, until set to null. */
  failWith(reason: 'diskFull' | 'ioError' | null): void;
}

/** A journal in memory that keeps the store's rules and throws on what the store would call a bug. */
export function createFakeJournal(): FakeJournal {
  const written: Draft[] = [];
  const ratings = new Map<string, { invitation: string; level: number; settled: boolean }>();
  const open = new Map<string, { invitation: never; serviceKey: never }>();
  let failure: 'diskFull' | 'ioError' | null = null;

  function check(draft: Draft): AppendOutcome | null {
    if (draft.kind !== 'rating.chosen' && draft.kind !== 'rating.settled' && draft.kind !== 'rating.detailed')
      return null;
    const { serviceKey, invitation } = draft.body;
    const rating = ratings.get(serviceKey);
    if (draft.kind === 'rating.chosen') {
      if (!open.has(invitation)) throw new Error(`a level was chosen in no open invitation: ${invitation}`);
      if (rating && (draft.body.change === 0 || rating.invitation !== invitation || rating.settled))
        return { ok: false, reason: 'alreadyRated', message: serviceKey };
      ratings.set(serviceKey, { invitation, level: draft.body.level, settled: false });
      return null;
    }
    if (!rating) throw new Error(`${draft.kind} without a rating: ${serviceKey}`);
    if (draft.kind === 'rating.detailed') {
      if (!rating.settled) throw new Error(`details before the rating is settled: ${serviceKey}`);
      return null;
    }
    if (rating.settled) return { ok: false, reason: 'settled', message: serviceKey };
    if (rating.level !== draft.body.level)
      throw new Error(`settled at another level than chosen: ${serviceKey}`);
    rating.settled = true;
    return null;
  }

  return {
    written,
    failWith(reason) {
      failure = reason;
    },
    append(drafts) {
      if (failure) return { ok: false, reason: failure, message: 'injected' };
      const entries: { hash: string }[] = [];
      for (const draft of drafts) {
        const refusal = check(draft);
        if (refusal) return refusal;
        if (draft.kind === 'invitation.opened')
          open.set(draft.body.invitation, {
            invitation: draft.body.invitation as never,
            serviceKey: draft.body.service.serviceKey as never,
          });
        if (draft.kind === 'invitation.closed' && !open.delete(draft.body.invitation))
          throw new Error(`an invitation was closed twice: ${draft.body.invitation}`);
        written.push(draft);
        entries.push({ hash: createHash('sha256').update(`${written.length}`).digest('hex') });
      }
      return { ok: true, entries };
    },
    ratingOf: (serviceKey) => ratings.get(serviceKey),
    unfinished: () => ({
      ratings: [...ratings.entries()]
        .filter(([, rating]) => !rating.settled)
        .map(([serviceKey, rating]) => ({
          serviceKey: serviceKey as never,
          invitation: rating.invitation as never,
          level: rating.level as never,
        })),
      invitations: [...open.values()],
    }),
  };
}
