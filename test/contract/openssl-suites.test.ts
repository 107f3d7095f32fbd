import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadOrMakeDeviceKey } from '../../src/core/device-key.ts';
import { SUITE_NAMES, type SuiteName } from '../../src/shared/journal/suite.ts';
import { sm3Digest } from '../../src/shared/journal/suite-sm2-sm3.ts';
import { loadSigner } from '../../src/shared/journal/suites.ts';
import { openSsl, type Scheme } from '../support/openssl.ts';
import { mustOpen, newFolder, rateOnce, storeParts } from '../support/store-parts.ts';

/** docs/crypto.md, run as it stands there: OpenSSL checks what we signed, and we check what OpenSSL signed. */
const ssl = openSsl();
afterAll(() => ssl.remove());

const SCHEMES: Readonly<Record<SuiteName, Scheme>> = { 'ed25519-sha256': 'ed25519', 'sm2-sm3': 'sm2' };

/** A real journal with a real key file; what an auditor would hold in hands. */
async function journalHead(suite: SuiteName) {
  const { folder, remove } = newFolder();
  try {
    const key = await loadOrMakeDeviceKey(folder, suite);
    if (!key.ok) throw new Error(key.message);
    const store = mustOpen(storeParts(folder, { signer: key.signer }));
    rateOnce(store, 'hall-01/1');
    const last = [...store.entries()].at(-1);
    store.close();
    const pem = readFileSync(join(folder, 'device-key.pem'));
    return {
      pem,
      hash: Buffer.from(last?.hash ?? '', 'hex'),
      signature: Buffer.from(last?.sig ?? '', 'base64'),
    };
  } finally {
    remove();
  }
}

describe.each(SUITE_NAMES)('%s', (suite) => {
  const scheme = SCHEMES[suite];

  it('OpenSSL reads the device’s key and verifies the journal’s head', async () => {
    const head = await journalHead(suite);
    ssl.write('key.pem', head.pem);
    ssl.run('pkey', '-in', 'key.pem', '-check', '-noout');
    ssl.run('pkey', '-in', 'key.pem', '-pubout', '-out', 'public.pem');
    expect(ssl.verifies(scheme, head.hash, head.signature)).toBe(true);
    head.hash[0] = (head.hash[0] ?? 0) ^ 1;
    expect(ssl.verifies(scheme, head.hash, head.signature)).toBe(false);
  });

  it('we read OpenSSL’s key and verify what OpenSSL signed', async () => {
    ssl.makeKey(scheme);
    const signer = await loadSigner(suite, ssl.read('key.pem').toString());
    for (let round = 0; round < 8; round++) {
      const hash = signer.suite.hash(Buffer.from(`round ${round}`));
      const signature = ssl.signs(scheme, hash);
      expect(signer.suite.verify(signer.publicKey, hash, signature)).toBe(true);
      expect(signer.suite.verify(signer.publicKey, signer.suite.hash(hash), signature)).toBe(false);
    }
  });

  it('many signatures of ours, short numbers among them, are good to OpenSSL', async () => {
    ssl.makeKey(scheme);
    const signer = await loadSigner(suite, ssl.read('key.pem').toString());
    for (let round = 0; round < 16; round++) {
      const hash = signer.suite.hash(Buffer.from(`ours ${round}`));
      expect(ssl.verifies(scheme, hash, signer.sign(hash))).toBe(true);
    }
  });
});

it('SM3 is OpenSSL’s SM3, for lengths around every block', () => {
  for (const length of [0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000]) {
    const bytes = Buffer.alloc(length, 0xa5);
    ssl.write('bytes', bytes);
    const theirs = ssl.run('dgst', '-sm3', '-binary', 'bytes');
    expect(sm3Digest([bytes], true).equals(theirs)).toBe(true);
    expect(sm3Digest([bytes]).equals(theirs)).toBe(true);
  }
});
