import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * OpenSSL's command line in a folder of its own: another implementation of everything we sign and seal, which
 * shares no line with ours. Debian 12's OpenSSL 3.0 is enough.
 */
export interface OpenSsl {
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
  return {
    run,
    agrees(...args) {
      try {
        run(...args);
        return true;
      } catch (error) {
        // A check that fails ends with 1; a command that was never run is the test's own fault.
        if (error instanceof Error && 'status' in error && error.status === 1) return false;
        throw error;
      }
    },
    write: (name, content) => writeFileSync(join(folder, name), content),
    read: (name) => readFileSync(join(folder, name)),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
