import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { JOURNAL_FILE } from '../../src/store/store.ts';
import { type Backlog, makeBacklog, register, startDatabases, startProvince } from './drain.ts';
import { type Figure, figure } from './figures.ts';
import { runPeer, startPeer } from './peer-process.ts';

interface Sent {
  readonly ms: number;
  readonly waits: readonly number[];
}

/** A province runs for months: what its first batches cost, while its code is still cold, is nobody's every day. */
const WARM_UP_ENTRIES = 10_000;
/** A device that waits for each answer, and one that keeps two under way, as a tablet does (src/sync/ahead.ts). */
const UNDER_WAY = [1, 2] as const;
const DATABASES = { PostgreSQL: '30,000', 'PGlite in memory': '15,000' } as const;
type Where = keyof typeof DATABASES;

/**
 * Two devices at once, bodies prepared before the clock starts: what the province alone can take. Against the bare end
 * that takes the same entries into the same table and proves nothing, in turn.
 */
export async function benchIngest(entriesEach: number, runs: number): Promise<readonly Figure[]> {
  const devices = [
    { id: 'bench-device-a', backlog: await makeBacklog(entriesEach, 'bench-device-a') },
    { id: 'bench-device-b', backlog: await makeBacklog(entriesEach, 'bench-device-b') },
  ];
  const first = {
    id: 'bench-device-warm-up',
    backlog: await makeBacklog(WARM_UP_ENTRIES, 'bench-device-warm-up'),
  };
  const entries = devices.reduce((sum, { backlog }) => sum + backlog.entries, 0);
  const databases = await startDatabases();

  const province = async (where: Where, underWay: number): Promise<Sent> => {
    const url = where === 'PostgreSQL' ? await databases.next() : '';
    const server = await startProvince({ DATABASE_URL: url });
    try {
      for (const { id, backlog } of [first, ...devices]) await register(server.url, backlog.publicKey, id);
      await sendJournals(server.url, underWay, [first]);
      const sent = await sendJournals(server.url, underWay, devices);
      const held = url === '' ? undefined : await databases.count(url);
      if (held !== undefined && held !== entries + first.backlog.entries)
        throw new Error(`${held} of ${entries + first.backlog.entries} entries arrived`);
      return sent;
    } finally {
      await server.stop();
    }
  };

  const bareEnd = async (underWay: number): Promise<Sent> => {
    const server = await startPeer('drain-bare-server.ts', [], { DATABASE_URL: await databases.next() });
    const send = (senders: readonly Device[]) => {
      const files = senders.flatMap(({ id, backlog }) => [join(backlog.folder, JOURNAL_FILE), id]);
      return runPeer<Sent>('ingest-bare-clients.ts', [String(underWay), server.said, ...files], {});
    };
    try {
      await send([first]);
      return await send(devices);
    } finally {
      await server.stop();
    }
  };

  const sides = UNDER_WAY.map((underWay) => ({
    underWay,
    bare: [] as Sent[],
    PostgreSQL: [] as Sent[],
    'PGlite in memory': [] as Sent[],
  }));
  try {
    for (let run = 0; run < runs; run++)
      for (const side of sides) {
        side.bare.push(await bareEnd(side.underWay));
        for (const where of Object.keys(DATABASES) as Where[])
          side[where].push(await province(where, side.underWay));
      }
  } finally {
    await databases.stop();
    for (const { backlog } of [first, ...devices]) await backlog.remove();
  }
  const rates = (sent: readonly Sent[]) => sent.map(({ ms }) => (entries / ms) * 1000);
  return sides.flatMap((side) =>
    (Object.keys(DATABASES) as Where[]).flatMap((where) => {
      const how = `${where}, two devices, ${side.underWay === 1 ? 'one batch' : 'two batches'} under way each`;
      return [
        figure(`ingest, ${how} (goal ≥ ${DATABASES[where]})`, 'entries/s', rates(side[where]), {
          what: 'bare end, PostgreSQL, gzip 6, proves nothing',
          samples: rates(side.bare),
        }),
        figure(
          '… a batch of 500 answered',
          'ms',
          side[where].flatMap(({ waits }) => waits),
        ),
      ];
    }),
  );
}

interface Device {
  readonly id: string;
  readonly backlog: Backlog;
}

/** Fresh copies of the devices' journals, as the devices would send them. */
async function sendJournals(url: string, underWay: number, devices: readonly Device[]): Promise<Sent> {
  const folders = await Promise.all(devices.map(({ backlog }) => backlog.copy()));
  try {
    const pairs = folders.flatMap((folder, at) => [folder, devices[at]?.id ?? '']);
    return await runPeer<Sent>('ingest-clients.ts', [String(underWay), url, ...pairs], {});
  } finally {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  }
}
