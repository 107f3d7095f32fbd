import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openPglite } from '../../src/province/db/pglite.ts';
import { createProvince } from '../../src/province/server.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import type { Screen } from '../../src/shared/screen/snapshot.ts';
import { DeviceIdSchema } from '../../src/shared/words.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createUploader } from '../../src/sync/uploader.ts';
import { createUrgentSender } from '../../src/sync/urgent.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { startFaultProxy } from '../support/fault-proxy.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { drafts, mustOpen, newService, newSigner, rateOnce, storeParts } from '../support/store-parts.ts';

const TOKEN = 'token-of-the-overtaking-test';
const LIMIT_MS = 60_000;
const DEVICE = DeviceIdSchema.parse('overtaking-1');

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-overtaking-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A province that can keep ordinary deliveries waiting, behind a network in which everything takes its time. */
async function slowProvince(publicKey: Uint8Array) {
  const db = await openPglite();
  cleanups.push(() => db.close());
  const silent = () => {};
  const log = { info: silent, warn: silent, error: silent };
  const province = createProvince({ db, adminToken: TOKEN, clock: systemClock, log });
  let gate: Promise<void> | undefined;
  province.app.addHook('onRequest', async ({ url }) => {
    if (url.endsWith('/entries')) await gate;
  });
  await province.start({ host: '127.0.0.1', port: 0 });
  cleanups.push(() => province.stop());
  await province.app.inject({
    method: 'POST',
    url: '/v1/devices',
    headers: { authorization: `Bearer ${TOKEN}` },
    payload: {
      deviceId: DEVICE,
      publicKey: Buffer.from(publicKey).toString('base64'),
      suite: 'ed25519-sha256',
      hall: '云溪市政务服务中心',
      counter: '3',
    },
  });
  const address = province.app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the province has no port');
  let up = true;
  const proxy = await startFaultProxy({
    seed: 7,
    target: () => (up ? { host: '127.0.0.1', port: address.port } : undefined),
    plan: { exchange: () => 'delay', connection: () => undefined },
  });
  cleanups.push(() => proxy.close());
  const one = async (sql: string) => (await db.query<{ n: number | null }>(sql))[0]?.n ?? 0;
  return {
    url: proxy.url,
    cut: () => {
      up = false;
    },
    restore: () => {
      up = true;
    },
    /** @returns what lets them go on. */
    holdDeliveries() {
      let open = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      cleanups.push(open);
      return open;
    },
    head: () => one('SELECT head_seq AS n FROM device'),
    ledger: () => one('SELECT count(*) AS n FROM ledger'),
    ratings: () => one('SELECT count(*) AS n FROM rating'),
    help: () => one('SELECT count(*) AS n FROM help_request'),
    badHelp: () => one('SELECT count(*) AS n FROM help_request WHERE level <= 2'),
    unconfirmed: () => one('SELECT count(*) AS n FROM announced WHERE confirmed_at_ms IS NULL'),
    alarms: () => one('SELECT count(*) AS n FROM alarm'),
  };
}

const until = (what: string, met: () => Promise<boolean> | boolean) =>
  expect.poll(met, { timeout: LIMIT_MS, interval: 10, message: what }).toBe(true);

describe('a bad rating with a request for help', () => {
  it('overtakes twenty thousand entries over a slow network, and is counted once', async () => {
    const signer = newSigner();
    const province = await slowProvince(signer.publicKey);
    const parts = storeParts(newFolder(), { signer, deviceId: DEVICE, clock: systemClock });
    const store = mustOpen(parts);
    cleanups.push(() => store.close());
    for (let i = 0; i < 40; i++) {
      rateOnce(store, `old-${i}`, 5);
      store.append(Array.from({ length: 496 }, () => ({ kind: 'clock.jumped', body: { byMs: 1 } }) as const));
    }
    const backlog = store.head().seq;
    expect(backlog).toBeGreaterThanOrEqual(20_000);

    const link = {
      store,
      link: 'province',
      signer,
      deviceId: DEVICE,
      clock: systemClock,
      random: Math.random,
    };
    const posts = [1, 2].map(() => createHttpPost({ baseUrl: province.url, timeoutMs: 30_000 }));
    const [post, urgentPost] = posts;
    if (!post || !urgentPost) throw new Error('no transport');
    const uploader = createUploader({ ...link, post, onState: () => {} });
    const urgent = createUrgentSender({ ...link, boot: parts.boot, post: urgentPost, onNote: () => {} });
    cleanups.push(async () => {
      await Promise.all([uploader.stop(), urgent.stop()]);
      await Promise.all(posts.map((one) => one.close()));
    });
    uploader.start();
    urgent.start();
    await until('the backlog to be on its way', async () => (await province.head()) > 0);

    const asking = newService('asking');
    store.append([drafts.opened(asking)]);
    store.append([drafts.chosen(asking, 1)]);
    store.append([drafts.settled(asking, 1), drafts.closed(asking)]);
    store.append([drafts.helpRequested(asking)]);
    await until('the request for help', async () => (await province.badHelp()) === 1);
    expect(await province.head()).toBeLessThan(backlog / 2);

    await until('everything', () => store.cursorOf('province') === store.head().seq);
    expect(await province.ledger()).toBe(store.head().seq);
    expect(await province.ratings()).toBe(41);
    expect([await province.help(), await province.unconfirmed(), await province.alarms()]).toEqual([1, 0, 0]);
  });

  it('is told after the kiosk was killed between freezing it and telling it', async () => {
    const folder = newFolder();
    const data = join(folder, 'data');
    mkdirSync(data, { mode: 0o700 });
    const pem = generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    writeFileSync(join(data, 'device-key.pem'), pem, { mode: 0o600 });
    const province = await slowProvince(ed25519Signer(pem).publicKey);
    province.cut();
    const sim = await createQueueSim({});
    cleanups.push(() => sim.stop());
    const config = join(folder, 'kiosk.json');
    writeFileSync(
      config,
      JSON.stringify({
        device: DEVICE,
        hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心' } },
        counter: { number: '3' },
        queue: [{ kind: 'rate-service', url: sim.url, userCode: '1001', extensions: true }],
        province: { url: province.url },
      }),
    );
    const kiosk = startHeadless({ config, data });
    cleanups.push(() => kiosk.kill());
    await until('the tablet at its counter', () => sim.state('3').tablets === 1);
    sim.callNext('3');
    await kiosk.until('serving', ({ screen }) => screen.name === 'serving', LIMIT_MS);
    sim.served('3');
    const { invitation } = await shown(kiosk, 'inviting');
    await kiosk.call('choose', { invitation, level: 1 });
    await kiosk.call('confirm', { invitation });
    await shown(kiosk, 'details');
    expect(await kiosk.call('help', { invitation })).toEqual({ accepted: true });
    await kiosk.kill();
    expect(await province.help()).toBe(0);

    province.restore();
    const release = province.holdDeliveries();
    const again = startHeadless({ config, data });
    cleanups.push(() => again.stop());
    await until('the request for help', async () => (await province.badHelp()) === 1);
    expect(await province.ledger()).toBe(0);
    release();
    await until(
      'the journal',
      async () => (await province.ledger()) > 0 && (await province.unconfirmed()) === 0,
    );
    expect([await province.ratings(), await province.help(), await province.alarms()]).toEqual([1, 1, 0]);
  });
});

async function shown(
  kiosk: HeadlessKiosk,
  name: 'inviting' | 'details',
): Promise<Extract<Screen, { name: 'inviting' | 'details' }>> {
  const { screen } = await kiosk.until(name, (snapshot) => snapshot.screen.name === name, LIMIT_MS);
  if (screen.name !== 'inviting' && screen.name !== 'details') throw new Error(`saw ${screen.name}`);
  return screen;
}
