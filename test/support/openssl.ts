import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** How OpenSSL is told to sign. Ours is r ‖ s for SM2, where OpenSSL has DER. */
const SCHEMES = {
  ed25519: { genpkey: 'ed25519', pkeyutl: ['-rawin'] },
  sm2: { genpkey: 'SM2', pkeyutl: ['-rawin', '-digest', 'sm3', '-pkeyopt', 'distid:1234567812345678'] },
} as const;
export type Scheme = keyof typeof SCHEMES;

/**
 * OpenSSL's command line in a folder of its own: another implementation of everything we sign and seal, which
 * shares no line with ours. Debian 12's OpenSSL 3.0 is enough.
 */
export interface OpenSsl {
  /** Makes `key.pem` and `public.pem`. */
  makeKey(scheme: Scheme): void;
  /** Whether the signature, as we write it, is good for the bytes under the key in `public.pem`. */
  verifies(scheme: Scheme, signed: string | Uint8Array, signature: Uint8Array): boolean;
  /** Signs with the key in `key.pem`. @returns the signature as we write it. */
  signs(scheme: Scheme, toSign: string | Uint8Array): Buffer;
  /** Runs it. Throws, with what it said, when it fails. */
  run(...args: readonly string[]): Buffer;
  /** Whether it succeeds: for checks that may say no. */
  agrees(...args: readonly string[]): boolean;
  write(name: string, content: string | Uint8Array): void;
  read(name: string): Buffer;
  remove(): void;
}

export function openSsl(): OpenSsl {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-openssl-'));
  const run = (...args: readonly string[]) =>
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const write = (name: string, content: string | Uint8Array) => writeFileSync(join(folder, name), content);
  const read = (name: string) => readFileSync(join(folder, name));
  const agrees = (...args: readonly string[]) => {
    try {
      run(...args);
      return true;
    } catch (error) {
      // A check that fails ends with 1; a command that was never run is the test's own fault.
      if (error instanceof Error && 'status' in error && error.status === 1) return false;
      throw error;
    }
  };

  /** The DER by OpenSSL itself, so that no line of ours is tested with ours. */
  const writeSignature = (scheme: Scheme, raw: Uint8Array) => {
    if (scheme === 'ed25519') return write('sig', raw);
    const [r, s] = [raw.subarray(0, 32), raw.subarray(32)].map((part) => Buffer.from(part).toString('hex'));
    write('sig.cnf', `asn1=SEQUENCE:s\n[s]\nr=INTEGER:0x${r}\ns=INTEGER:0x${s}\n`);
    run('asn1parse', '-genconf', 'sig.cnf', '-noout', '-out', 'sig');
  };
  const readSignature = (scheme: Scheme) => {
    if (scheme === 'ed25519') return read('sig');
    const text = run('asn1parse', '-inform', 'DER', '-in', 'sig').toString();
    const scalars = [...text.matchAll(/INTEGER\s*:([0-9A-F]+)/g)].map(([, hex = '']) =>
      hex.padStart(64, '0'),
    );
    return Buffer.from(scalars.join(''), 'hex');
  };

  return {
    run,
    agrees,
    write,
    read,
    makeKey(scheme) {
      run('genpkey', '-algorithm', SCHEMES[scheme].genpkey, '-out', 'key.pem');
      run('pkey', '-in', 'key.pem', '-pubout', '-out', 'public.pem');
    },
    verifies(scheme, signed, signature) {
      write('signed', signed);
      writeSignature(scheme, signature);
      const how = [...SCHEMES[scheme].pkeyutl, '-in', 'signed', '-sigfile', 'sig'];
      return agrees('pkeyutl', '-verify', '-pubin', '-inkey', 'public.pem', ...how);
    },
    signs(scheme, toSign) {
      write('signed', toSign);
      const how = [...SCHEMES[scheme].pkeyutl, '-in', 'signed', '-out', 'sig'];
      run('pkeyutl', '-sign', '-inkey', 'key.pem', ...how);
      return readSignature(scheme);
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
