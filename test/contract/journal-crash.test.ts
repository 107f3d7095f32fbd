import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { ed25519Sha256, ed25519Signer } from '../../src/shared/journal/suite.ts';
import { verifyEntries } from '../../src/shared/journal/verify.ts';
import { JOURNAL_FILE, openJournalReader } from '../../src/store/store.ts';
import { mustOpen, newFolder, newKeyPem, storeParts, unfinishedIn } from '../support/store-parts.ts';

const CHILD = join(import.meta.dirname, 'journal-crash-child.ts');
const ROUNDS = 5;

/** Kills the child as soon as it has confirmed so many acts. @returns the last seq it confirmed. */
function killAfter(acts: number, folder: string, key: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, folder, Buffer.from(key).toString('base64')], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let heard = 0;
    let last = 0;
    createInterface(child.stdout).on('line', (line) => {
      last = Math.max(last, Number(line));
      if (++heard === acts) child.kill('SIGKILL');
    });
    child.on('error', reject);
    child.on('close', (_code, signal) =>
      signal === 'SIGKILL' ? resolve(last) : reject(new Error('the child ended by itself')),
    );
  });
}

it('loses nothing it confirmed to a kill at any moment', { timeout: 60_000 }, async () => {
  const { folder, remove } = newFolder();
  const key = newKeyPem();
  const { publicKey } = ed25519Signer(key);
  const seed = Math.floor(Math.random() * 1e6);
  let before = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const confirmed = await killAfter(1 + ((seed + round * 7919) % 150), folder, key);
      const read = openJournalReader(join(folder, JOURNAL_FILE));
      if (!read.ok) throw new Error(read.message);
      const { reader } = read;
      const head = reader.head();
      const said = `seed ${seed}, round ${round}`;
      expect(head.seq, said).toBeGreaterThanOrEqual(confirmed);
      expect(confirmed, said).toBeGreaterThan(before);
      expect(verifyEntries(ed25519Sha256, publicKey, reader.entries()), said).toMatchObject({
        ok: true,
        entries: head.seq,
      });
      expect(reader.integrity(), said).toBe('ok');
      reader.close();
      before = head.seq;
    }
    // The last start finds what the kills left open, at most one service a kill.
    const store = mustOpen(storeParts(folder, { signer: ed25519Signer(key) }));
    const { ratings, invitations } = unfinishedIn(store);
    expect(invitations.length).toBeLessThanOrEqual(ROUNDS);
    expect(ratings.length).toBeLessThanOrEqual(invitations.length);
    store.close();
  } finally {
    remove();
  }
});
