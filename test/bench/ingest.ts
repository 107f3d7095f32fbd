import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL_FILE } from '../../src/store/store.ts';
import { makeBacklog, register, startDatabases, startProvince } from './drain.ts';
import { type Figure, figure } from './figures.ts';
import { runPeer, startPeer } from './peer-process.ts';

interface Sent {
  readonly ms: number;
  readonly waits: readonly number[];
}

/**
 * Two devices at once, bodies prepared before the clock starts: what the province alone can take. Against the bare end
 * that takes the same entries into the same table and proves nothing, in turn.
 */
export async function benchIngest(entriesEach: number, runs: number): Promise<readonly Figure[]> {
  const devices = ['bench-device-a', 'bench-device-b'];
  const backlogs = await Promise.all(devices.map((device) => makeBacklog(entriesEach, device)));
  const entries = backlogs.reduce((sum, backlog) => sum + backlog.entries, 0);
  const databases = await startDatabases();
  const results: Record<'PostgreSQL' | 'PGlite in memory', Sent[]> = {
    PostgreSQL: [],
    'PGlite in memory': [],
  };

  const once = async (env: Readonly<Record<string, string>>): Promise<Sent> => {
    const folders = await Promise.all(backlogs.map((backlog) => backlog.copy()));
    const province = await startProvince(env);
    try {
      for (const [at, backlog] of backlogs.entries())
        await register(province.url, backlog.publicKey, devices[at]);
      const pairs = folders.flatMap((folder, at) => [folder, devices[at] ?? '']);
      return await runPeer<Sent>('ingest-clients.ts', [province.url, ...pairs], {});
    } finally {
      await province.stop();
      for (const folder of folders) await rm(folder, { recursive: true, force: true });
    }
  };

  const bare: Sent[] = [];
  const bareOnce = async (url: string): Promise<Sent> => {
    const server = await startPeer('drain-bare-server.ts', [], { DATABASE_URL: url });
    try {
      const pairs = backlogs.flatMap(({ folder }, at) => [join(folder, JOURNAL_FILE), devices[at] ?? '']);
      return await runPeer<Sent>('ingest-bare-clients.ts', [server.said, ...pairs], {});
    } finally {
      await server.stop();
    }
  };

  try {
    for (let run = 0; run < runs; run++) {
      bare.push(await bareOnce(await databases.next()));
      const url = await databases.next();
      results.PostgreSQL.push(await once({ DATABASE_URL: url }));
      const held = await databases.count(url);
      if (held !== entries) throw new Error(`${held} of ${entries} entries arrived`);
      results['PGlite in memory'].push(await once({ DATABASE_URL: '' }));
    }
  } finally {
    await databases.stop();
    for (const backlog of backlogs) await backlog.remove();
  }
  const rates = (sent: readonly Sent[]) => sent.map(({ ms }) => (entries / ms) * 1000);
  return Object.entries(results).flatMap(([where, sent]) => [
    figure(
      `ingest, two devices, ${where} (goal ≥ ${where === 'PostgreSQL' ? '30,000' : '15,000'})`,
      'entries/s',
      rates(sent),
      { what: 'bare end, PostgreSQL, gzip 6, proves nothing', samples: rates(bare) },
    ),
    figure(
      `a batch of 500 answered, ${where}`,
      'ms',
      sent.flatMap(({ waits }) => waits),
    ),
  ]);
}
