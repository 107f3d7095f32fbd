import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { machineClock } from '../../src/core/machine.ts';
import { newUuidV7 } from '../../src/core/uuid-v7.ts';
import type { Draft } from '../../src/shared/journal/entry.ts';
import { LEVELS } from '../../src/shared/words.ts';
import type { Store } from '../../src/store/store.ts';
import { drafts, mustOpen, newFolder, newService, storeParts } from '../support/store-parts.ts';
import { type Figure, figure, quantile } from './figures.ts';

/** Between two acts of a citizen; long enough that the processor's caches and the disk's queue have gone cold. */
const SPACING_MS = 50;
/** As many services as a busy counter has in a day: code that has run less often is not compiled yet. */
const WARM_UP_SERVICES = 250;
/** A pause in which the store does its own work; citizens leave one behind them all the time. */
const PAUSE_MS = 2_500;
const LOOP_SERVICES = 4_000;
const LOOP_ROUNDS = 8;

/** The least anybody can do who keeps a row for good: one prepared insert, one flush. */
function openBare(folder: string): { insert(bytes: number): void; close(): void } {
  const db = new Database(join(folder, 'bare.sqlite'));
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec('CREATE TABLE row (seq INTEGER PRIMARY KEY, id TEXT UNIQUE, content TEXT)');
  const insert = db.prepare('INSERT INTO row VALUES (?, ?, ?)');
  let seq = 0;
  return {
    insert: (bytes) => insert.run(++seq, newUuidV7(Date.now()), 'x'.repeat(Math.max(0, bytes - 36))),
    close: () => db.close(),
  };
}

type ActName = 'opened' | 'chosen' | 'closing';

/** The acts of one citizen, each a commit. */
function actsOf(
  name: string,
  turn: number,
): readonly { readonly name: ActName; readonly act: readonly Draft[] }[] {
  const service = newService(name);
  const level = LEVELS[turn % 5] ?? 5;
  return [
    { name: 'opened', act: [drafts.opened(service)] },
    { name: 'chosen', act: [drafts.chosen(service, level)] },
    { name: 'closing', act: [drafts.settled(service, level), drafts.closed(service)] },
  ];
}

function freeze(store: Store, act: readonly Draft[]): void {
  const frozen = store.append(act);
  if (!frozen.ok) throw new Error(frozen.message);
}

function microseconds(work: () => void): number {
  const startedAt = process.hrtime.bigint();
  work();
  return Number(process.hrtime.bigint() - startedAt) / 1000;
}

/**
 * Acts and bare inserts in turn, each after the same pause, so that a slow minute of the machine is slow for
 * both and neither is warmed by the other.
 */
export async function benchAct(services: number): Promise<readonly Figure[]> {
  const { folder, remove } = newFolder();
  const store = mustOpen(
    storeParts(folder, { clock: machineClock, boot: randomBytes(16).toString('hex'), newId: newUuidV7 }),
  );
  const bare = openBare(folder);
  const acts: Record<ActName, number[]> = { opened: [], chosen: [], closing: [] };
  const floor: number[] = [];
  const entryBytes = sizeOfOneEntry(store);
  try {
    for (let turn = 0; turn < WARM_UP_SERVICES; turn++) {
      for (const { act } of actsOf(`warm-up/${turn}`, turn)) {
        freeze(store, act);
        bare.insert(entryBytes);
      }
    }
    await wait(PAUSE_MS);
    for (let turn = 0; turn < services; turn++) {
      for (const { name, act } of actsOf(`spaced/${turn}`, turn)) {
        await wait(SPACING_MS);
        const ours = microseconds(() => freeze(store, act));
        await wait(SPACING_MS);
        const theirs = microseconds(() => bare.insert(entryBytes));
        acts[name].push(ours);
        floor.push(theirs);
      }
    }
    const loop = loopsOf(store, bare, entryBytes);
    const against = { what: `bare insert of ${entryBytes} bytes`, samples: floor, goal: '≤ 2' };
    return [
      figure('an act, a choice, 50 ms apart', 'µs', acts.chosen, against),
      figure('… an invitation opened', 'µs', acts.opened, against),
      figure('… settled and closed, two entries', 'µs', acts.closing, against),
      atP99('… p99 of all three', [...acts.chosen, ...acts.opened, ...acts.closing], floor),
      figure('acts in a tight loop', 'acts/s', loop.ours, {
        what: 'bare inserts',
        samples: loop.theirs,
      }),
    ];
  } finally {
    bare.close();
    store.close();
    remove();
  }
}

/** What the columns of one choice hold, so that the bare row is as large. */
function sizeOfOneEntry(store: Store): number {
  for (const { act } of actsOf('size', 0)) freeze(store, act);
  const entry = [...store.entries()].find(({ kind }) => kind === 'rating.chosen');
  if (!entry) throw new Error('no choice was frozen');
  const { id, kind, boot, body } = entry;
  const NUMBERS = 3 * 6;
  const BLOBS = 32 + 32 + 64;
  return id.length + kind.length + boot.length + Buffer.byteLength(body) + NUMBERS + BLOBS;
}

function atP99(what: string, ours: readonly number[], theirs: readonly number[]): Figure {
  const [own, floor] = [quantile(ours, 0.99), quantile(theirs, 0.99)];
  return {
    what,
    unit: 'µs',
    median: quantile(ours, 0.5),
    p99: own,
    n: ours.length,
    against: { what: 'p99 of the bare insert', median: floor, ratio: own / floor, goal: '≤ 3' },
  };
}

function loopsOf(
  store: Store,
  bare: ReturnType<typeof openBare>,
  bytes: number,
): { readonly ours: readonly number[]; readonly theirs: readonly number[] } {
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < LOOP_ROUNDS; round++) {
    const acts = Array.from({ length: LOOP_SERVICES / LOOP_ROUNDS }, (_, turn) =>
      actsOf(`loop/${round}/${turn}`, turn),
    ).flat();
    ours.push(
      acts.length /
        (microseconds(() => {
          for (const { act } of acts) freeze(store, act);
        }) /
          1e6),
    );
    theirs.push(
      acts.length /
        (microseconds(() => {
          for (const _ of acts) bare.insert(bytes);
        }) /
          1e6),
    );
  }
  return { ours, theirs };
}
