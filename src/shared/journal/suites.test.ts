import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SUITE_NAMES } from './suite.ts';
import { sm3Digest } from './suite-sm2-sm3.ts';
import { loadSigner, loadSuite, makePrivateKey } from './suites.ts';

describe.each(SUITE_NAMES)('suite %s', (name) => {
  const made = async () => loadSigner(name, await makePrivateKey(name));

  it('checks what it signed, and nothing else', async () => {
    const [signer, other] = [await made(), await made()];
    const message = signer.suite.hash(Buffer.from('head'));
    const signature = signer.sign(message);
    expect([signature.length, message.length]).toEqual([64, 32]);
    const suite = await loadSuite(name);
    expect(suite.name).toBe(name);
    expect(suite.verify(signer.publicKey, message, signature)).toBe(true);
    expect(suite.verify(other.publicKey, message, signature)).toBe(false);
    for (const at of [0, 31, 32, 63]) {
      const bent = Buffer.from(signature);
      bent[at] = (bent[at] ?? 0) ^ 1;
      expect(suite.verify(signer.publicKey, message, bent)).toBe(false);
      const other = Buffer.from(message);
      other[at % 32] = (other[at % 32] ?? 0) ^ 1;
      expect(suite.verify(signer.publicKey, other, signature)).toBe(false);
    }
  });

  it('is false, and nothing worse, for whatever bytes come', async () => {
    const { suite, publicKey } = await made();
    const bytes = fc.uint8Array({ maxLength: 80 });
    const key = fc.oneof(bytes, fc.constant(publicKey), fc.uint8Array({ minLength: 65, maxLength: 65 }));
    const signature = fc.oneof(bytes, fc.constantFrom(Buffer.alloc(64), Buffer.alloc(64, 255)));
    fc.assert(
      fc.property(key, bytes, signature, (raw, message, sig) => {
        expect(suite.verify(raw, message, sig)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  it('knows its own keys', async () => {
    const { suite, publicKey } = await made();
    expect(suite.isPublicKey(publicKey)).toBe(true);
    for (const raw of [Buffer.alloc(0), Buffer.alloc(65), Buffer.alloc(65, 4), Buffer.alloc(33)])
      expect(suite.isPublicKey(raw)).toBe(false);
  });

  it('refuses another suite’s key, and nonsense', async () => {
    for (const other of SUITE_NAMES.filter((one) => one !== name))
      await expect(makePrivateKey(other).then((pem) => loadSigner(name, pem))).rejects.toThrow();
    await expect(loadSigner(name, 'nonsense')).rejects.toThrow();
  });
});

it('r and s of an SM2 signature are neither zero nor the group’s order nor more', async () => {
  const { suite, publicKey, sign } = await loadSigner('sm2-sm3', await makePrivateKey('sm2-sm3'));
  const order = Buffer.from('fffffffeffffffffffffffffffffffff7203df6b21c6052b53bbf40939d54123', 'hex');
  const message = Buffer.alloc(32, 1);
  const signature = sign(message);
  for (const part of [0, 32])
    for (const scalar of [Buffer.alloc(32), order, Buffer.alloc(32, 255)]) {
      const bent = Buffer.from(signature);
      scalar.copy(bent, part);
      expect(suite.verify(publicKey, message, bent)).toBe(false);
    }
});

it('an SM2 key whose halves do not belong together is refused', async () => {
  const pem = await makePrivateKey('sm2-sm3');
  const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ''), 'base64');
  der[der.length - 1] = (der.at(-1) ?? 0) ^ 1;
  const bent = `-----BEGIN PRIVATE KEY-----\n${der.toString('base64')}\n-----END PRIVATE KEY-----\n`;
  await expect(loadSigner('sm2-sm3', bent)).rejects.toThrow('damaged');
});

it('SM3 is the same by OpenSSL and by the library', () => {
  // GB/T 32905, example 1.
  const abc = '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0';
  expect(sm3Digest([Buffer.from('a'), Buffer.from('bc')], true).toString('hex')).toBe(abc);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 }), (parts) => {
      expect(sm3Digest(parts, true).equals(sm3Digest(parts))).toBe(true);
    }),
  );
});
