import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import {
  drafts,
  invitationId,
  mustOpen,
  newFolder,
  type Service,
  serviceKey,
  storeParts,
} from '../../test/support/store-parts.ts';
import { type Draft, ENTRY_BODIES, isEntryKind } from '../shared/journal/entry.ts';
import { ed25519Sha256 } from '../shared/journal/suite.ts';
import { verifyEntries } from '../shared/journal/verify.ts';
import type { Level } from '../shared/words.ts';
import { type Connection, connect, JOURNAL_FILE } from './connection.ts';
import { rebuildProjections } from './projections.ts';
import type { StoredEntry } from './store.ts';

const level = fc.constantFrom<Level>(1, 2, 3, 4, 5);
/** Three services and two invitations each are enough for everything that can collide. */
const invitations = Array.from({ length: 3 }, () => [invitationId(), invitationId()]);
const service = fc.tuple(fc.nat(2), fc.nat(1)).map(
  ([s, i]): Service => ({
    serviceKey: serviceKey(`service-${s}`),
    invitation: invitations[s]?.[i] ?? invitationId(),
  }),
);
const draft = fc.oneof(
  { weight: 3, arbitrary: service.map(drafts.opened) },
  { weight: 5, arbitrary: fc.tuple(service, level, fc.nat(3)).map((given) => drafts.chosen(...given)) },
  { weight: 3, arbitrary: fc.tuple(service, level).map((given) => drafts.withdrawn(...given)) },
  { weight: 4, arbitrary: fc.tuple(service, level).map((given) => drafts.settled(...given)) },
  { weight: 1, arbitrary: service.map((given) => drafts.detailed(given, ['510'])) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(service, fc.constantFrom('rated', 'timedOut', 'declined'))
      .map(([given, outcome]) => drafts.closed(given, outcome as 'rated')),
  },
  { weight: 1, arbitrary: fc.boolean().map(drafts.paused) },
);
const acts = fc.array(fc.array(draft, { minLength: 1, maxLength: 3 }), { maxLength: 40 });

/** The journal's meaning, told a second time and in the plainest way. */
function fold(entries: readonly StoredEntry[]) {
  const ratings = new Map<string, object>();
  /** Behind the rating that stands, oldest first. */
  const behind = new Map<string, number[]>();
  const open = new Map<string, string>();
  for (const entry of entries) {
    if (!isEntryKind(entry.kind)) throw new Error(entry.kind);
    const body = ENTRY_BODIES[entry.kind].parse(JSON.parse(entry.body));
    const read = { kind: entry.kind, body } as Draft;
    if (read.kind === 'invitation.opened') open.set(read.body.invitation, read.body.service.serviceKey);
    if (read.kind === 'invitation.closed') open.delete(read.body.invitation);
    if (read.kind === 'rating.chosen') {
      const { serviceKey, invitation, level, change } = read.body;
      behind.set(serviceKey, [...(change === 0 ? [] : (behind.get(serviceKey) ?? [])), level]);
      ratings.set(serviceKey, {
        service_key: serviceKey,
        invitation,
        level,
        changes: change,
        settled_hash: null,
      });
    }
    if (read.kind === 'rating.withdrawn') {
      const { serviceKey } = read.body;
      const levels = behind.get(serviceKey)?.slice(0, -1) ?? [];
      behind.set(serviceKey, levels);
      if (levels.length === 0) ratings.delete(serviceKey);
      else ratings.set(serviceKey, { ...ratings.get(serviceKey), level: levels.at(-1) });
    }
    if (read.kind === 'rating.settled')
      ratings.set(read.body.serviceKey, { ...ratings.get(read.body.serviceKey), settled_hash: entry.hash });
  }
  const byKey = (a: readonly [string, unknown], b: readonly [string, unknown]) => (a[0] < b[0] ? -1 : 1);
  return {
    ratings: [...ratings].sort(byKey).map(([, rating]) => rating),
    open: [...open].sort(byKey).map(([invitation, service_key]) => ({ invitation, service_key })),
  };
}

function projected(db: Connection) {
  return {
    ratings: db
      .prepare(
        'SELECT service_key, invitation, level, changes, lower(hex(settled_hash)) AS settled_hash FROM rating ORDER BY service_key',
      )
      .all()
      .map((row) => {
        const rating = row as { settled_hash: string };
        return { ...rating, settled_hash: rating.settled_hash === '' ? null : rating.settled_hash };
      }),
    open: db
      .prepare('SELECT invitation, service_key FROM invitation WHERE outcome IS NULL ORDER BY invitation')
      .all(),
  };
}

it('whatever is asked, valid or not: the chain holds, a service has one rating, projections are the journal', () => {
  fc.assert(
    fc.property(acts, (asked) => {
      const { folder, remove } = newFolder();
      const parts = storeParts(folder);
      const store = mustOpen(parts);
      try {
        for (const act of asked) {
          const before = store.head();
          try {
            if (store.append(act).ok) continue;
          } catch {
            // What only a bug asks for; it must leave no trace either.
          }
          expect(store.head()).toEqual(before);
        }
        const entries = [...store.entries()];
        expect(verifyEntries(ed25519Sha256, parts.signer.publicKey, entries)).toMatchObject({
          ok: true,
          entries: store.head().seq,
        });
        store.close();
        const db = connect(join(folder, JOURNAL_FILE), { mustExist: true });
        try {
          const expected = fold(entries);
          expect(projected(db)).toEqual(expected);
          rebuildProjections(db);
          expect(projected(db)).toEqual(expected);
          expect(triggersOf(db)).toEqual([
            'rating_settles_once',
            'rating_settles_what_was_chosen',
            'rating_stays',
          ]);
        } finally {
          db.close();
        }
      } finally {
        store.close();
        remove();
      }
    }),
    { numRuns: 40 },
  );
});

function triggersOf(db: Connection): unknown[] {
  return db
    .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'rating' ORDER BY name")
    .pluck()
    .all();
}
