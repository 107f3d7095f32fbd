import type { ServerResponse } from 'node:http';
import type { Clock } from '../../shared/clock.ts';
import { type Db, isPassing } from '../db/db.ts';
import type { Arrival } from '../ingest/freeze.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { arrivalsAfter, liveState, newestArrivals } from './view.ts';

/** Arrivals in one message, and on a page that has just opened. */
const SHOWN = 60;
/** A page that does not read is let go; it comes back by itself and says what it saw last. */
const MAX_UNREAD_BYTES = 512 * 1024;

/**
 * Server-sent events to the live page:
 *
 *     event: arrivals   id: <last arrival>   data: { items: Arrival[], left: number }
 *     event: state                           data: LiveState
 *
 * Changes are gathered for a moment, so that a backlog of thousands costs a page a few messages a second.
 */
export interface LiveFeed {
  /** @returns false when there are as many pages as there may be. */
  attach(response: ServerResponse, lastEventId: string | undefined): Promise<boolean>;
  changed(arrivals: readonly Arrival[]): void;
  readonly clients: number;
  close(): void;
}

export function createLiveFeed(parts: {
  readonly db: Db;
  readonly clock: Clock;
  readonly log: ProvinceLog;
  readonly limits: ProvinceLimits;
}): LiveFeed {
  const { db, clock, log, limits } = parts;
  const clients = new Set<ServerResponse>();
  let waiting: Arrival[] = [];
  let left = 0;
  let cancelFlush: (() => void) | undefined;
  let cancelHeartbeat: (() => void) | undefined;
  let closed = false;
  let lastTurn: Promise<unknown> = Promise.resolve();
  let bringing = false;
  let changedMeanwhile = false;

  const drop = (client: ServerResponse) => {
    clients.delete(client);
    client.end();
    if (clients.size === 0) rest();
  };

  const rest = () => {
    cancelFlush?.();
    cancelHeartbeat?.();
    cancelFlush = undefined;
    cancelHeartbeat = undefined;
    waiting = [];
    left = 0;
  };

  const send = (client: ServerResponse, text: string) => {
    if (client.writableLength > MAX_UNREAD_BYTES) drop(client);
    else client.write(text);
  };

  /**
   * The pages have one question at a time among them: devices that deliver need the connections to the database more,
   * and what was read earlier can never come after what was read later.
   */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const mine = lastTurn.then(work);
    lastTurn = mine.catch(() => {});
    return mine;
  };

  const stateMessage = async () => {
    const state = await liveState(db, { nowMs: clock.nowMs(), smallestGroup: limits.smallestGroup });
    return `event: state\ndata: ${JSON.stringify(state)}\n\n`;
  };

  const flush = () => {
    cancelFlush = undefined;
    const items = waiting;
    const unsent = left;
    waiting = [];
    left = 0;
    if (items.length > 0) {
      const text = arrivalsMessage(items, unsent);
      for (const client of [...clients]) send(client, text);
    }
    void bringUpToDate();
  };

  /** One at a time; what changes while it is under way is told by one more after it. */
  const bringUpToDate = async () => {
    if (bringing) {
      changedMeanwhile = true;
      return;
    }
    bringing = true;
    await inTurn(sendState).finally(() => {
      bringing = false;
    });
    if (changedMeanwhile) schedule();
  };

  const sendState = async () => {
    changedMeanwhile = false;
    if (clients.size === 0) return;
    try {
      const text = await stateMessage();
      for (const client of [...clients]) send(client, text);
    } catch (error) {
      if (closed) return;
      log.warn(
        { problem: String(error), passing: isPassing(error) },
        'the live page could not be brought up to date',
      );
    }
  };

  const schedule = () => {
    if (closed || cancelFlush || clients.size === 0) return;
    cancelFlush = clock.after(limits.liveGatherMs, flush);
  };

  /** Also keeps "last contact" true while nothing arrives. */
  const beat = () => {
    cancelHeartbeat = clock.after(limits.heartbeatMs, () => {
      for (const client of [...clients]) send(client, ': still here\n\n');
      void bringUpToDate();
      if (clients.size > 0) beat();
    });
  };

  return {
    async attach(response, lastEventId) {
      if (closed || clients.size >= limits.liveClients) return false;
      const seen = Number(lastEventId ?? Number.NaN);
      // Listening before the past is read: what arrives in between comes twice, never not at all.
      clients.add(response);
      response.on('close', () => {
        clients.delete(response);
        if (clients.size === 0) rest();
      });
      if (!cancelHeartbeat) beat();
      response.write('retry: 2000\n\n');
      await inTurn(async () => {
        if (!clients.has(response)) return;
        const past =
          Number.isSafeInteger(seen) && seen >= 0
            ? await arrivalsAfter(db, seen, SHOWN)
            : await newestArrivals(db, SHOWN);
        if (past.length > 0) send(response, arrivalsMessage(past, 0));
        send(response, await stateMessage());
      });
      return true;
    },
    changed(arrivals) {
      if (clients.size === 0) return;
      waiting.push(...arrivals);
      if (waiting.length > SHOWN) {
        left += waiting.length - SHOWN;
        waiting = waiting.slice(-SHOWN);
      }
      schedule();
    },
    get clients() {
      return clients.size;
    },
    close() {
      closed = true;
      rest();
      for (const client of [...clients]) drop(client);
    },
  };
}

function arrivalsMessage(items: readonly Arrival[], left: number): string {
  const id = items.reduce((highest, item) => Math.max(highest, item.arrival), 0);
  // Rows are numbered in the order that keeps two devices from waiting for each other; people see them as they
  // were given.
  const inOrder = [...items].sort((a, b) => a.receivedAtMs - b.receivedAtMs || a.seq - b.seq);
  return `event: arrivals\nid: ${id}\ndata: ${JSON.stringify({ items: inOrder, left })}\n\n`;
}
