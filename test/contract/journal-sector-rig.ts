import { spawnSync } from 'node:child_process';
import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { ed25519Signer } from '../../src/shared/journal/suite.ts';
import { JOURNAL_FILE, markDamaged } from '../../src/store/store.ts';
import { type Site, site } from '../support/bent-journal.ts';
import { newKeyPem } from '../support/store-parts.ts';

/** A sector that the disk cannot read any more: the operating system itself answers EIO, to a real process. */
const CHILD = join(import.meta.dirname, 'journal-sector-child.ts');
/** What a journal is copied by. */
export const BLOCK = 4096;

/** A site whose key another process can be given. */
export type WithKey = Site & { readonly key: string };

export function siteWithKey(): WithKey {
  const key = newKeyPem();
  const bare = site();
  return { ...bare, key, parts: { ...bare.parts, signer: ed25519Signer(key) } };
}

/** The same journal in a folder of its own. @param files where it was copied to when it was as it is wanted. */
export function siteOf({ key, parts }: WithKey, files: string): WithKey {
  const bare = site();
  cpSync(files, bare.folder, { recursive: true });
  return { ...bare, key, parts: { ...parts, folder: bare.folder } };
}

/**
 * @param when which reads of the file fail, as strace counts them; of several calls all, where they are not reads by place.
 * @param mode what the child does, as it says itself.
 * @returns what it wrote.
 */
export function withUnreadable({ folder, key }: WithKey, file: string, when: string, mode: string): unknown {
  const trace = join(folder, 'trace');
  const reads = `inject=pread64:error=EIO:when=${when}`;
  const copies = 'inject=copy_file_range,sendfile:error=EIO';
  const calls = ['-e', 'trace=pread64,copy_file_range,sendfile', '-e', reads, '-e', copies];
  const child = spawnSync(
    'strace',
    [
      ...['-f', '-qq', '-e', 'signal=none', ...calls, '-P', file, '-o', trace],
      ...[process.execPath, CHILD, folder, Buffer.from(key).toString('base64'), mode],
    ],
    { encoding: 'utf8' },
  );
  expect(child.stdout, child.stderr).not.toBe('');
  expect(readFileSync(trace, 'utf8')).toMatch(/EIO .*INJECTED/);
  return JSON.parse(child.stdout);
}

/** The damaged journal is copied block by block, so the n-th read is that of the n-th block. */
export function restoreWithout(
  here: WithKey,
  offset: number,
  { end = '', mode = 'restore' }: { readonly end?: '' | '-wal'; readonly mode?: string } = {},
): unknown {
  const { name } = markDamaged(here.folder, 'badMiddle', here.clock.nowMs());
  const aside = join(here.folder, 'set-aside', name, `${JOURNAL_FILE}${end}`);
  return withUnreadable(here, aside, String(Math.floor(offset / BLOCK) + 1), mode);
}
