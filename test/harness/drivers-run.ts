import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { receiptCode } from '../../src/shared/journal/receipt.ts';
import { JOURNAL_FILE, openJournalReader } from '../../src/store/store.ts';
import type { HeadlessKiosk } from '../support/headless-kiosk.ts';
import {
  COUNTER,
  driverOf,
  LEVELS,
  type LineSite,
  makeLineSite,
  SETTLE_MS,
  type StoodStill,
} from './line-site.ts';

const SIGNALS = ['SIGSEGV', 'SIGABRT', 'SIGSTOP', 'SIGKILL'] as const;
/** When it is hurt: while the citizen is asked, between the press and its answer, when the rating is frozen. */
const MOMENTS = ['inviting', 'press', 'chosen'] as const;

export interface DriverRound {
  readonly signal: (typeof SIGNALS)[number];
  readonly moment: (typeof MOMENTS)[number];
  /** From the signal until the kiosk says that the box is away, and until it is there again. */
  readonly shownMs: number;
  readonly backMs: number;
}

export interface DriverFaults {
  readonly rounds: readonly DriverRound[];
  /** Services whose thanks were on the screen, and those of them that the journal does not hold. */
  readonly thanked: number;
  readonly lost: readonly string[];
  /** Presses after a return that did not count. */
  readonly deaf: number;
  /** The end of the kiosk while its driver hangs. */
  readonly quitMs: number;
  readonly stoodStill: ReadonlyMap<string, StoodStill>;
}

/** Hurts the driver of a running kiosk from outside, again and again. */
export async function hurtDrivers(parts: {
  readonly rounds: number;
  readonly onRound?: (round: DriverRound) => void;
}): Promise<DriverFaults> {
  const site = await makeLineSite();
  /** Receipts as they were on the screen: a citizen has been thanked for each. */
  const thanked = new Set<string>();
  const kiosk = site.start(({ screen }) => {
    if (screen.name === 'thanks') thanked.add(screen.receipt.code);
  });
  const rounds: DriverRound[] = [];
  const deaf = { count: 0 };
  try {
    await kiosk.until('the box', ({ buttons }) => buttons === 'ready', 30_000);
    site.watchLoops();
    for (let round = 0; round < parts.rounds; round++) {
      const signal = SIGNALS[round % SIGNALS.length] ?? 'SIGKILL';
      const moment = MOMENTS[Math.floor(round / SIGNALS.length) % MOMENTS.length] ?? 'inviting';
      const done = await oneRound({ site, kiosk, signal, moment, deaf, thanked });
      rounds.push(done);
      parts.onRound?.(done);
    }
    const hung = driverOf(kiosk);
    if (hung) process.kill(hung, 'SIGSTOP');
    const before = performance.now();
    await kiosk.stop();
    const quitMs = performance.now() - before;
    return {
      rounds,
      thanked: thanked.size,
      lost: notSettled(site, [...thanked]),
      deaf: deaf.count,
      quitMs,
      stoodStill: site.stoodStill(),
    };
  } finally {
    if (kiosk.process.exitCode === null) await kiosk.kill();
    await site.close();
  }
}

async function oneRound(parts: {
  readonly site: LineSite;
  readonly kiosk: HeadlessKiosk;
  readonly signal: DriverRound['signal'];
  readonly moment: DriverRound['moment'];
  readonly deaf: { count: number };
  readonly thanked: ReadonlySet<string>;
}): Promise<DriverRound> {
  const { site, kiosk, signal, moment, deaf, thanked } = parts;
  const key = '2';
  const before = thanked.size;
  site.sim.callNext(COUNTER);
  site.sim.served(COUNTER);
  await kiosk.until('the invitation', ({ screen }) => screen.name === 'inviting');
  await pause(SETTLE_MS);
  const isChosen = () => ['chosen', 'details', 'thanks'].includes(kiosk.snapshot()?.screen.name ?? '');
  const chosen = () => kiosk.until('the choice', isChosen, 5_000);
  if (moment === 'press') await site.box.press(key);
  if (moment === 'chosen') {
    await site.box.press(key);
    await chosen();
  }
  const driver = driverOf(kiosk);
  if (driver === undefined) throw new Error('there is no driver to hurt');
  const since = performance.now();
  process.kill(driver, signal);
  await kiosk.until('the box to be away', ({ buttons }) => buttons === 'lost', 10_000);
  const shownMs = performance.now() - since;
  await kiosk.until('the box to be back', ({ buttons }) => buttons === 'ready', 30_000);
  const backMs = performance.now() - since;
  if (kiosk.snapshot()?.screen.name === 'inviting') {
    await pause(SETTLE_MS);
    await site.box.press(key);
    await chosen().catch(() => {
      deaf.count += 1;
    });
  }
  await kiosk.until('the thanks', () => thanked.size > before);
  await kiosk.until('the next', ({ screen }) => screen.name !== 'thanks');
  return { signal, moment, shownMs, backMs };
}

/** @returns receipts that a citizen has seen and the journal does not know, and levels that nobody pressed. */
function notSettled(site: LineSite, thanked: readonly string[]): readonly string[] {
  const read = openJournalReader(join(site.data, JOURNAL_FILE));
  if (!read.ok) throw new Error(read.message);
  try {
    const settled = [...read.reader.entries()].filter(({ kind }) => kind === 'rating.settled');
    const receipts = new Set(settled.map(({ hash }) => receiptCode(hash)));
    const wrong = settled.filter(
      ({ body }) => Reflect.get(Object(JSON.parse(body)), 'level') !== LEVELS['2'],
    );
    return [
      ...thanked.filter((code) => !receipts.has(code)),
      ...wrong.map(({ seq }) => `entry ${seq} has a level that nobody pressed`),
    ];
  } finally {
    read.reader.close();
  }
}
