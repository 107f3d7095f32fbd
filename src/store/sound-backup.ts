import { existsSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { backupName, listBackups } from './backup-files.ts';
import { totalsStand, walkChain } from './chain-walk.ts';
import { type Connection, connect } from './connection.ts';
import { faultOf } from './faults.ts';
import { migrate } from './migrations.ts';
import { checkSound } from './owner.ts';
import { rebuildInTurns } from './projections.ts';
import { canBeOpened, copyReadable, isOfSource } from './readable-copy.ts';
import type { Head } from './reading.ts';
import { isClosedToWriting, schemaDamage } from './schema.ts';
import type { StoreParts } from './store.ts';

/**
 * Copies the newest backup that verifies to where the journal is put together. One that does not is set aside too, so
 * that it is never taken for what it says again.
 */
export async function takeSoundBackup(
  parts: StoreParts,
  to: { readonly journal: string; readonly aside: string },
): Promise<Head | null> {
  const part = `${to.journal}.part`;
  const passedOver = new Set<string>();
  for (;;) {
    const newest = listBackups(parts.folder).find(({ file }) => !passedOver.has(file));
    if (!newest) return null;
    const { file, headSeq, madeAtMs } = newest;
    const head = (await copied(file, part)) ? await soundHead(part, parts) : undefined;
    if (head?.seq === headSeq) {
      renameSync(part, to.journal);
      return head;
    }
    rmSync(part, { force: true });
    // A name that says too much would send every start into a restore.
    const named = head && join(dirname(file), backupName(head.seq, madeAtMs));
    try {
      renameSync(file, named && !existsSync(named) ? named : join(to.aside, basename(file)));
    } catch (error) {
      // What cannot be opened sends no start into a restore, whatever its name says.
      if (canBeOpened(file)) throw error;
      passedOver.add(file);
    }
  }
}

/** False where it is the backup that cannot be read: a folder, a link to what is gone, a file of another user. */
async function copied(file: string, to: string): Promise<boolean> {
  if (!canBeOpened(file)) return false;
  try {
    await copyReadable(file, to);
    return true;
  } catch (error) {
    if (!isOfSource(error, file)) throw error;
    return false;
  }
}

/**
 * Where a copy of a backup ends; undefined when it is not sound. What any read of a bent file may throw is an answer
 * here: only what the disk does to the copy is thrown. Its tables are made of its entries anew, because a bent row that
 * SQLite accepts would otherwise come back with every restore.
 */
async function soundHead(file: string, parts: StoreParts): Promise<Head | undefined> {
  const by = { suite: parts.signer.suite, publicKey: parts.signer.publicKey };
  let db: Connection | undefined;
  try {
    db = connect(file, { mustExist: true });
    // A copy of a copy: it is flushed once, by the checkpoint.
    db.pragma('synchronous = NORMAL');
    if (schemaDamage(db) !== undefined || !migrate(db).ok) return undefined;
    if (db.pragma('integrity_check(1)', { simple: true }) !== 'ok') return undefined;
    if (checkSound(db, parts)) return undefined;
    const walked = await walkChain(db, parts.signer.suite);
    if (!walked.ok || walked.head.seq === 0) return undefined;
    await rebuildInTurns(db);
    if (!totalsStand(db, by)) return undefined;
    db.pragma('wal_checkpoint(TRUNCATE)');
    return walked.head;
  } catch (error) {
    const kind = faultOf(error, parts.folder)?.kind;
    if (kind === 'diskFull' || kind === 'ioError' || kind === 'locked') throw error;
    if (kind === 'notWritable' && !isClosedToWriting(file)) throw error;
    return undefined;
  } finally {
    db?.close();
    for (const end of ['-wal', '-shm']) rmSync(`${file}${end}`, { force: true });
  }
}
