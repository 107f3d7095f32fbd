import { readdirSync, statSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL_FILE } from '../../src/store/store.ts';
import { type Backlog, makeBacklog } from './drain.ts';
import { type Figure, figure, quantile } from './figures.ts';
import { startHeadlessSite } from './headless-site.ts';

/** The discard port of this machine: nobody listens, as when the network is away. */
const NOWHERE = 'http://127.0.0.1:9';

/** What 100,000 entries that nobody has had yet cost a start, and the disk: against a journal that has just begun. */
export async function benchBacklog(entries: number, runs: number): Promise<readonly Figure[]> {
  const full = await makeBacklog(entries);
  const empty = await makeBacklog(1);
  const started = { full: [] as number[], empty: [] as number[] };
  try {
    for (let run = -1; run < runs; run++)
      for (const [name, backlog] of [
        ['empty', empty],
        ['full', full],
      ] as const) {
        const took = await startOnce(backlog);
        if (run >= 0) started[name].push(took);
      }
    const penalty = quantile(started.full, 0.5) - quantile(started.empty, 0.5);
    return [
      figure(`core: spawn → idle screen with ${full.entries} unsent`, 'ms', started.full, {
        what: 'with none',
        samples: started.empty,
      }),
      figure('… the penalty (goal ≤ 500)', 'ms', [penalty]),
      figure('… the journal on disk (goal ≤ 100)', 'MB', [sizeOf(full.folder) / 1e6]),
    ];
  } finally {
    await full.remove();
    await empty.remove();
  }
}

async function startOnce(backlog: Backlog): Promise<number> {
  const folder = await backlog.copy();
  const site = await startHeadlessSite(folder, NOWHERE);
  await site.close();
  await rm(folder, { recursive: true, force: true });
  return site.startedMs;
}

function sizeOf(folder: string): number {
  return readdirSync(folder)
    .filter((name) => name.startsWith(JOURNAL_FILE))
    .reduce((bytes, name) => bytes + statSync(join(folder, name)).size, 0);
}
