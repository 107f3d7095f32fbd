import { rm } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { type Backlog, makeBacklog, register, startDatabases, startProvince } from './drain.ts';
import { type Figure, figure, quantile } from './figures.ts';
import { type HeadlessSite, startHeadlessSite } from './headless-site.ts';
import { pssOf, standBack } from './process-tree.ts';

const WARM_UP_TAPS = 30;
/** A hall has some services a minute; this is faster, so that many fall into one drain. */
const BETWEEN_TAPS_MS = 60;

interface Run {
  readonly taps: readonly number[];
  /** Largest that was seen, MB. */
  readonly memory: number;
}

/**
 * Presses while 100,000 entries go to a province in a process of its own, against the same journal at rest. Province and
 * database are on machines of their own in the world. Here they share processors and disk with the tablet, and must not
 * be what a press waits for: they run at the lowest priority, and the database does not flush.
 */
export async function benchTapDraining(entries: number, runs: number): Promise<readonly Figure[]> {
  const backlog = await makeBacklog(entries);
  const databases = await startDatabases({ fsync: 'off', full_page_writes: 'off' });
  if (databases.pid !== undefined) standBack(databases.pid);
  const calm: Run[] = [];
  const draining: Run[] = [];
  try {
    for (let run = 0; run < runs; run++) {
      const drained = await tapsWhileDraining(backlog, await databases.next());
      draining.push(drained);
      calm.push(await tapsAtRest(backlog, drained.taps.length));
    }
  } finally {
    await databases.stop();
    await backlog.remove();
  }
  const all = (side: readonly Run[]) => side.flatMap(({ taps }) => taps);
  const what = 'no drain (peers at nice 19, unflushed)';
  const p99 = { ours: quantile(all(draining), 0.99), theirs: quantile(all(calm), 0.99) };
  return [
    figure('tap → thanks while draining (core alone)', 'ms', all(draining), { what, samples: all(calm) }),
    figure('… the p99 of that', 'ms', [p99.ours], { what, samples: [p99.theirs], goal: '≤ 1.5' }),
    figure(
      '… memory at its most, the core',
      'MB',
      draining.map(({ memory }) => memory),
      { what, samples: calm.map(({ memory }) => memory) },
    ),
    figure('… memory added (goal ≤ 60)', 'MB', [
      quantile(
        draining.map(({ memory }, run) => memory - (calm[run]?.memory ?? 0)),
        0.5,
      ),
    ]),
  ];
}

async function tapsWhileDraining(backlog: Backlog, databaseUrl: string): Promise<Run> {
  const folder = await backlog.copy();
  const province = await startProvince({ DATABASE_URL: databaseUrl });
  if (province.pid !== undefined) standBack(province.pid);
  // Registered after the warm-up: until then the province takes nothing from it.
  const site = await startHeadlessSite(folder, province.url);
  try {
    const warmUp = await tapped(site, (taps) => taps < WARM_UP_TAPS);
    await register(province.url, backlog.publicKey);
    await unsentBelow(site, backlog.entries - 1);
    const during = await tapped(site, async () => (await site.unsent()) > 1_000);
    return { taps: during.taps, memory: Math.max(warmUp.memory, during.memory) };
  } finally {
    await site.close();
    await province.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tapsAtRest(backlog: Backlog, count: number): Promise<Run> {
  const folder = await backlog.copy();
  const site = await startHeadlessSite(folder);
  try {
    await tapped(site, (taps) => taps < WARM_UP_TAPS);
    return await tapped(site, (taps) => taps < count);
  } finally {
    await site.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function tapped(
  site: HeadlessSite,
  goesOn: (taps: number) => boolean | Promise<boolean>,
): Promise<Run> {
  const taps: number[] = [];
  let memory = 0;
  while (await goesOn(taps.length)) {
    await wait(BETWEEN_TAPS_MS);
    taps.push(await site.tap());
    memory = Math.max(memory, pssOf(site.kiosk.pid));
  }
  return { taps, memory };
}

async function unsentBelow(site: HeadlessSite, limit: number): Promise<void> {
  for (let look = 0; look < 1_000; look++) {
    if ((await site.unsent()) <= limit) return;
    await wait(100);
  }
  throw new Error('the backlog did not begin to drain');
}
