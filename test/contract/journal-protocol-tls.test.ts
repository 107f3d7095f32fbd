import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createHttpPost } from '../../src/sync/http-post.ts';
import { createCertificates } from '../../tools/servers/certificates.ts';

/** A province behind a certificate of an authority that only the site knows. */
const certificates = createCertificates();
const authority = certificates.authority('province-authority');
const server = createServer(
  certificates.serverFor('IP:127.0.0.1', 'province-authority'),
  (_request, response) => response.end('{}'),
);
let baseUrl: string;

beforeAll(async () => {
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  baseUrl = `https://127.0.0.1:${address.port}`;
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  certificates.remove();
});

async function ask(ca?: string) {
  const post = createHttpPost({ baseUrl, timeoutMs: 10_000, ...(ca === undefined ? {} : { ca }) });
  const { signal } = new AbortController();
  try {
    return await post({ path: '/', headers: {}, body: Buffer.from('x'), signal });
  } finally {
    await post.close();
  }
}

it('is trusted with the authority of the site', async () => {
  expect(await ask(readFileSync(authority, 'utf8'))).toMatchObject({ kind: 'reply', status: 200 });
});

it('is not trusted without it, and that is said', async () => {
  expect(await ask()).toMatchObject({
    kind: 'failed',
    failure: 'tls',
    message: expect.stringMatching(/certificate is not trusted/),
  });
});

it('is not trusted with another authority', async () => {
  const other = certificates.authority('somebody-else');
  expect(await ask(readFileSync(other, 'utf8'))).toMatchObject({ kind: 'failed', failure: 'tls' });
});
