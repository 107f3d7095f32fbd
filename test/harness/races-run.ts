import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LEVELS, type Level } from '../../src/shared/words.ts';
import { createPluggableBox } from '../../tools/button-box/pluggable.ts';
import { startRelay } from '../../tools/hall/relay.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { shippedModel } from '../support/device-model.ts';
import { openTestDb, startTestProvince } from '../support/province.ts';
import { unfinishedIn } from '../support/store-parts.ts';
import { COUNTER, type RacingKiosk, startRacingKiosk } from './races-kiosk.ts';
import { type Draw, drawFrom } from './tamper-changes.ts';

export interface RaceOptions {
  readonly services: number;
  readonly seed: number;
  /** `offline`: the province is away until the last race is run. */
  readonly network: 'online' | 'offline';
  /** Two kiosks stand at the same counter, and both are asked about the same services. */
  readonly kiosks: 1 | 2;
}

export interface RaceResult {
  /** Ratings that the province counts, and services they are of. */
  readonly counted: number;
  readonly services: number;
  /** First choices in the journals; with one kiosk one a service. */
  readonly firstChoices: number;
  readonly secondRatingAlarms: number;
  /** Whose press was first, in the journals. */
  readonly wonBy: Readonly<Record<string, number>>;
}

const RACERS = 5;

export async function race(options: RaceOptions): Promise<RaceResult> {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-races-'));
  const { db, close } = await openTestDb('pglite');
  const { province } = await startTestProvince(db);
  const registry = await province.start({ host: '127.0.0.1', port: 0 });
  const relay = await startRelay({
    target: () => Number(new URL(registry).port),
    state: options.network === 'online' ? 'up' : 'refusing',
    onChange: () => {},
  });
  const sim = await createQueueSim({});
  const box = createPluggableBox({
    folder: join(folder, 'box'),
    model: await shippedModel('ff68'),
    address: 0x81,
    owner: undefined,
    onChange: () => {},
  });
  await box.plug();
  const kiosks: RacingKiosk[] = [];
  try {
    for (let n = 0; n < options.kiosks; n++)
      kiosks.push(
        await startRacingKiosk({
          folder,
          device: `races-${n + 1}`,
          queueUrl: sim.url,
          ...(n === 0 ? { boxPath: box.hostPath } : {}),
          province: { url: `http://127.0.0.1:${relay.port}`, registry },
          screens: RACERS,
        }),
      );
    for (const kiosk of kiosks)
      await kiosk.until('its links', () =>
        kiosk.running.status().queue.every(({ state }) => state.state === 'ready'),
      );
    const [first] = kiosks;
    await first?.until('its box', () => first.snapshot()?.buttons === 'ready');

    for (let n = 0; n < options.services; n++) {
      sim.callNext(COUNTER);
      sim.served(COUNTER);
      await Promise.all(kiosks.map((kiosk) => raceOnce(kiosk, box.press, drawFrom(options.seed * 7919 + n))));
    }
    relay.set('up');
    for (const kiosk of kiosks) {
      await kiosk.until('the last rating to settle', () => unfinishedIn(kiosk.store).ratings.length === 0);
      await kiosk.until('the province to have all', () => kiosk.running.status().upload?.unsent === 0);
    }
    return await count(kiosks, db);
  } finally {
    await Promise.all(kiosks.map(({ running }) => running.stop()));
    await box.pull();
    await Promise.all([sim.stop(), relay.stop()]);
    await province.stop();
    await close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Fifteen presses at one invitation, in an order and with gaps drawn from the seed. */
async function raceOnce(kiosk: RacingKiosk, key: (key: string) => Promise<void>, draw: Draw): Promise<void> {
  await kiosk.until('an invitation', () => kiosk.snapshot()?.screen.name === 'inviting');
  const screen = kiosk.snapshot()?.screen;
  const invitation = screen?.name === 'inviting' ? screen.invitation : '';
  const level = (): Level => LEVELS[draw(LEVELS.length)] ?? 5;
  const racers: (() => unknown)[] = Array.from({ length: RACERS }, (_, n) => [
    () => kiosk.touch(n, invitation, level()),
    () => key(String(draw(4))),
    () => kiosk.press(n % 2 === 0 ? 'phone' : 'keyboard', level()),
  ]).flat();
  for (let n = racers.length - 1; n > 0; n--) {
    const other = draw(n + 1);
    [racers[n], racers[other]] = [racers[other] ?? (() => {}), racers[n] ?? (() => {})];
  }
  await Promise.all(
    racers.map(async (run) => {
      // Turns of the event loop, so that what comes over the line gets in between.
      for (let turns = draw(40); turns > 0; turns--) await new Promise((resolve) => setImmediate(resolve));
      await run();
    }),
  );
}

async function count(
  kiosks: readonly RacingKiosk[],
  db: { query<Row extends object>(sql: string): Promise<readonly Row[]> },
): Promise<RaceResult> {
  const wonBy: Record<string, number> = {};
  let firstChoices = 0;
  for (const entry of kiosks.flatMap(({ store }) => [...store.entries()])) {
    if (entry.kind !== 'rating.chosen') continue;
    const body = JSON.parse(entry.body);
    if (body.change !== 0) continue;
    firstChoices++;
    wonBy[body.source] = (wonBy[body.source] ?? 0) + 1;
  }
  const [ratings] = await db.query<{ n: number; services: number }>(
    'SELECT count(*)::int AS n, count(DISTINCT service_key)::int AS services FROM rating',
  );
  const [alarms] = await db.query<{ n: number }>(
    "SELECT count(*)::int AS n FROM alarm WHERE kind = 'secondRating'",
  );
  return {
    counted: ratings?.n ?? 0,
    services: ratings?.services ?? 0,
    firstChoices,
    secondRatingAlarms: alarms?.n ?? 0,
    wonBy,
  };
}
