import { type Draft, ENTRY_BODIES, isEntryKind } from '../shared/journal/entry.ts';
import {
  assertNever,
  type InvitationId,
  InvitationIdSchema,
  type Level,
  LevelSchema,
  type ServiceKey,
  ServiceKeySchema,
} from '../shared/words.ts';
import type { Connection } from './connection.ts';
import { BentRow } from './faults.ts';

/** What the journal says about one service. */
export interface Rating {
  readonly level: Level;
  /** False while the citizen may still change the choice. */
  readonly settled: boolean;
  readonly invitation: InvitationId;
  /** Hash of the entry that settled it, hex; the receipt code is made of it. */
  readonly receiptHash?: string;
}

/** What a crash, a fault or a power cut left open. */
export interface Unfinished {
  readonly ratings: readonly {
    readonly invitation: InvitationId;
    readonly serviceKey: ServiceKey;
    readonly level: Level;
  }[];
  readonly invitations: readonly { readonly invitation: InvitationId; readonly serviceKey: ServiceKey }[];
}

/** Thrown inside the transaction to roll it back; leaves the room as a returned value. */
export class Refusal extends Error {
  readonly reason: 'alreadyRated' | 'settled';
  constructor(reason: 'alreadyRated' | 'settled', message: string) {
    super(message);
    this.reason = reason;
  }
}

interface RatingRow {
  readonly invitation: string;
  readonly level: number;
  readonly changes: number;
  readonly settled_hash: Buffer | null;
}

export interface Projections {
  /** Writes what an entry means. Throws Refusal for a second rating, Error for what no session may ever ask. */
  take(draft: Draft, hash: Uint8Array): void;
  ratingOf(serviceKey: string): Rating | undefined;
  unfinished(): Unfinished;
}

export function createProjections(db: Connection): Projections {
  const insertInvitation = db.prepare('INSERT INTO invitation (invitation, service_key) VALUES (?, ?)');
  // Each act is asked for in one statement with its conditions; only where one does not hold, it is looked up which.
  const openInvitation = db
    .prepare<[string], string>('SELECT service_key FROM invitation WHERE invitation = ? AND outcome IS NULL')
    .pluck();
  const closeInvitation = db.prepare(
    `UPDATE invitation SET outcome = @outcome WHERE invitation = @invitation AND service_key = @serviceKey AND outcome IS NULL
     AND coalesce((SELECT settled_hash IS NOT NULL FROM rating WHERE service_key = @serviceKey AND invitation = @invitation), @outcome <> 'rated')`,
  );
  // What is behind the choice is kept with it, so that withdrawing it need not read the journal.
  const insertRating = db.prepare(
    'INSERT INTO rating (service_key, invitation, level, changes) SELECT service_key, invitation, ?, 0 FROM invitation WHERE invitation = ? AND service_key = ? AND outcome IS NULL ON CONFLICT DO NOTHING',
  );
  const changeRating = db.prepare(
    'UPDATE rating SET earlier = earlier || level, level = ?, changes = ? WHERE service_key = ? AND invitation = ? AND settled_hash IS NULL AND changes < ? AND (SELECT outcome IS NULL FROM invitation WHERE invitation = rating.invitation)',
  );
  const dropRating = db.prepare(
    "DELETE FROM rating WHERE service_key = ? AND invitation = ? AND level = ? AND settled_hash IS NULL AND earlier = ''",
  );
  const stepBack = db.prepare(
    "UPDATE rating SET level = CAST(substr(earlier, -1) AS INTEGER), earlier = substr(earlier, 1, length(earlier) - 1) WHERE service_key = ? AND invitation = ? AND level = ? AND settled_hash IS NULL AND earlier <> ''",
  );
  const settleRating = db.prepare(
    "UPDATE rating SET settled_hash = ?, earlier = '' WHERE service_key = ? AND invitation = ? AND level = ? AND settled_hash IS NULL",
  );
  const readRating = db.prepare<[string], RatingRow>(
    'SELECT invitation, level, changes, settled_hash FROM rating WHERE service_key = ?',
  );
  const openRatings = db.prepare<[], { invitation: string; service_key: string; level: number }>(
    // A choice is open only while its invitation is: `closed` below sees to that.
    `SELECT rating.invitation, rating.service_key, level FROM invitation INDEXED BY invitation_open
     JOIN rating ON rating.service_key = invitation.service_key AND rating.invitation = invitation.invitation
     WHERE outcome IS NULL AND settled_hash IS NULL ORDER BY rating.invitation`,
  );
  const openInvitations = db.prepare<[], { invitation: string; service_key: string }>(
    // Named, because the planner would rather read every invitation there ever was than sort the few that are open.
    'SELECT invitation, service_key FROM invitation INDEXED BY invitation_open WHERE outcome IS NULL ORDER BY invitation',
  );

  function chosen(body: Extract<Draft, { kind: 'rating.chosen' }>['body']): void {
    const { serviceKey, invitation, level, change } = body;
    const written =
      change === 0
        ? insertRating.run(level, invitation, serviceKey)
        : changeRating.run(level, change, serviceKey, invitation, change);
    if (written.changes > 0) return;
    if (openInvitation.get(invitation) !== serviceKey) {
      // A late press of a rated service is refused like any second rating; anything else is a bug.
      const late = readRating.get(serviceKey);
      if (late) refuse(late, serviceKey, invitation, change);
      throw new Error(`a choice for ${serviceKey} came outside its invitation ${invitation}`);
    }
    const row = readRating.get(serviceKey);
    if (!row) throw new Error(`change ${change} for ${serviceKey} came before its first choice`);
    refuse(row, serviceKey, invitation, change);
    throw new Error(`change ${change} for ${serviceKey} came after change ${row.changes}`);
  }

  function withdrawn(body: Extract<Draft, { kind: 'rating.withdrawn' }>['body']): void {
    const { serviceKey, invitation, level } = body;
    const which = [serviceKey, invitation, level] as const;
    if (dropRating.run(...which).changes > 0 || stepBack.run(...which).changes > 0) return;
    const row = readRating.get(serviceKey);
    if (!row) throw new Error(`a choice for ${serviceKey} was to be withdrawn that is not there`);
    refuse(row, serviceKey, invitation);
    throw new Error(`level ${level} for ${serviceKey} was to be withdrawn, but ${row.level} stands`);
  }

  function settled(body: Extract<Draft, { kind: 'rating.settled' }>['body'], hash: Uint8Array): void {
    const { serviceKey, invitation, level } = body;
    if (settleRating.run(hash, serviceKey, invitation, level).changes > 0) return;
    const row = readRating.get(serviceKey);
    if (!row) throw new Error(`${serviceKey} was to be settled without a choice`);
    refuse(row, serviceKey, invitation);
    throw new Error(`${serviceKey} was to be settled at ${level}, but ${row.level} was chosen`);
  }

  /** A first choice (change 0) where any rating stands, and whatever comes from elsewhere or after the end. */
  function refuse(row: RatingRow, serviceKey: string, invitation: string, change?: number): void {
    if (row.invitation !== invitation || change === 0)
      throw new Refusal('alreadyRated', `Service ${serviceKey} has its rating; a second is not taken.`);
    if (row.settled_hash)
      throw new Refusal('settled', `The rating of service ${serviceKey} is final; it is not changed.`);
  }

  function detailed(
    body: Extract<Draft, { kind: 'rating.detailed' | 'rating.sealed' | 'rating.helpRequested' }>['body'],
  ): void {
    const row = readRating.get(body.serviceKey);
    if (!row?.settled_hash || row.invitation !== body.invitation)
      throw new Error(`details or a request for help for ${body.serviceKey} came without its settled rating`);
  }

  function closed(body: Extract<Draft, { kind: 'invitation.closed' }>['body']): void {
    const { serviceKey, invitation, outcome } = body;
    if (closeInvitation.run({ outcome, invitation, serviceKey }).changes > 0) return;
    const row = readRating.get(serviceKey);
    const own = row?.invitation === invitation ? row : undefined;
    if (own && !own.settled_hash)
      throw new Error(`invitation ${invitation} was to be closed while its choice is not settled`);
    if (outcome === 'rated' && !own)
      throw new Error(`invitation ${invitation} was to be closed as rated without a rating`);
    throw new Error(`invitation ${invitation} of ${serviceKey} is not open and cannot be closed`);
  }

  return {
    take(draft, hash) {
      switch (draft.kind) {
        case 'invitation.opened':
          insertInvitation.run(draft.body.invitation, draft.body.service.serviceKey);
          return;
        case 'rating.chosen':
          return chosen(draft.body);
        case 'rating.withdrawn':
          return withdrawn(draft.body);
        case 'rating.settled':
          return settled(draft.body, hash);
        case 'rating.detailed':
        case 'rating.helpRequested':
        case 'rating.sealed':
          return detailed(draft.body);
        case 'invitation.closed':
          return closed(draft.body);
        case 'journal.begun':
        case 'journal.restored':
        case 'boot.started':
        case 'service.notInvited':
        case 'link.changed':
        case 'pause.changed':
        case 'clock.observed':
        case 'clock.jumped':
        case 'journal.compacted':
          return;
        default:
          assertNever(draft);
      }
    },
    ratingOf(serviceKey) {
      const row = readRating.get(serviceKey);
      if (!row) return undefined;
      const rating = {
        level: asIs(LevelSchema, row.level),
        invitation: asIs(InvitationIdSchema, row.invitation),
      };
      return row.settled_hash
        ? { ...rating, settled: true, receiptHash: row.settled_hash.toString('hex') }
        : { ...rating, settled: false };
    },
    unfinished: () => ({
      ratings: openRatings.all().map((row) => ({
        invitation: asIs(InvitationIdSchema, row.invitation),
        serviceKey: asIs(ServiceKeySchema, row.service_key),
        level: asIs(LevelSchema, row.level),
      })),
      invitations: openInvitations.all().map((row) => ({
        invitation: asIs(InvitationIdSchema, row.invitation),
        serviceKey: asIs(ServiceKeySchema, row.service_key),
      })),
    }),
  };
}

function asIs<T>(
  schema: { safeParse(value: unknown): { readonly success: boolean; readonly data?: T | undefined } },
  value: unknown,
): T {
  const { data } = schema.safeParse(value);
  if (data === undefined) throw new BentRow('a row of the journal’s tables is of no known shape');
  return data;
}

const PROJECTED = ['rating', 'invitation'] as const;

const SET_KEPT_ASIDE = `
CREATE TEMP TABLE kept_invitation AS SELECT * FROM invitation WHERE segment IS NOT NULL;
CREATE TEMP TABLE kept_rating AS SELECT rating.* FROM rating
  JOIN kept_invitation AS kept ON kept.service_key = rating.service_key AND kept.invitation = rating.invitation;`;
const PUT_KEPT_BACK = `
INSERT INTO invitation SELECT * FROM temp.kept_invitation;
INSERT INTO rating SELECT * FROM temp.kept_rating;
DROP TABLE temp.kept_rating;
DROP TABLE temp.kept_invitation;`;

/**
 * Throws the projections away and reads them out of the journal again, in one transaction. What belongs to a
 * segment is carried over as it is, because its entries are gone. The schema of the tables is taken from the
 * database itself, so this stays right through later migrations.
 */
export function rebuildProjections(db: Connection): void {
  const steps = rebuilding(db);
  while (!steps.next().done);
}

/** The same, and lets others go on between; for a database that nobody else writes to meanwhile. */
export async function rebuildInTurns(db: Connection): Promise<void> {
  for (const _ of rebuilding(db)) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

/** A few milliseconds of work. */
const ENTRIES_A_STEP = 200;

function* rebuilding(db: Connection): Generator<void, void> {
  const schemaOf = db
    .prepare<[string], string>(
      "SELECT sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL ORDER BY type = 'table' DESC, name",
    )
    .pluck();
  db.exec('BEGIN IMMEDIATE');
  try {
    const schema = PROJECTED.map((table) => schemaOf.all(table)).reverse();
    const segments = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'segment'").get() !== undefined;
    if (segments) db.exec(SET_KEPT_ASIDE);
    for (const table of PROJECTED) db.exec(`DROP TABLE ${table}`);
    for (const statement of schema.flat()) db.exec(statement);
    if (segments) db.exec(PUT_KEPT_BACK);
    const projections = createProjections(db);
    const page = db.prepare<[number, number], { seq: number; kind: string; body: string; hash: Buffer }>(
      'SELECT seq, kind, body, hash FROM journal WHERE seq > ? ORDER BY seq LIMIT ?',
    );
    const after = (seq: number) => page.all(seq, ENTRIES_A_STEP);
    for (let rows = after(0); rows.length > 0; rows = after(rows.at(-1)?.seq ?? 0)) {
      for (const row of rows) {
        const draft = readDraft(row.kind, row.body);
        if (draft) projections.take(draft, row.hash);
      }
      yield;
    }
    db.exec('COMMIT');
  } finally {
    if (db.inTransaction) db.exec('ROLLBACK');
  }
}

/** Nothing for a kind of a later version: it is kept, and says nothing here. */
function readDraft(kind: string, body: string): Draft | undefined {
  if (!isEntryKind(kind)) return undefined;
  return { kind, body: ENTRY_BODIES[kind].parse(JSON.parse(body)) } as Draft;
}
