import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { afterAll, expect, it } from 'vitest';
import { openSealed } from '../../src/province/sealing/open.ts';
import { seal } from '../../src/shared/sealing/seal.ts';
import { pad, placeBytes, SEALING_INFO, unpad } from '../../src/shared/sealing/sealed.ts';
import { openSsl } from '../support/openssl.ts';
import { PLACE, sealingPublicKey } from '../support/sealing-keys.ts';

/**
 * docs/crypto.md, by hand: RFC 9180's key schedule with OpenSSL's derive and HKDF and Node's AES-GCM; the
 * national envelope with OpenSSL's SM2 and SM4. Both ways, so that no library of ours has to be believed.
 */
const ssl = openSsl();
afterAll(() => ssl.remove());

const WORDS = Buffer.from('{"text":"材料退了三次","contact":"13812345678"}');
const AAD = placeBytes(PLACE);
const bytes = (...parts: readonly (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));

const HPKE = 'hpke-x25519-aes256gcm';
const KEM_ID = Buffer.from('KEM\x00\x20', 'latin1');
const SUITE_ID = Buffer.from('HPKE\x00\x20\x00\x01\x00\x02', 'latin1');
/** RFC 8410: what stands before the 32 bytes of an X25519 public key. */
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex');

function hkdf(mode: 'EXTRACT_ONLY' | 'EXPAND_ONLY', length: number, ...options: readonly string[]): Buffer {
  const named = ['digest:SHA256', `mode:${mode}`, ...options].flatMap((option) => ['-kdfopt', option]);
  return ssl.run('kdf', '-binary', '-keylen', String(length), ...named, 'HKDF');
}

function extract(id: Buffer, salt: Buffer, label: string, ikm: Uint8Array): Buffer {
  const key = bytes('HPKE-v1', id, label, ikm).toString('hex');
  const salted = salt.length > 0 ? [`hexsalt:${salt.toString('hex')}`] : [];
  return hkdf('EXTRACT_ONLY', 32, `hexkey:${key}`, ...salted);
}

function expand(id: Buffer, prk: Buffer, label: string, info: Uint8Array, length: number): Buffer {
  const whole = bytes(Buffer.from([0, length]), 'HPKE-v1', id, label, info).toString('hex');
  return hkdf('EXPAND_ONLY', length, `hexkey:${prk.toString('hex')}`, `hexinfo:${whole}`);
}

/** RFC 9180, 4.1 and 5.1, mode base. */
function keySchedule(shared: Buffer, enc: Buffer, publicKey: Buffer) {
  const none = Buffer.alloc(0);
  const prk = extract(KEM_ID, none, 'eae_prk', shared);
  const secretOfKem = expand(KEM_ID, prk, 'shared_secret', bytes(enc, publicKey), 32);
  const pskId = extract(SUITE_ID, none, 'psk_id_hash', none);
  const context = bytes(Buffer.from([0]), pskId, extract(SUITE_ID, none, 'info_hash', SEALING_INFO));
  const secret = extract(SUITE_ID, secretOfKem, 'secret', none);
  return {
    key: expand(SUITE_ID, secret, 'key', context, 32),
    nonce: expand(SUITE_ID, secret, 'base_nonce', context, 12),
  };
}

function derive(privateFile: string, peer: Uint8Array): Buffer {
  ssl.write('peer.der', bytes(X25519_SPKI, peer));
  return ssl.run('pkeyutl', '-derive', '-inkey', privateFile, '-peerform', 'DER', '-peerkey', 'peer.der');
}

it('HPKE: OpenSSL and Node open what we sealed', async () => {
  ssl.run('genpkey', '-algorithm', 'X25519', '-out', 'province.pem');
  const publicKey = sealingPublicKey(HPKE, ssl.read('province.pem').toString());
  const sealed = await seal({ suite: HPKE, publicKey }, WORDS, PLACE);
  const [enc, ct] = [Buffer.from(sealed.enc, 'base64'), Buffer.from(sealed.ct, 'base64')];
  const { key, nonce } = keySchedule(derive('province.pem', enc), enc, publicKey);
  const decipher = createDecipheriv('aes-256-gcm', key, nonce).setAAD(AAD).setAuthTag(ct.subarray(-16));
  expect(unpad(bytes(decipher.update(ct.subarray(0, -16)), decipher.final()))).toEqual(WORDS);
});

it('HPKE: the province opens what OpenSSL and Node sealed', async () => {
  for (const name of ['province.pem', 'once.pem']) ssl.run('genpkey', '-algorithm', 'X25519', '-out', name);
  const pem = ssl.read('province.pem').toString();
  const publicKey = sealingPublicKey(HPKE, pem);
  const enc = sealingPublicKey(HPKE, ssl.read('once.pem').toString());
  const { key, nonce } = keySchedule(derive('once.pem', publicKey), enc, publicKey);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(AAD);
  const ct = bytes(cipher.update(pad(WORDS)), cipher.final(), cipher.getAuthTag());
  const sealed = { suite: HPKE, enc: enc.toString('base64'), ct: ct.toString('base64') } as const;
  expect(await openSealed(pem, sealed, PLACE)).toEqual({ ok: true, plain: WORDS });
});

const NATIONAL = 'sm2-sm4gcm';

/** OpenSSL 3.0 has SM4 in counter mode, which is what GCM enciphers with, from 2 on. */
function sm4Counter(key: Buffer, nonce: Buffer, counter: number, text: Buffer): Buffer {
  const iv = bytes(nonce, Buffer.from([0, 0, 0, counter])).toString('hex');
  ssl.write('text', text);
  return ssl.run('enc', '-sm4-ctr', '-K', key.toString('hex'), '-iv', iv, '-in', 'text');
}

/** GHASH (NIST SP 800-38D) by the book, and the tag. */
function sm4Tag(key: Buffer, nonce: Buffer, ct: Buffer): Buffer {
  ssl.write('text', Buffer.alloc(16));
  const h = ssl.run('enc', '-sm4-ecb', '-nopad', '-K', key.toString('hex'), '-in', 'text');
  const number = (block: Buffer) => BigInt(`0x${block.toString('hex').padEnd(32, '0')}`);
  const times = (x: bigint, y: bigint) => {
    let [z, v] = [0n, y];
    for (let bit = 127n; bit >= 0n; bit--) {
      if ((x >> bit) & 1n) z ^= v;
      v = v & 1n ? (v >> 1n) ^ (0xe1n << 120n) : v >> 1n;
    }
    return z;
  };
  const lengths = Buffer.alloc(16);
  lengths.writeBigUInt64BE(BigInt(AAD.length * 8), 0);
  lengths.writeBigUInt64BE(BigInt(ct.length * 8), 8);
  let sum = 0n;
  for (const part of [AAD, ct, lengths])
    for (let at = 0; at < part.length; at += 16)
      sum = times(sum ^ number(part.subarray(at, at + 16)), number(h));
  return sm4Counter(key, nonce, 1, Buffer.from(sum.toString(16).padStart(32, '0'), 'hex'));
}

it('SM2 and SM4: OpenSSL opens what we sealed', async () => {
  ssl.run('genpkey', '-algorithm', 'SM2', '-out', 'province.pem');
  const publicKey = sealingPublicKey(NATIONAL, ssl.read('province.pem').toString());
  for (let round = 0; round < 6; round++) {
    const sealed = await seal({ suite: NATIONAL, publicKey }, WORDS, PLACE);
    const [enc, ct] = [Buffer.from(sealed.enc, 'base64'), Buffer.from(sealed.ct, 'base64')];
    const [x, y, c3, c2] = [
      enc.subarray(1, 33),
      enc.subarray(33, 65),
      enc.subarray(65, 97),
      enc.subarray(97),
    ].map((part) => part.toString('hex'));
    const fields = `x=INTEGER:0x${x}\ny=INTEGER:0x${y}\nh=FORMAT:HEX,OCTETSTRING:${c3}\nc=FORMAT:HEX,OCTETSTRING:${c2}\n`;
    ssl.write('enc.cnf', `asn1=SEQUENCE:s\n[s]\n${fields}`);
    ssl.run('asn1parse', '-genconf', 'enc.cnf', '-noout', '-out', 'enc.der');
    const once = ssl.run('pkeyutl', '-decrypt', '-inkey', 'province.pem', '-in', 'enc.der');
    const [key, nonce] = [once.subarray(0, 16), once.subarray(16)];
    expect(unpad(sm4Counter(key, nonce, 2, ct.subarray(0, -16)))).toEqual(WORDS);
    expect(sm4Tag(key, nonce, ct.subarray(0, -16))).toEqual(ct.subarray(-16));
  }
});

it('SM2 and SM4: the province opens what OpenSSL sealed', async () => {
  ssl.run('genpkey', '-algorithm', 'SM2', '-out', 'province.pem');
  ssl.run('pkey', '-in', 'province.pem', '-pubout', '-out', 'public.pem');
  const pem = ssl.read('province.pem').toString();
  for (let round = 0; round < 6; round++) {
    const [key, nonce] = [randomBytes(16), randomBytes(12)];
    ssl.write('once', bytes(key, nonce));
    ssl.run('pkeyutl', '-encrypt', '-pubin', '-inkey', 'public.pem', '-in', 'once', '-out', 'enc.der');
    const text = ssl.run('asn1parse', '-inform', 'DER', '-in', 'enc.der').toString();
    const [x = '', y = ''] = [...text.matchAll(/INTEGER\s*:([0-9A-F]+)/g)].map(([, hex = '']) =>
      hex.padStart(64, '0'),
    );
    const [c3 = '', c2 = ''] = [...text.matchAll(/HEX DUMP\]:([0-9A-F]+)/g)].map(([, hex = '']) => hex);
    const body = sm4Counter(key, nonce, 2, pad(WORDS));
    const enc = Buffer.from(`04${x}${y}${c3}${c2}`, 'hex').toString('base64');
    const ct = bytes(body, sm4Tag(key, nonce, body)).toString('base64');
    expect(await openSealed(pem, { suite: NATIONAL, enc, ct }, PLACE)).toEqual({ ok: true, plain: WORDS });
  }
});
