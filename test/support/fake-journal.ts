import { createHash } from 'node:crypto';
import type { AppendOutcome, Journal } from '../../src/session/kiosk.ts';
import type { Draft } from '../../src/shared/journal/entry.ts';
import type { InvitationId, Level, ServiceKey } from '../../src/shared/words.ts';

export interface FakeJournal extends Journal {
  readonly written: readonly Draft[];
  /**
   * The next appends fail like this, until set to null. `butKeeps`: the first of them is kept although it is
   * answered with an error, as a disk does whose last flush fails after the data went down.
   */
  failWith(reason: 'diskFull' | 'ioError' | null, how?: { readonly butKeeps: boolean }): void;
  /** From now on what it holds of ratings cannot be read, while it takes whatever is written; or it can again. */
  hide(hidden: boolean): void;
}

interface Kept {
  readonly ratings: ReadonlyMap<
    ServiceKey,
    {
      readonly invitation: InvitationId;
      readonly level: Level;
      readonly settled: boolean;
      readonly earlier: readonly Level[];
    }
  >;
  readonly open: ReadonlyMap<InvitationId, ServiceKey>;
  readonly helped: ReadonlySet<InvitationId>;
}

/** What the journal holds after `draft`, or its refusal; throws on what the store would call a bug. */
function taken(kept: Kept, draft: Draft): Kept | Extract<AppendOutcome, { ok: false }> {
  switch (draft.kind) {
    case 'invitation.opened': {
      const { invitation, service } = draft.body;
      if (kept.open.has(invitation)) throw new Error(`an invitation was opened twice: ${invitation}`);
      return { ...kept, open: new Map(kept.open).set(invitation, service.serviceKey) };
    }
    case 'rating.chosen': {
      const { serviceKey, invitation, level, change } = draft.body;
      const rating = kept.ratings.get(serviceKey);
      if (rating && (change === 0 || rating.invitation !== invitation || rating.settled))
        return { ok: false, reason: 'alreadyRated', message: serviceKey };
      if (kept.open.get(invitation) !== serviceKey)
        throw new Error(`a level was chosen in no open invitation: ${invitation}`);
      return {
        ...kept,
        ratings: new Map(kept.ratings).set(serviceKey, {
          invitation,
          level,
          settled: false,
          earlier: rating ? [...rating.earlier, rating.level] : [],
        }),
      };
    }
    case 'rating.withdrawn': {
      const { serviceKey, invitation, level } = draft.body;
      const rating = kept.ratings.get(serviceKey);
      if (rating?.settled) return { ok: false, reason: 'settled', message: serviceKey };
      if (rating?.invitation !== invitation || rating.level !== level)
        throw new Error(`a choice was withdrawn that does not stand: ${serviceKey}`);
      const ratings = new Map(kept.ratings);
      const before = rating.earlier.at(-1);
      if (before === undefined) ratings.delete(serviceKey);
      else ratings.set(serviceKey, { ...rating, level: before, earlier: rating.earlier.slice(0, -1) });
      return { ...kept, ratings };
    }
    case 'rating.settled': {
      const { serviceKey, invitation, level } = draft.body;
      const rating = kept.ratings.get(serviceKey);
      if (!rating) throw new Error(`settled without a rating: ${serviceKey}`);
      if (rating.invitation !== invitation) return { ok: false, reason: 'alreadyRated', message: serviceKey };
      if (rating.settled) return { ok: false, reason: 'settled', message: serviceKey };
      if (rating.level !== level) throw new Error(`settled at another level than chosen: ${serviceKey}`);
      return { ...kept, ratings: new Map(kept.ratings).set(serviceKey, { ...rating, settled: true }) };
    }
    case 'rating.detailed': {
      const rating = kept.ratings.get(draft.body.serviceKey);
      if (!rating?.settled || rating.invitation !== draft.body.invitation)
        throw new Error(`details before the rating is settled: ${draft.body.serviceKey}`);
      return kept;
    }
    case 'rating.helpRequested': {
      const { serviceKey, invitation } = draft.body;
      const rating = kept.ratings.get(serviceKey);
      if (!rating?.settled || rating.invitation !== invitation)
        throw new Error(`help was asked for before the rating is settled: ${serviceKey}`);
      if (kept.helped.has(invitation)) throw new Error(`help was asked for twice: ${serviceKey}`);
      return { ...kept, helped: new Set(kept.helped).add(invitation) };
    }
    case 'invitation.closed': {
      const { serviceKey, invitation, outcome } = draft.body;
      const rating = kept.ratings.get(serviceKey);
      const own = rating?.invitation === invitation ? rating : undefined;
      if (own && !own.settled) throw new Error(`closed before its choice is settled: ${invitation}`);
      if (outcome === 'rated' && !own) throw new Error(`closed as rated without a rating: ${invitation}`);
      const open = new Map(kept.open);
      if (!open.delete(invitation)) throw new Error(`an invitation was closed twice: ${invitation}`);
      return { ...kept, open };
    }
    default:
      return kept;
  }
}

/** A journal in memory that keeps the store's rules and throws on what the store would call a bug. */
export function createFakeJournal(): FakeJournal {
  const written: Draft[] = [];
  let kept: Kept = { ratings: new Map(), open: new Map(), helped: new Set() };
  let failure: 'diskFull' | 'ioError' | null = null;
  let keepsOne = false;
  let isHidden = false;

  /** All of an act or nothing of it. */
  function append(drafts: readonly Draft[]): AppendOutcome {
    let next = kept;
    for (const draft of drafts) {
      const after = taken(next, draft);
      if ('ok' in after) return after;
      next = after;
    }
    kept = next;
    const entries = drafts.map((draft) => {
      written.push(draft);
      return { hash: createHash('sha256').update(`${written.length}`).digest('hex') };
    });
    return { ok: true, entries };
  }

  return {
    written,
    failWith(reason, how) {
      failure = reason;
      keepsOne = how?.butKeeps ?? false;
    },
    append(drafts) {
      if (!failure) return append(drafts);
      if (keepsOne && drafts.length > 0) {
        keepsOne = false;
        const outcome = append(drafts);
        if (!outcome.ok) return outcome;
      }
      return { ok: false, reason: failure, message: 'injected' };
    },
    hide(hidden) {
      isHidden = hidden;
    },
    ratingOf: (serviceKey) => (isHidden ? 'unreadable' : kept.ratings.get(serviceKey)),
    unfinished() {
      if (isHidden) return 'unreadable';
      return {
        ratings: [...kept.ratings.entries()].flatMap(([serviceKey, { invitation, level, settled }]) =>
          settled ? [] : [{ serviceKey, invitation, level }],
        ),
        invitations: [...kept.open].map(([invitation, serviceKey]) => ({ invitation, serviceKey })),
      };
    },
  };
}
