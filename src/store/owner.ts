import { entryHash } from '../shared/journal/chain.ts';
import { ENTRY_BODIES, type RestoreReason } from '../shared/journal/entry.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import type { Connection } from './connection.ts';
import { sentence } from './faults.ts';
import { createReading } from './reading.ts';
import type { OpenProblem, StoreParts } from './store.ts';

export interface Refused {
  readonly ok: false;
  readonly problem: OpenProblem;
  readonly message: string;
  /** It is this program's journal and damaged: it can be put together again. */
  readonly damage?: RestoreReason;
}

/** Whose journal it is, and whether it ends as this device signed it. An empty one is everybody's. */
export function checkSound(db: Connection, parts: StoreParts): Refused | undefined {
  const reading = createReading(db);
  const [first] = reading.after(0, 1);
  if (!first) return undefined;
  const owner = checkOwner(first, parts);
  if (owner) return owner;
  const last = reading.after(reading.head().seq - 1, 1)[0];
  if (last && isSound(last, parts)) return undefined;
  const what = `Its last entry ${last?.seq ?? '?'} does not verify.`;
  return {
    ok: false,
    problem: 'corrupt',
    message: `${sentence('corrupt', parts.folder)} (${what})`,
    damage: 'badEnd',
  };
}

function checkOwner(first: StoredEntry, parts: StoreParts): Refused | undefined {
  const begun = readBegun(first);
  if (!begun)
    return {
      ok: false,
      problem: 'corrupt',
      message: sentence('corrupt', parts.folder),
      damage: 'badBeginning',
    };
  const { deviceId, publicKey, suite } = begun;
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

function readBegun(first: StoredEntry) {
  if (first.kind !== 'journal.begun' || first.seq !== 1) return undefined;
  try {
    return ENTRY_BODIES['journal.begun'].safeParse(JSON.parse(first.body)).data;
  } catch {
    return undefined;
  }
}

function isSound(entry: StoredEntry, { signer }: StoreParts): boolean {
  try {
    return (
      entry.sig !== null &&
      entryHash(signer.suite, entry.prev, entry.seq, entry, entry.body) === entry.hash &&
      signer.suite.verify(signer.publicKey, Buffer.from(entry.hash, 'hex'), Buffer.from(entry.sig, 'base64'))
    );
  } catch {
    // A value of another type than its column's: nobody here wrote that.
    return false;
  }
}
