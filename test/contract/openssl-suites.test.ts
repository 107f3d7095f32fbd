import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadOrMakeDeviceKey } from '../../src/core/device-key.ts';
import { SUITE_NAMES, type SuiteName } from '../../src/shared/journal/suite.ts';
import { sm3Digest } from '../../src/shared/journal/suite-sm2-sm3.ts';
import { loadSigner } from '../../src/shared/journal/suites.ts';
import { openSsl } from '../support/openssl.ts';
import { mustOpen, newFolder, rateOnce, storeParts } from '../support/store-parts.ts';

/** docs/crypto.md, run as it stands there: OpenSSL checks what we signed, and we check what OpenSSL signed. */
const ssl = openSsl();
afterAll(() => ssl.remove());

const OPTIONS: Readonly<
  Record<SuiteName, { readonly algorithm: string; readonly pkeyutl: readonly string[] }>
> = {
  'ed25519-sha256': { algorithm: 'ed25519', pkeyutl: ['-rawin'] },
  'sm2-sm3': {
    algorithm: 'SM2',
    pkeyutl: ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'],
  },
};

/** r ‖ s → the DER that OpenSSL wants, by OpenSSL itself. */
function writeSignature(suite: SuiteName, signature: Buffer): void {
  if (suite === 'ed25519-sha256') {
    ssl.write('sig', signature);
    return;
  }
  const [r, s] = [signature.subarray(0, 32), signature.subarray(32)].map((part) => part.toString('hex'));
  ssl.write('sig.cnf', `asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x${r}\ns=INTEGER:0x${s}\n`);
  ssl.run('asn1parse', '-genconf', 'sig.cnf', '-noout', '-out', 'sig');
}

function readSignature(suite: SuiteName): Buffer {
  if (suite === 'ed25519-sha256') return ssl.read('sig');
  const text = ssl.run('asn1parse', '-inform', 'DER', '-in', 'sig').toString();
  const scalars = [...text.matchAll(/INTEGER\s*:([0-9A-F]+)/g)].map(([, hex = '']) => hex.padStart(64, '0'));
  return Buffer.from(scalars.join(''), 'hex');
}

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
  const { algorithm, pkeyutl } = OPTIONS[suite];
  const verify = () =>
    ssl.agrees(
      'pkeyutl',
      '-verify',
      '-pubin',
      '-inkey',
      'public.pem',
      ...pkeyutl,
      '-in',
      'hash',
      '-sigfile',
      'sig',
    );

  it('OpenSSL reads the device’s key and verifies the journal’s head', async () => {
    const head = await journalHead(suite);
    ssl.write('key.pem', head.pem);
    ssl.run('pkey', '-in', 'key.pem', '-check', '-noout');
    ssl.run('pkey', '-in', 'key.pem', '-pubout', '-out', 'public.pem');
    ssl.write('hash', head.hash);
    writeSignature(suite, head.signature);
    expect(verify()).toBe(true);
    head.hash[0] = (head.hash[0] ?? 0) ^ 1;
    ssl.write('hash', head.hash);
    expect(verify()).toBe(false);
  });

  it('we read OpenSSL’s key and verify what OpenSSL signed', async () => {
    ssl.run('genpkey', '-algorithm', algorithm, '-out', 'key.pem');
    const signer = await loadSigner(suite, ssl.read('key.pem').toString());
    for (let round = 0; round < 8; round++) {
      const hash = signer.suite.hash(Buffer.from(`round ${round}`));
      ssl.write('hash', hash);
      ssl.run('pkeyutl', '-sign', '-inkey', 'key.pem', ...pkeyutl, '-in', 'hash', '-out', 'sig');
      const signature = readSignature(suite);
      expect(signer.suite.verify(signer.publicKey, hash, signature)).toBe(true);
      expect(signer.suite.verify(signer.publicKey, signer.suite.hash(hash), signature)).toBe(false);
    }
  });

  it('many signatures of ours, short numbers among them, are good to OpenSSL', async () => {
    ssl.run('genpkey', '-algorithm', algorithm, '-out', 'key.pem');
    ssl.run('pkey', '-in', 'key.pem', '-pubout', '-out', 'public.pem');
    const signer = await loadSigner(suite, ssl.read('key.pem').toString());
    for (let round = 0; round < 16; round++) {
      const hash = signer.suite.hash(Buffer.from(`ours ${round}`));
      ssl.write('hash', hash);
      writeSignature(suite, signer.sign(hash));
      expect(verify()).toBe(true);
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
