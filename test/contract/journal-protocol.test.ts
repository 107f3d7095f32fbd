import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/shared/clock.ts';
import { canonicalText, entryHash, GENESIS } from '../../src/shared/journal/chain.ts';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';
import { BatchSchema } from '../../src/shared/protocol/batch.ts';
import { verifyRequest } from '../../src/shared/protocol/signature.ts';
import type { Store } from '../../src/store/store.ts';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createUploader, type UploadState } from '../../src/sync/uploader.ts';
import { drafts, mustOpen, newFolder, newSigner, rateOnce, storeParts } from '../support/store-parts.ts';

/** What happens to one exchange. `take` is a province in good health; the others do it harm. */
type Fate = (request: Exchange) => void;

interface Exchange {
  readonly response: ServerResponse;
  /** What a province in good health would say, having frozen the batch. */
  freeze(): { readonly status: number; readonly body: object };
  say(status: number, body: unknown, headers?: Record<string, string>): void;
}

const take: Fate = (exchange) => {
  const { status, body } = exchange.freeze();
  exchange.say(status, body);
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A small province: checks signature and chain, keeps every entry once, and meets each request with a fate. */
async function province(publicKey: Uint8Array, fates: Fate[] = []) {
  const ledger: { seq: number; hash: string }[] = [];
  let requests = 0;

  const freeze = (body: Buffer, incoming: IncomingMessage) => {
    const method = incoming.method ?? '';
    const path = incoming.url ?? '';
    const { headers } = incoming;
    const proven = verifyRequest(ed25519Sha256, {
      method,
      path,
      headers,
      body,
      publicKeyOf: () => publicKey,
    });
    if (!proven.ok) throw new Error(proven.reason);
    const batch = BatchSchema.parse(JSON.parse(gunzipSync(body).toString()));
    const first = batch[0]?.data.seq ?? 0;
    if (first > ledger.length + 1)
      return { status: 409, body: { error: 'gap', message: 'a gap', expectedSeq: ledger.length + 1 } };
    let prev = ledger[first - 2]?.hash ?? GENESIS;
    const fresh: typeof ledger = [];
    for (const { id, type, time, data } of batch) {
      const { seq, boot, mono } = data;
      const place = { id, kind: type.slice('org.yiping.'.length), at: Date.parse(time), boot, mono };
      prev = entryHash(ed25519Sha256, prev, seq, place, canonicalText(data.body));
      const held = ledger[seq - 1];
      if (held && held.hash !== prev) return { status: 409, body: { error: 'fork', message: 'a fork', seq } };
      if (!held) fresh.push({ seq, hash: prev });
    }
    const sig = Buffer.from(batch.at(-1)?.data.sig ?? '', 'base64');
    if (!ed25519Sha256.verify(publicKey, Buffer.from(prev, 'hex'), sig)) throw new Error('unsigned batch');
    ledger.push(...fresh);
    const ackedSeq = batch.at(-1)?.data.seq ?? 0;
    return { status: 200, body: { ackedSeq, serverTimeMs: Date.now(), configVersion: 0, commands: [] } };
  };

  const server: Server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      requests++;
      const fate = fates.shift() ?? take;
      fate({
        response,
        freeze: () => freeze(Buffer.concat(chunks), incoming),
        say: (status, body, headers = {}) =>
          response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body)),
      });
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  cleanups.push(() => {
    server.closeAllConnections();
    return new Promise((done) => server.close(done));
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    ledger,
    baseUrl: `http://127.0.0.1:${address.port}`,
    get requests() {
      return requests;
    },
    forget() {
      ledger.length = 0;
    },
  };
}

interface Setup {
  readonly store: Store;
  readonly states: UploadState[];
  readonly uploader: ReturnType<typeof createUploader>;
  until(holds: (state: UploadState) => boolean): Promise<UploadState>;
}

function kiosk(parts: { baseUrl: string; signer: ReturnType<typeof newSigner>; timeoutMs?: number }): Setup {
  const { folder, remove } = newFolder();
  const store = mustOpen(storeParts(folder, { signer: parts.signer }));
  const post = createHttpPost({ baseUrl: parts.baseUrl, timeoutMs: parts.timeoutMs ?? 5_000 });
  const states: UploadState[] = [];
  const waiting = new Set<(state: UploadState) => void>();
  const uploader = createUploader({
    store,
    link: 'province',
    post,
    signer: parts.signer,
    deviceId: storeParts(folder).deviceId,
    clock: systemClock,
    random: Math.random,
    backoffLimits: { baseMs: 20, capMs: 200 },
    onState(state) {
      states.push(state);
      for (const look of waiting) look(state);
    },
  });
  cleanups.push(
    remove,
    () => store.close(),
    () => post.close(),
    () => uploader.stop(),
  );
  return {
    store,
    states,
    uploader,
    until: (holds) =>
      new Promise((done) => {
        const look = (state: UploadState) => {
          if (!holds(state)) return;
          waiting.delete(look);
          done(state);
        };
        waiting.add(look);
        look(uploader.state());
      }),
  };
}

const delivered = (state: UploadState) => state.state === 'idle' && state.unsent === 0;
const exactlyOnce = (store: Store, ledger: readonly { seq: number; hash: string }[]) =>
  expect(ledger).toEqual([...store.entries()].map(({ seq, hash }) => ({ seq, hash })));

describe('a journal travels whole, in order and once', () => {
  it('through a network in good health, batch after batch, and then entry by entry', async () => {
    const signer = newSigner();
    const far = await province(signer.publicKey);
    const { store, uploader, until } = kiosk({ signer, baseUrl: far.baseUrl });
    for (let i = 0; i < 300; i++) rateOnce(store, `s${i}`);
    uploader.start();
    await until(delivered);
    exactlyOnce(store, far.ledger);
    expect(far.requests).toBe(3);
    rateOnce(store, 'late');
    await until(delivered);
    exactlyOnce(store, far.ledger);
  });

  it('through every harm that one reply can come to', async () => {
    const signer = newSigner();
    const html = { 'content-type': 'text/html' };
    const harms: Fate[] = [
      // Never taken.
      (exchange) => exchange.response.destroy(),
      (exchange) => exchange.say(500, { error: 'internal', message: 'no' }),
      (exchange) => exchange.say(502, '<html>Bad Gateway</html>', html),
      (exchange) => exchange.say(200, '<html>Log in to use this network</html>', html),
      (exchange) => exchange.say(302, '', { location: 'http://127.0.0.1:9/elsewhere' }),
      (exchange) => exchange.say(200, { ackedSeq: 1e9, serverTimeMs: 0, configVersion: 0, commands: [] }),
      (exchange) => exchange.say(200, { ackedSeq: 0, serverTimeMs: 0, configVersion: 0, commands: [] }),
      (exchange) => exchange.say(200, 'x'.repeat(200_000)),
      (exchange) => exchange.say(413, ''),
      (exchange) => exchange.say(400, 'Bad Request'),
      // Taken, but the reply is lost: all of it, in the middle, or too late.
      (exchange) => {
        exchange.freeze();
        exchange.response.destroy();
      },
      (exchange) => {
        const { body } = exchange.freeze();
        exchange.response.writeHead(200, { 'content-length': '500' });
        exchange.response.write(JSON.stringify(body).slice(0, 20), () => exchange.response.destroy());
      },
      (exchange) => {
        // Slow loris: a byte now and then, for ever.
        const text = JSON.stringify(exchange.freeze().body);
        exchange.response.writeHead(200);
        let sent = 0;
        const drip = setInterval(() => exchange.response.write(text.charAt(sent++ % text.length)), 40);
        exchange.response.on('close', () => clearInterval(drip));
      },
      (exchange) => {
        // Taken and never answered.
        exchange.freeze();
      },
    ];
    const far = await province(signer.publicKey, harms);
    const { store, uploader, states, until } = kiosk({ signer, baseUrl: far.baseUrl, timeoutMs: 300 });
    for (let i = 0; i < 30; i++) rateOnce(store, `s${i}`);
    uploader.start();
    await until(delivered);
    exactlyOnce(store, far.ledger);
    expect(harms).toEqual([]);
    const said = states.map(({ lastError = '' }) => lastError).join('\n');
    for (const word of [
      'longer than',
      'no whole reply within',
      'not an acknowledgement',
      'redirection',
      'never written',
    ])
      expect(said).toContain(word);
  });

  it('while it grows and every second reply is lost', async () => {
    const signer = newSigner();
    let turn = 0;
    const lossy: Fate = (exchange) => {
      const { status, body } = exchange.freeze();
      if (turn++ % 2 === 0) exchange.response.destroy();
      else exchange.say(status, body);
    };
    const far = await province(
      signer.publicKey,
      Array.from({ length: 60 }, () => lossy),
    );
    const { store, uploader, until } = kiosk({ signer, baseUrl: far.baseUrl });
    uploader.start();
    for (let i = 0; i < 20; i++) {
      rateOnce(store, `s${i}`);
      uploader.kick();
      await until((state) => state.ackedSeq > 4 * i);
    }
    await until(delivered);
    exactlyOnce(store, far.ledger);
  });

  it('to a province that lost its memory', async () => {
    const signer = newSigner();
    const far = await province(signer.publicKey);
    const { store, uploader, until } = kiosk({ signer, baseUrl: far.baseUrl });
    for (let i = 0; i < 10; i++) rateOnce(store, `s${i}`);
    uploader.start();
    await until(delivered);
    far.forget();
    store.append([drafts.paused(true)]);
    await until(delivered);
    exactlyOnce(store, far.ledger);
  });

  it('after the province asked for time', async () => {
    const signer = newSigner();
    const busy: Fate = (exchange) =>
      exchange.say(503, { error: 'slowDown', message: 'in a second' }, { 'retry-after': '1' });
    const far = await province(signer.publicKey, [busy]);
    const { store, uploader, states, until } = kiosk({ signer, baseUrl: far.baseUrl });
    uploader.start();
    await until(delivered);
    expect(states.map(({ state }) => state)).toContain('slowed');
    exactlyOnce(store, far.ledger);
  });
});

describe('no province', () => {
  it('is said, and tried again', async () => {
    const { uploader, until } = kiosk({ signer: newSigner(), baseUrl: 'http://127.0.0.1:9' });
    uploader.start();
    const state = await until(({ state: name }) => name === 'offline');
    expect(state.lastError).toMatch(/cannot be reached.*ECONNREFUSED/);
    expect(state.retryAtMs).toBeGreaterThan(0);
  });

  it('an address that does not speak TLS is not taken for one that does', async () => {
    const far = await province(newSigner().publicKey);
    const { uploader, until } = kiosk({
      signer: newSigner(),
      baseUrl: far.baseUrl.replace('http:', 'https:'),
    });
    uploader.start();
    expect((await until(({ state }) => state === 'offline')).lastError).toMatch(/SSL|TLS|broke off/);
  });

  it('an address with a path is refused at once', () => {
    expect(() => createHttpPost({ baseUrl: 'https://province.example/base', timeoutMs: 1 })).toThrow(
      /has a path/,
    );
  });
});
