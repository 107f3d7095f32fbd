import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasTraces, listBackups, sizeOf } from './backup-files.ts';
import { type Connection, connect, JOURNAL_FILE, lockFolder } from './connection.ts';
import { faultOf, sentence } from './faults.ts';
import { createJournal } from './journal.ts';
import { migrate } from './migrations.ts';
import { checkSound, type Refused } from './owner.ts';
import { canBeOpened, hasUnreadable } from './readable-copy.ts';
import { createReading } from './reading.ts';
import { createReserve, type Reserve } from './reserve.ts';
import { isClosedToWriting, isUnparsable, schemaDamage } from './schema.ts';
import { takeUpRestore } from './set-aside.ts';
import type { OpenResult, StoreParts } from './store.ts';
import { checkpoint } from './upkeep.ts';

/** @param connectTo opens the database file; a test gives a connection with less room than a disk has. */
export function openFolder(
  parts: StoreParts,
  connectTo: (file: string, options: { readonly mustExist: boolean }) => Connection = connect,
): OpenResult {
  const reserve = createReserve(parts.folder);
  const first = tryOpening(parts, connectTo, reserve);
  if (first.ok || first.problem !== 'diskFull' || !reserve.release()) return first;
  // Opening writes too, and what a power cut left open is to be settled on a full disk as well.
  return tryOpening(parts, connectTo, reserve);
}

function tryOpening(parts: StoreParts, connectTo: typeof connect, reserve: Reserve): OpenResult {
  const { folder } = parts;
  const file = join(folder, JOURNAL_FILE);
  let release: (() => void) | undefined;
  let db: Connection | undefined;
  let schemaSound = false;
  const giveUp = (refused: Refused): Refused => {
    db?.close();
    release?.();
    return refused;
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    release = lockFolder(folder).release;
    const refusedToOpen = beforeOpening(folder, file);
    if (refusedToOpen) return giveUp(refusedToOpen);
    db = connectTo(file, { mustExist: false });
    const bent = schemaDamage(db);
    if (bent !== undefined) return giveUp(unreadable(folder, bent));
    schemaSound = true;
    const refused = prepare(db, parts);
    if (refused) return giveUp(refused);
    const store = createJournal({
      ...parts,
      db,
      release,
      reserve,
      reopen: () => connectTo(file, { mustExist: true }),
    });
    const refusedToBegin = begin(store, parts);
    if (refusedToBegin) return refusedToBegin;
    reserve.inPlace();
    return { ok: true, store };
  } catch (error) {
    if (!schemaSound && isUnparsable(error)) return giveUp(unreadable(folder, error.message));
    const fault = faultOf(error, folder);
    if (fault?.kind === 'notWritable' && isClosedToWriting(file))
      return giveUp(unreadable(folder, 'its header names a format that no SQLite writes'));
    // A disk that reports an error and yet reads every block may be well again soon; one that does not, will not.
    if (fault?.kind === 'ioError' && hasUnreadable(file))
      return giveUp(unreadable(folder, 'a part of it lies where the disk does not read any more'));
    if (!fault) {
      giveUp({ ok: false, problem: 'corrupt', message: '' });
      throw error;
    }
    const problem = fault.kind === 'ioError' ? 'notWritable' : fault.kind;
    return giveUp({
      ok: false,
      problem,
      message: fault.message,
      ...(problem === 'corrupt' ? { damage: 'unreadable' } : {}),
    });
  }
}

function unreadable(folder: string, detail: string): Refused {
  return {
    ok: false,
    problem: 'corrupt',
    message: `${sentence('corrupt', folder)} (${detail})`,
    damage: 'unreadable',
  };
}

/** A restore comes first; and a journal that was here and is gone is never begun anew. */
function beforeOpening(folder: string, file: string): Refused | undefined {
  const mark = takeUpRestore(folder);
  if (mark)
    return {
      ok: false,
      problem: 'corrupt',
      message: `The journal in ${folder} is being put together again; its damaged files are in set-aside/${mark.name}.`,
      damage: mark.reason,
    };
  return sizeOf(file) === 0 && hasTraces(folder) ? gone(folder) : undefined;
}

function gone(folder: string): Refused {
  return {
    ok: false,
    problem: 'corrupt',
    message: `The journal in ${folder} is gone, and copies of it are there: it is put together again and not begun anew.`,
    damage: 'missing',
  };
}

function prepare(db: Connection, parts: StoreParts): Refused | undefined {
  const { folder } = parts;
  const migrated = migrate(db);
  if (!migrated.ok)
    return migrated.problem === 'newerSchema'
      ? {
          ok: false,
          problem: 'newerSchema',
          message: `The journal in ${folder} was written by a newer Yiping (schema ${migrated.found}). Install that version or a later one; this one does not touch it.`,
        }
      : foreign(db, folder);
  const unsound = checkSound(db, parts);
  if (unsound) return unsound;
  const { seq } = createReading(db).head();
  if (seq === 0) return hasTraces(folder, { wal: false }) ? gone(folder) : undefined;
  const behind = checkBackup(seq, folder);
  if (behind) return behind;
  checkpoint(db);
  return undefined;
}

/**
 * A copy is never ahead of what it was made of: a WAL was lost or bent, or an older file was put here. To go on from
 * there would be a second journal beside the one that citizens were thanked for. What cannot be opened is no copy: it
 * cannot be gone on from either. Throws where that cannot be said yet, so that the start is tried again.
 */
function checkBackup(headSeq: number, folder: string): Refused | undefined {
  const newest = listBackups(folder).find((one) => one.headSeq > headSeq && canBeOpened(one.file));
  if (!newest) return undefined;
  return {
    ok: false,
    problem: 'corrupt',
    message: `${sentence('corrupt', folder)} (It ends at entry ${headSeq}, and a backup of it goes to ${newest.headSeq}.)`,
    damage: 'badEnd',
  };
}

function foreign(db: Connection, folder: string): Refused {
  const ours =
    db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'journal_only_grows'").get() !== undefined;
  return ours
    ? unreadable(folder, 'its header does not say that it is a journal')
    : {
        ok: false,
        problem: 'corrupt',
        message: `${JOURNAL_FILE} in ${folder} is a database of another program. Point the data folder elsewhere.`,
      };
}

/** A new journal says first whose it is. */
function begin(store: ReturnType<typeof createJournal>, parts: StoreParts): Refused | undefined {
  if (store.head().seq > 0) return undefined;
  const { deviceId, signer, folder } = parts;
  const begun = store.append([
    {
      kind: 'journal.begun',
      body: {
        format: 1,
        deviceId,
        suite: signer.suite.name,
        publicKey: Buffer.from(signer.publicKey).toString('base64'),
      },
    },
  ]);
  if (begun.ok) return undefined;
  store.close();
  const problem = begun.reason === 'diskFull' ? 'diskFull' : 'notWritable';
  return { ok: false, problem, message: begun.message || sentence(problem, folder) };
}
