import { GENESIS } from '../../shared/journal/chain.ts';
import type { Suite } from '../../shared/journal/suite.ts';
import type { Db, Queryable } from '../db/db.ts';
import type { Refused } from '../refusal.ts';
import { confirmAnnounced } from '../urgent/announce.ts';
import { insertHelpRequests } from '../urgent/help-requests.ts';
import { chainHashes, signsHash } from './chain.ts';
import { type Arrival, addDetails, freezeRows } from './freeze.ts';
import { type DeviceHead, heldHashes, lockDevice, nameMissing, raiseAlarms } from './ledger.ts';
import { type AlarmRow, projectEntries, type RatingRow } from './projection.ts';
import type { WireEntry } from './read-batch.ts';
import { forgetMissing } from './recover.ts';
import { freezeUncounted, judgeTokens } from './ticket-tokens.ts';

/** A device whose request signature has been verified. */
export interface ProvenDevice {
  readonly id: string;
  readonly suite: Suite;
  readonly publicKey: Uint8Array;
}

export interface Ingested {
  readonly answer:
    | { readonly ok: true; readonly ackedSeq: number; readonly ackedHash: string }
    | { readonly ok: false; readonly refused: Refused };
  readonly arrivals: readonly Arrival[];
  /** Whether something the live page shows has changed. */
  readonly changed: boolean;
}

/**
 * Freezes a batch: all of it or nothing, in one transaction that holds the device's row. What is held
 * already is compared and skipped, what is new is chained to the held head and must carry the device's
 * signature at its end.
 */
export function ingestBatch(
  db: Db,
  batch: {
    readonly device: ProvenDevice;
    readonly entries: readonly WireEntry[];
    readonly nowMs: number;
    readonly clockOffsetMs: number;
  },
): Promise<Ingested> {
  return db.transaction((tx) => ingestLocked(tx, batch));
}

type Batch = Parameters<typeof ingestBatch>[1];

async function ingestLocked(tx: Queryable, batch: Batch): Promise<Ingested> {
  const { device, entries } = batch;
  const head = await lockDevice(tx, device.id);
  const first = entries[0];
  const last = entries.at(-1);
  if (!head || !first || !last?.sig) throw new Error(`batch of ${device.id} came unchecked to the ledger`);
  if (head.state === 'revoked')
    return refuse({
      error: 'revoked',
      message: `Device ${device.id} has been revoked. Provision it again before it sends.`,
    });
  if (first.seq > head.headSeq + 1) {
    await nameMissing(tx, device.id, first.seq - 1, batch.nowMs);
    return refuse({
      error: 'gap',
      expectedSeq: head.headSeq + 1,
      message: `Device ${device.id} is held up to ${head.headSeq}, the batch begins at ${first.seq}. Go on from ${head.headSeq + 1}.`,
    });
  }

  const overlap = Math.min(head.headSeq, last.seq) - first.seq + 1;
  const held =
    overlap > 0
      ? await heldHashes(tx, device.id, Math.max(1, first.seq - 1), first.seq + overlap - 1)
      : [head.headHash];
  const before = first.seq === 1 ? GENESIS : (held[0] ?? GENESIS);
  const hashes = chainHashes(device.suite, before, entries);
  const heldHere = first.seq === 1 ? held : held.slice(1);
  const forkAt = overlap > 0 ? hashes.slice(0, overlap).findIndex((hash, i) => hash !== heldHere[i]) : -1;
  if (forkAt >= 0) return await refuseFork(tx, batch, first.seq + forkAt);
  const lastHash = hashes.at(-1) ?? '';
  const answer = { ok: true, ackedSeq: last.seq, ackedHash: lastHash } as const;
  if (last.seq <= head.headSeq) return { answer, arrivals: [], changed: false };

  if (!signsHash(device.suite, device.publicKey, lastHash, last.sig))
    return await refuseBrokenChain(tx, batch, head, last.seq);

  await compareAnnounced(tx, batch, head, hashes[head.announcedSeq - first.seq]);
  const arrivals = await freeze(tx, batch, head, {
    entries: overlap > 0 ? entries.slice(overlap) : entries,
    hashes: overlap > 0 ? hashes.slice(overlap) : hashes,
  });
  const { announcedOpenSeq } = head;
  if (announcedOpenSeq !== null && announcedOpenSeq <= last.seq)
    await confirmAnnounced(tx, device.id, last.seq, batch.nowMs);
  return { answer, arrivals, changed: true };
}

async function freeze(
  tx: Queryable,
  batch: Batch,
  head: DeviceHead,
  fresh: { readonly entries: readonly WireEntry[]; readonly hashes: readonly string[] },
): Promise<readonly Arrival[]> {
  const { device, nowMs, clockOffsetMs } = batch;
  const said = projectEntries(fresh.entries, fresh.hashes, {
    id: device.id,
    publicKey: Buffer.from(device.publicKey).toString('base64'),
  });
  const { hall, counter } = head;
  const facts = { deviceId: device.id, hall, counter, nowMs, clockOffsetMs };
  const judged = await judgeTokens(tx, head.siteRule, facts, { entries: fresh.entries, ...said });
  const arrivals = await freezeRows(tx, facts, { ...fresh, ...said, ratings: judged.counted });
  await freezeUncounted(tx, facts, judged.uncounted);
  await addDetails(tx, device.id, said.lateDetails);
  await insertHelpRequests(tx, facts, said.help);
  const alarms = [...said.alarms, ...judged.alarms, ...secondRatings(judged.counted, arrivals)];
  await raiseAlarms(tx, device.id, alarms, nowMs);
  if (said.alarms.some(({ kind }) => kind === 'restored')) await forgetMissing(tx, device.id);
  return arrivals;
}

function secondRatings(ratings: readonly RatingRow[], arrivals: readonly Arrival[]): readonly AlarmRow[] {
  if (ratings.length === arrivals.length) return [];
  const stand = new Set(arrivals.map((arrival) => arrival.seq));
  return ratings
    .filter((rating) => !stand.has(rating.seq))
    .map((rating) => ({
      kind: 'secondRating',
      seq: rating.seq,
      serviceKey: rating.serviceKey,
      receipt: rating.receipt,
      text: `Entry ${rating.seq} settles a rating of a service that has one already. The first stands; this one is kept in the ledger and does not count.`,
    }));
}

/** What the device said it had at this place was something else: it lost an end that never came here, and went on. */
async function compareAnnounced(
  tx: Queryable,
  batch: Batch,
  head: DeviceHead,
  hash: string | undefined,
): Promise<void> {
  const { announcedSeq: seq, announcedHash } = head;
  if (hash === undefined || announcedHash === null || seq <= head.headSeq || hash === announcedHash) return;
  const text = `Device ${batch.device.id} once said that its journal goes to another entry ${seq} than the one it sends now: an end of its journal that never came here is gone.`;
  await raiseAlarms(
    tx,
    batch.device.id,
    [{ kind: 'cutTail', seq, serviceKey: null, receipt: null, text }],
    batch.nowMs,
  );
}

async function refuseFork(tx: Queryable, batch: Batch, seq: number): Promise<Ingested> {
  const text = `Device ${batch.device.id} sent another entry ${seq} than the one held. Its journal may have been restored from an old copy or run twice: stop it and provision it again.`;
  const alarm: AlarmRow = { kind: 'fork', seq, serviceKey: null, receipt: null, text };
  await raiseAlarms(tx, batch.device.id, [alarm], batch.nowMs);
  return refuse({ error: 'fork', seq, message: text });
}

/** The request is the device's own, but its journal does not continue the history held here. */
async function refuseBrokenChain(
  tx: Queryable,
  batch: Batch,
  head: DeviceHead,
  seq: number,
): Promise<Ingested> {
  const text = `The signature on entry ${seq} of device ${batch.device.id} does not cover the history held up to ${head.headSeq}: an entry was changed after it was signed, or the journal is another one. Check it with the verifier and provision the device again.`;
  const alarm: AlarmRow = { kind: 'brokenChain', seq, serviceKey: null, receipt: null, text };
  await raiseAlarms(tx, batch.device.id, [alarm], batch.nowMs);
  return refuse({ error: 'fork', seq, message: text });
}

function refuse(refused: Refused): Ingested {
  return { answer: { ok: false, refused }, arrivals: [], changed: refused.error !== 'revoked' };
}
