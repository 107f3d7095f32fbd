import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { systemClock } from '../../src/shared/clock.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { DeviceIdSchema, LEVELS } from '../../src/shared/words.ts';
import { JOURNAL_FILE } from '../../src/store/store.ts';
import { startPostgres } from '../../tools/servers/postgres.ts';
import { mustOpen, newKeyPem, rateOnce, storeParts } from '../support/store-parts.ts';
import { type Figure, figure } from './figures.ts';
import { type Peer, runPeer, startPeer } from './peer-process.ts';

export const TOKEN = 'bench-admin-token-of-this-run';
export const DEVICE = 'bench-device';
/** The same for whoever is measured. */
const POSTGRES = { shared_buffers: '512MB', max_wal_size: '8GB', checkpoint_timeout: '15min' };

export interface Drained {
  readonly ms: number;
  /** Sent by the client, with headers. */
  readonly bytes: number;
  readonly cpuMs: number;
}

/** A kiosk's data folder whose journal nobody has had yet. */
export interface Backlog {
  readonly folder: string;
  readonly entries: number;
  readonly publicKey: Uint8Array;
  /** A fresh copy for one run. */
  copy(): Promise<string>;
  remove(): Promise<void>;
}

/** Whole services of four entries each, and the journal's first. */
export async function makeBacklog(entries: number, device = DEVICE): Promise<Backlog> {
  const root = await mkdtemp(join(tmpdir(), 'yiping-drain-'));
  const folder = join(root, 'seed');
  const pem = newKeyPem();
  const signer = ed25519Signer(pem);
  const deviceId = DeviceIdSchema.parse(device);
  const store = mustOpen(storeParts(folder, { signer, deviceId, clock: systemClock, boot: 'bench' }));
  for (let n = 0; store.head().seq < entries; n++)
    rateOnce(store, `${device}/20261122/${n}/1`, LEVELS[n % 5]);
  const { seq } = store.head();
  store.close();
  await writeFile(join(folder, 'key.pem'), pem, { mode: 0o600 });
  let copies = 0;
  return {
    folder,
    entries: seq,
    publicKey: signer.publicKey,
    async copy() {
      const to = join(root, `run-${copies++}`);
      await cp(folder, to, { recursive: true });
      return to;
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}

/** A fresh database for every run, so that none finds what another left. */
export async function startDatabases(more: Readonly<Record<string, string>> = {}): Promise<{
  readonly pid: number | undefined;
  next(): Promise<string>;
  count(url: string): Promise<number>;
  stop(): Promise<void>;
}> {
  const postgres = await startPostgres({ ...POSTGRES, ...more });
  const admin = new pg.Client({ connectionString: postgres.url });
  await admin.connect();
  let made = 0;
  return {
    pid: postgres.pid,
    async next() {
      const name = `run_${made++}`;
      await admin.query(`CREATE DATABASE ${name}`);
      await admin.query('CHECKPOINT');
      return postgres.url.replace('/postgres?', `/${name}?`);
    },
    async count(url) {
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      const { rows } = await client.query<{ count: string }>('SELECT count(*) AS count FROM ledger');
      await client.end();
      return Number(rows[0]?.count);
    },
    async stop() {
      await admin.end();
      await postgres.stop();
    },
  };
}

export async function startProvince(env: Readonly<Record<string, string>>): Promise<Peer & { url: string }> {
  const peer = await startPeer('../../src/province/main.ts', ['--port', '0'], {
    YIPING_ADMIN_TOKEN: TOKEN,
    ...env,
  });
  const url = /at (http:\S+)/.exec(peer.said)?.[1];
  if (!url) throw new Error(`the province did not start: ${peer.said}`);
  return { ...peer, url };
}

export async function register(url: string, publicKey: Uint8Array, deviceId = DEVICE): Promise<void> {
  const answer = await fetch(`${url}/v1/devices`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      deviceId,
      publicKey: Buffer.from(publicKey).toString('base64'),
      suite: 'ed25519-sha256',
      hall: 'bench',
      counter: '3',
    }),
  });
  if (!answer.ok) throw new Error(`the province did not register the device: ${await answer.text()}`);
}

/** The kiosk's journal to the province, whose database is named by `env`. */
export async function drainKiosk(backlog: Backlog, env: Readonly<Record<string, string>>): Promise<Drained> {
  const folder = await backlog.copy();
  const province = await startProvince(env);
  try {
    await register(province.url, backlog.publicKey);
    return await runPeer<Drained>('drain-kiosk.ts', [folder, province.url, DEVICE], {});
  } finally {
    await province.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function drainBare(backlog: Backlog, databaseUrl: string): Promise<Drained> {
  const folder = await backlog.copy();
  const server = await startPeer('drain-bare-server.ts', [], { DATABASE_URL: databaseUrl });
  try {
    return await runPeer<Drained>(
      'drain-bare-client.ts',
      [join(folder, JOURNAL_FILE), server.said, DEVICE],
      {},
    );
  } finally {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Entries that piled up while the network was away: proven, chained, frozen and projected in PostgreSQL, against
 * the bare loop into the same table. In turn, each with a fresh database.
 */
export async function benchDrain(entries: number, runs: number): Promise<readonly Figure[]> {
  const backlog = await makeBacklog(entries);
  const databases = await startDatabases();
  const ours: Drained[] = [];
  const bare: Drained[] = [];
  try {
    for (let run = 0; run < runs; run++)
      for (const [drain, results] of [
        [(url: string) => drainBare(backlog, url), bare],
        [(url: string) => drainKiosk(backlog, { DATABASE_URL: url }), ours],
      ] as const) {
        const url = await databases.next();
        results.push(await drain(url));
        const held = await databases.count(url);
        if (held !== backlog.entries) throw new Error(`${held} of ${backlog.entries} entries arrived`);
      }
  } finally {
    await databases.stop();
    await backlog.remove();
  }
  const rate = ({ ms }: Drained) => (backlog.entries / ms) * 1000;
  const size = ({ bytes }: Drained) => bytes / backlog.entries;
  const loop = 'bare loop, gzip 6, two under way';
  return [
    figure(`${backlog.entries} entries → province (PostgreSQL)`, 'entries/s', ours.map(rate), {
      what: loop,
      samples: bare.map(rate),
      goal: '≥ 0.6',
    }),
    figure('sent for an entry, with headers', 'bytes', ours.map(size), {
      what: loop,
      samples: bare.map(size),
      goal: '≤ 0.85',
    }),
  ];
}
