import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Db } from '../../src/province/db/db.ts';
import { openPostgres } from '../../src/province/db/pg.ts';
import { openPglite } from '../../src/province/db/pglite.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createCertificates } from '../../tools/servers/certificates.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { seededRandom } from '../support/fault-proxy-draw.ts';
import { type ChaosKiosk, createChaosKiosk } from './chaos-kiosk.ts';
import { startKillableProvince } from './chaos-province.ts';

export interface ChaosResult {
  readonly seed: number;
  readonly ratings: number;
  readonly entries: number;
  readonly exchanges: number;
  readonly faults: number;
  readonly kinds: number;
  readonly kills: number;
  readonly restarts: number;
  readonly parked: number;
  /** Entries of a journal that the ledger does not hold with the same hash; ratings that it does not count. */
  readonly lost: number;
  /** Entries or ratings beyond those. */
  readonly doubled: number;
  /** Entries that were taken before one that stands before them. */
  readonly disordered: number;
  readonly alarms: Readonly<Record<string, number>>;
  readonly seconds: number;
}

const DEVICES = 4;
const TOKEN = 'chaos-administrator-token';
/** Nothing is delivered for so long: it hangs. */
const PATIENCE_MS = 60_000;

/**
 * Counters that rate while a backlog waits, through a network that does harm, to a province that is killed
 * again and again. Afterwards journals and ledger are compared, entry by entry.
 */
export async function runChaos(parts: {
  readonly seed: number;
  readonly ratings: number;
  readonly kills: number;
  readonly restarts: number;
  readonly tls: boolean;
}): Promise<ChaosResult> {
  const { seed } = parts;
  const startedAtMs = performance.now();
  const random = seededRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), 'yiping-chaos-'));
  const province = await startKillableProvince({ folder, token: TOKEN });
  const kiosks: ChaosKiosk[] = [];
  const harm: Promise<unknown>[] = [];
  let restarts = 0;
  // However short the run: each device has one exchange at the least.
  let nextKill = 2 + random() * (DEVICES - 2);
  let nextRestart = 4 + random() * 8;
  let wake = () => {};

  const certificates = parts.tls ? makeCertificates() : undefined;
  const proxy = await startFaultProxy({
    seed,
    share: 0.4,
    target: () => province.place,
    ...(certificates ? { tls: certificates } : {}),
    onExchange(count) {
      if (count >= nextKill && province.kills < parts.kills) {
        nextKill = count + 15 + random() * 30;
        harm.push(province.killAndRestart());
      }
      if (count >= nextRestart && restarts < parts.restarts) {
        nextRestart = count + 5 + random() * 20;
        restarts++;
        const kiosk = kiosks[restarts % kiosks.length];
        if (kiosk) harm.push(kiosk.restart());
      }
    },
  });

  try {
    for (let i = 0; i < DEVICES; i++)
      kiosks.push(
        createChaosKiosk({
          deviceId: `chaos-${seed}-${process.pid}-${i}`,
          url: proxy.url,
          ca: certificates?.ca,
          random,
          onState: () => wake(),
        }),
      );
    const place = province.place;
    if (!place) throw new Error('the province is not there');
    for (const kiosk of kiosks) await register(`http://${place.host}:${place.port}`, kiosk);

    const each = Math.ceil(parts.ratings / DEVICES);
    const name = (kiosk: ChaosKiosk, i: number) => `${kiosk.deviceId}/20260506/A${i}`;
    for (const kiosk of kiosks) for (let i = 0; i < each / 2; i++) kiosk.rate(name(kiosk, i));
    for (const kiosk of kiosks) await kiosk.restart();
    for (let i = Math.ceil(each / 2); i < each; i++) {
      for (const kiosk of kiosks) kiosk.rate(name(kiosk, i));
      // Citizens come one after the other; what waits on the network gets its turn in between.
      await new Promise((resolve) => setTimeout(resolve, random() * 12));
    }
    await settled(kiosks, (changed) => {
      wake = changed;
    });
    await Promise.all(harm);
    await settled(kiosks, (changed) => {
      wake = changed;
    });
    await province.stop();
    const found = await compare(kiosks, folder, each);
    return {
      ...found,
      seed,
      ratings: each * DEVICES,
      entries: kiosks.reduce((sum, kiosk) => sum + kiosk.store.head().seq, 0),
      exchanges: proxy.exchanges,
      faults: [...proxy.done.values()].reduce((sum, count) => sum + count, 0),
      kinds: proxy.done.size,
      kills: province.kills,
      restarts,
      parked: kiosks.reduce((sum, kiosk) => sum + kiosk.parked, 0),
      seconds: (performance.now() - startedAtMs) / 1000,
    };
  } finally {
    for (const kiosk of kiosks) {
      await kiosk.stop();
      kiosk.remove();
    }
    await proxy.close();
    await province.stop();
    certificates?.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Waits until everything is delivered. Throws when a kiosk stops, or when nothing moves any more. */
function settled(kiosks: readonly ChaosKiosk[], onChange: (changed: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    let delivered = -1;
    let patience = setTimeout(() => {}, 0);
    const look = () => {
      const states = kiosks.map((kiosk) => kiosk.state());
      const stopped = states.find(({ state }) => state === 'stopped');
      if (stopped) return finish(new Error(`a kiosk was stopped: ${stopped.lastError}`));
      if (states.every(({ state, unsent }) => state === 'idle' && unsent === 0)) return finish();
      const now = states.reduce((sum, { ackedSeq }) => sum + ackedSeq, 0);
      if (now === delivered) return;
      delivered = now;
      clearTimeout(patience);
      patience = setTimeout(
        () => finish(new Error(`nothing is delivered any more: ${JSON.stringify(states)}`)),
        PATIENCE_MS,
      );
    };
    const finish = (error?: Error) => {
      clearTimeout(patience);
      onChange(() => {});
      if (error) reject(error);
      else resolve();
    };
    onChange(look);
    look();
  });
}

async function compare(
  kiosks: readonly ChaosKiosk[],
  folder: string,
  each: number,
): Promise<Pick<ChaosResult, 'lost' | 'doubled' | 'disordered' | 'alarms'>> {
  const url = process.env['DATABASE_URL'];
  const db: Db = url
    ? openPostgres({ url, maxConnections: 2, onIdleError: () => {} })
    : await openPglite({ folder, clock: systemClock });
  let lost = 0;
  let doubled = 0;
  let disordered = 0;
  const alarms: Record<string, number> = {};
  try {
    for (const { deviceId, store } of kiosks) {
      const held = await db.query<{ seq: number; hash: string; at: number }>(
        `SELECT seq, encode(hash, 'hex') AS hash, received_at_ms AS at FROM ledger WHERE device_id = $1 ORDER BY seq`,
        [deviceId],
      );
      const expected = [...store.entries()];
      const bySeq = new Map(held.map((entry) => [entry.seq, entry.hash]));
      lost += expected.filter((entry) => bySeq.get(entry.seq) !== entry.hash).length;
      doubled += held.length - bySeq.size + Math.max(0, held.length - expected.length);
      disordered += held.filter((entry, i) => i > 0 && entry.at < (held[i - 1]?.at ?? 0)).length;
      const [ratings] = await db.query<{ count: number }>(
        'SELECT count(*) AS count FROM rating WHERE device_id = $1',
        [deviceId],
      );
      lost += Math.max(0, each - (ratings?.count ?? 0));
      doubled += Math.max(0, (ratings?.count ?? 0) - each);
      for (const alarm of await db.query<{ kind: string; times: number }>(
        'SELECT kind, times FROM alarm WHERE device_id = $1',
        [deviceId],
      ))
        alarms[alarm.kind] = (alarms[alarm.kind] ?? 0) + alarm.times;
    }
  } finally {
    await db.close();
  }
  return { lost, doubled, disordered, alarms };
}

async function register(url: string, { deviceId, publicKey }: ChaosKiosk): Promise<void> {
  const answer = await fetch(`${url}/v1/devices`, {
    method: 'POST',
    headers: { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      deviceId,
      publicKey: Buffer.from(publicKey).toString('base64'),
      suite: 'ed25519-sha256',
      hall: 'chaos',
      counter: '3',
    }),
  });
  if (!answer.ok) throw new Error(`the province did not register ${deviceId}: ${await answer.text()}`);
}

function makeCertificates() {
  const made = createCertificates();
  const ca = readFileSync(made.authority('known'), 'utf8');
  const good = made.serverFor('IP:127.0.0.1', 'known');
  made.authority('stranger');
  return { ca, good, untrusted: made.serverFor('IP:127.0.0.1', 'stranger'), remove: made.remove };
}
