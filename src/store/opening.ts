import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { entryHash } from '../shared/journal/chain.ts';
import { ENTRY_BODIES } from '../shared/journal/entry.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { type Connection, connect, JOURNAL_FILE, lockFolder } from './connection.ts';
import { faultOf, sentence } from './faults.ts';
import { createJournal } from './journal.ts';
import { migrate } from './migrations.ts';
import { createReading } from './reading.ts';
import { createReserve, type Reserve } from './reserve.ts';
import type { OpenProblem, OpenResult, StoreParts } from './store.ts';
import { checkpoint } from './upkeep.ts';

type Refused = { readonly ok: false; readonly problem: OpenProblem; readonly message: string };

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
  const giveUp = (refused: Refused): Refused => {
    db?.close();
    release?.();
    return refused;
  };
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    release = lockFolder(folder).release;
    db = connectTo(file, { mustExist: false });
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
    const fault = faultOf(error, folder);
    if (!fault) {
      giveUp({ ok: false, problem: 'corrupt', message: '' });
      throw error;
    }
    const problem = fault.kind === 'ioError' ? 'notWritable' : fault.kind;
    return giveUp({ ok: false, problem, message: fault.message });
  }
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
      : {
          ok: false,
          problem: 'corrupt',
          message: `${JOURNAL_FILE} in ${folder} is a database of another program. Point the data folder elsewhere.`,
        };
  const reading = createReading(db);
  const [first] = reading.after(0, 1);
  if (!first) return undefined;
  const owner = checkOwner(first, parts);
  if (owner) return owner;
  const last = reading.after(reading.head().seq - 1, 1)[0];
  if (!last || !isSound(last, parts)) {
    const what = `Its last entry ${last?.seq ?? '?'} does not verify.`;
    return { ok: false, problem: 'corrupt', message: `${sentence('corrupt', folder)} (${what})` };
  }
  checkpoint(db);
  return undefined;
}

function checkOwner(first: StoredEntry, parts: StoreParts): Refused | undefined {
  const begun = ENTRY_BODIES['journal.begun'].safeParse(JSON.parse(first.body));
  if (first.kind !== 'journal.begun' || !begun.success)
    return { ok: false, problem: 'corrupt', message: sentence('corrupt', parts.folder) };
  const { deviceId, publicKey, suite } = begun.data;
  if (
    deviceId === parts.deviceId &&
    suite === parts.signer.suite.name &&
    publicKey === Buffer.from(parts.signer.publicKey).toString('base64')
  )
    return undefined;
  return {
    ok: false,
    problem: 'wrongKey',
    message:
      deviceId === parts.deviceId
        ? `The journal in ${parts.folder} is signed by another key of device ${deviceId}. Put that key back, or provision this device with a new id and a new folder.`
        : `The journal in ${parts.folder} belongs to device ${deviceId}, and this is ${parts.deviceId}. Correct the device id or the data folder.`,
  };
}

function isSound(entry: StoredEntry, { signer }: StoreParts): boolean {
  return (
    entry.sig !== null &&
    entryHash(signer.suite, entry.prev, entry.seq, entry, entry.body) === entry.hash &&
    signer.suite.verify(signer.publicKey, Buffer.from(entry.hash, 'hex'), Buffer.from(entry.sig, 'base64'))
  );
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
