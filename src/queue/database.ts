import { createHash, randomUUID } from 'node:crypto';
import { Socket } from 'node:net';
import { assertNever } from '../shared/words.ts';
import { readCa } from './ca-file.ts';
import { type ChangeKind, createChanges, isOfCitizen, type Look } from './database/changes.ts';
import type { ViewConnection } from './database/connection.ts';
import { faultOfDatabaseError } from './database/errors.ts';
import { openMariadb } from './database/mariadb.ts';
import { openPostgresql } from './database/postgresql.ts';
import { DATABASE_NEEDS_A_HAND, type DatabaseFault, databaseReason } from './database/reasons.ts';
import { type ReadRows, readViewRows, type ViewRow } from './database/rows.ts';
import { type DatabaseSettings, portOf } from './database/settings.ts';
import {
  canWrite,
  mappedColumns,
  pollStatement,
  privilegeStatement,
  probeStatement,
  sessionStatements,
  timeTypeStatement,
} from './database/sql.ts';
import { createFollower } from './follow.ts';
import { createLifeline } from './lifeline.ts';
import type { LinkParts, QueueLink, ServiceResult } from './queue-link.ts';
import { readSecretFile } from './secret-file.ts';

const OPEN = { postgresql: openPostgresql, mariadb: openMariadb } as const;

/** One answer of five hundred wide rows is far below this. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;
/** How often the size of an answer that does not end is looked at. */
const GUARD_EVERY_MS = 50;
/** How long a server may take over a goodbye. */
const CLOSE_LIMIT_MS = 300;
/** The server gives a question up a little before we give the server up: then it can say why. */
const STATEMENT_SHARE = 0.8;

interface Open {
  readonly socket: Socket;
  connection?: ViewConnection;
}

/**
 * A view in the queue system's database, looked at twice a second over one read-only connection. Each look is the
 * present state; what changed between two becomes events. Nothing is ever written there.
 */
export function createDatabaseLink(parts: LinkParts<DatabaseSettings>): QueueLink {
  const { settings, clock } = parts;
  const { engine, columns } = settings;
  const counterValue = settings.counterValue ?? parts.counter;
  const port = portOf(settings);
  const context = {
    ...settings,
    address: `${settings.host}:${port}`,
    counterValue,
    counterColumn: columns.counter,
    statusColumn: columns.status,
    timeColumn: columns.updatedAt,
    ticketColumn: columns.ticketNo,
  };
  let lostColumn: string | undefined;
  const lifeline = createLifeline<DatabaseFault>({
    link: parts,
    retry: { firstMs: settings.retryFirstMs, capMs: settings.retryCapMs },
    needsAHand: DATABASE_NEEDS_A_HAND,
    reason: (fault) => databaseReason(fault, context, lostColumn),
    connect: () => connect(),
  });
  const { arm, disarm, handOn, push, quietLog } = lifeline;
  const follower = createFollower({
    system: 'database',
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    nowMs: () => clock.nowMs(),
    runId: randomUUID(),
  });
  const changes = createChanges(settings);
  const statement = pollStatement(settings);

  let open: Open | undefined;
  let uselessBefore = { malformed: 0, unknown: 0, elsewhere: 0 };

  const lose = (mine: Open, fault: DatabaseFault, column?: string) => {
    if (open !== mine) return;
    open = undefined;
    mine.socket.destroy();
    if (fault === 'oversized') lifeline.count('oversized');
    lostColumn = column;
    lifeline.lost(fault);
  };

  const connect = () => {
    const secret = readSecretFile(settings.passwordFile);
    if ('fault' in secret) return lifeline.lost(secret.fault);
    const ca = settings.tls === 'off' ? undefined : readCa(settings.caFile);
    if (ca === 'caFile') return lifeline.lost(ca);
    const mine: Open = { socket: new Socket() };
    // Whatever client sits on it listens too; this one is for the time before and after.
    mine.socket.on('error', () => undefined);
    open = mine;
    arm('connect', settings.connectLimitMs, () => lose(mine, 'connectTimeout'));
    guard(mine);
    OPEN[engine]({
      ...settings,
      port,
      socket: mine.socket,
      password: secret.secret,
      tls: settings.tls === 'off' ? 'off' : { ca },
      onLost: (error) => lose(mine, faultOfDatabaseError(error)),
    })
      .then((connection) => begin(mine, connection))
      .catch((error: unknown) => failed(mine, error));
  };

  /** The first look belongs to the connection: only who can read the view is ready. */
  const begin = async (mine: Open, connection: ViewConnection) => {
    mine.connection = connection;
    if (open !== mine) return mine.socket.destroy();
    disarm('connect');
    const statementLimitMs = Math.round(settings.queryLimitMs * STATEMENT_SHARE);
    for (const sql of sessionStatements(engine, statementLimitMs)) await ask(mine, connection, sql);
    if (canWrite(engine, await ask(mine, connection, privilegeStatement(engine)))) {
      if (settings.writableAccount === 'refuse') return lose(mine, 'accountCanWrite');
      quietLog('warn', 'queue.accountCanWrite', { view: settings.view });
    }
    const timeType = timeTypeStatement(settings);
    if (timeType) {
      const [type] = await ask(mine, connection, timeType.sql, timeType.params);
      if (type !== undefined && !timeType.fits(type)) return lose(mine, 'timeColumn');
    }
    changes.resume();
    await look(mine, connection);
  };

  const look = async (mine: Open, connection: ViewConnection): Promise<void> => {
    const answer = await ask(mine, connection, statement, [counterValue]);
    if (open !== mine) return;
    lifeline.count('messages');
    const read = readViewRows(answer, settings, counterValue);
    const fault = noteUseless(read);
    if (fault) return lose(mine, fault);
    if (lifeline.state().state !== 'ready') {
      lifeline.count('connections');
      lifeline.ready();
    }
    tell(changes.look(read.rows));
    lifeline.stateTold();
    arm('poll', settings.lookEveryMs, () => {
      look(mine, connection).catch((error: unknown) => failed(mine, error));
    });
  };

  /** One question, with limits on how long and how much the answer may be. */
  const ask = async (mine: Open, connection: ViewConnection, sql: string, params?: readonly string[]) => {
    if (open === mine) {
      arm('query', settings.queryLimitMs, () => lose(mine, 'silent'));
      guard(mine);
    }
    const rows = await connection.query(sql, params);
    if (open === mine) {
      disarm('query');
      disarm('guard');
    }
    return rows;
  };

  /** Looks again and again how much came since now, until it is told to stop. */
  const guard = (mine: Open, readBefore = mine.socket.bytesRead) => {
    arm('guard', GUARD_EVERY_MS, () => {
      if (mine.socket.bytesRead - readBefore > MAX_ANSWER_BYTES) lose(mine, 'oversized');
      else guard(mine, readBefore);
    });
  };

  const failed = async (mine: Open, error: unknown): Promise<void> => {
    if (open !== mine) return;
    const fault = faultOfDatabaseError(error);
    const { connection } = mine;
    const aboutColumns = fault === 'noColumn' || fault === 'columnDenied' || fault === 'viewDenied';
    if (!aboutColumns || !connection) return lose(mine, fault);
    const wrong: { readonly column: string; readonly fault: DatabaseFault }[] = [];
    for (const [, column] of mappedColumns(columns)) {
      await ask(mine, connection, probeStatement(settings, column)).catch((refused: unknown) => {
        wrong.push({ column, fault: faultOfDatabaseError(refused) });
      });
    }
    const first = wrong[0];
    // Refused for every column is refused for the view.
    if (!first || wrong.length === mappedColumns(columns).length) return lose(mine, fault);
    const same = wrong.filter((one) => one.fault === first.fault).map((one) => one.column);
    lose(mine, first.fault === 'viewDenied' ? 'columnDenied' : first.fault, same.join('”、“'));
  };

  /** Counts rows of no use once, though they are there at every look. @returns a fault if there is nothing else. */
  const noteUseless = (read: ReadRows): DatabaseFault | undefined => {
    const before = uselessBefore;
    const { malformed, unknown, elsewhere } = read;
    uselessBefore = { malformed, unknown, elsewhere };
    for (let more = before.malformed; more < malformed; more += 1) lifeline.refuseMalformed();
    const foreign = Math.max(0, unknown - before.unknown) + Math.max(0, elsewhere - before.elsewhere);
    if (foreign > 0) {
      lifeline.count('unknown', foreign);
      quietLog('warn', 'queue.rowsUnknown', { unknownStatus: unknown, otherCounter: elsewhere });
    }
    if (read.oversized) return 'oversized';
    if (read.rows.length > 0 || read.ignored > 0) return undefined;
    if (unknown > 0) return 'statusUnknown';
    if (elsewhere > 0) return 'counterColumn';
    return malformed > 0 ? 'rowsUnreadable' : undefined;
  };

  const tell = (found: Look) => {
    switch (found.type) {
      case 'present': {
        const { row, phase } = found;
        if (row) tellClerk(row);
        return handOn(follower.state({ phase, ticket: row?.ticket }));
      }
      case 'changes': {
        for (const { kind, row } of found.changes) {
          tellClerk(row);
          // No time of its own: they come in the order of the database's clock, and ours may be set meanwhile.
          push(follower.ticketEvent({ ...row.ticket, kind, eventId: actOf(kind, row), at: undefined }));
        }
        lifeline.count('duplicates', found.repeated);
        if (found.late > 0) quietLog('warn', 'queue.rowsLate', { rows: found.late });
        if (found.gone) handOn(follower.state({ phase: 'idle', ticket: undefined }));
        return;
      }
      default:
        return assertNever(found);
    }
  };

  const tellClerk = (row: ViewRow) => {
    if (row.clerk && isOfCitizen(row)) handOn(follower.clerkOn(row.clerk));
  };

  return {
    name: 'database',
    tellsState: true,
    start: lifeline.begin,
    async stop() {
      lifeline.end();
      const closing = open;
      open = undefined;
      if (!closing) return;
      // A server that is frozen never answers; nobody waits for it longer than this.
      await new Promise<void>((done) => {
        const cancel = clock.after(CLOSE_LIMIT_MS, done);
        const goodbye = closing.connection?.close() ?? Promise.resolve();
        goodbye
          .catch(() => undefined)
          .finally(() => {
            cancel();
            done();
          });
      });
      closing.socket.destroy();
    },
    state: lifeline.state,
    report(result: ServiceResult) {
      // A view cannot be told anything.
      follower.finished(result.serviceKey);
    },
    counters: lifeline.counters,
  };
}

/** A view gives changes no ids: ticket, kind and the time of the change make one that stays the same. */
function actOf(kind: ChangeKind, row: ViewRow): string {
  return createHash('sha256')
    .update(JSON.stringify([row.key, kind, row.mark]))
    .digest('base64url');
}
