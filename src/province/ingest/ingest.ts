import { GENESIS } from '../../shared/journal/chain.ts';
import type { Suite } from '../../shared/journal/suite.ts';
import type { Db, Queryable, Transaction } from '../db/db.ts';
import type { Refused } from '../refusal.ts';
import { confirmAnnounced, settleLost } from '../urgent/confirm.ts';
import { insertHelpRequests } from '../urgent/help-requests.ts';
import type { Chained, ChainedBatch, Link } from './chain-batch.ts';
import { type Arrival, addDetails, freezeRows } from './freeze.ts';
import { type DeviceHead, heldHashes, lockDevice, nameMissing, raiseAlarms } from './ledger.ts';
import type { AlarmRow, RatingRow } from './projection.ts';
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

/** A batch as it was read before the device's row was held, and how to read it again. */
export interface BatchToFreeze {
  readonly device: ProvenDevice;
  readonly read: ChainedBatch;
  /** For another link than was thought: something else came in between, or it was sent before. */
  readonly readAgain: (link: Link) => Promise<ChainedBatch>;
  readonly nowMs: number;
  readonly clockOffsetMs: number;
}

/**
 * Freezes a batch: all of it or nothing, in one transaction that holds the device's row. What is held
 * already is compared and skipped, what is new is chained to the held head and must carry the device's
 * signature at its end.
 */
export function ingestBatch(db: Db, batch: BatchToFreeze): Promise<Ingested> {
  return db.transaction((tx) => ingestLocked(tx, batch));
}

async function ingestLocked(tx: Transaction, batch: BatchToFreeze): Promise<Ingested> {
  const { device, nowMs } = batch;
  const { firstSeq, lastSeq } = batch.read;
  const head = await lockDevice(tx, device.id);
  if (!head) throw new Error(`batch of ${device.id} came unchecked to the ledger`);
  if (head.state === 'revoked')
    return refuse({
      error: 'revoked',
      message: `Device ${device.id} has been revoked. Provision it again before it sends.`,
    });
  if (firstSeq > head.headSeq + 1) {
    await nameMissing(tx, device.id, firstSeq - 1, nowMs);
    return refuse({
      error: 'gap',
      expectedSeq: head.headSeq + 1,
      message: `Device ${device.id} is held up to ${head.headSeq}, the batch begins at ${firstSeq}. Go on from ${head.headSeq + 1}.`,
    });
  }

  const held = firstSeq <= head.headSeq ? await heldFrom(tx, head, device.id, firstSeq, lastSeq) : [];
  const chained = await chainedTo(batch, {
    afterSeq: firstSeq - 1,
    afterHash: firstSeq === head.headSeq + 1 ? head.headHash : (held[0] ?? GENESIS),
    heldTo: head.headSeq,
  });
  if (held.length > 0) {
    const hashes = chained.hashes.split('\n');
    const forkAt = held.slice(1).findIndex((hash, i) => hash !== hashes[i]);
    if (forkAt >= 0) return await refuseFork(tx, batch, firstSeq + forkAt);
  }
  const answer = { ok: true, ackedSeq: lastSeq, ackedHash: chained.lastHash } as const;
  if (lastSeq <= head.headSeq) return { answer, arrivals: [], changed: false };

  if (!chained.signed) return await refuseBrokenChain(tx, batch, head, lastSeq);

  await compareAnnounced(tx, batch, head, chained);
  const arrivals = await freeze(tx, batch, head, chained);
  const { announcedOpenSeq } = head;
  if (announcedOpenSeq !== null && announcedOpenSeq <= lastSeq)
    await confirmAnnounced(tx, device.id, lastSeq, nowMs);
  return { answer, arrivals, changed: true };
}

/** Hashes that are held of what the batch brings again, behind the one before its first entry. */
async function heldFrom(
  tx: Queryable,
  head: DeviceHead,
  deviceId: string,
  firstSeq: number,
  lastSeq: number,
): Promise<readonly string[]> {
  const hashes = await heldHashes(tx, deviceId, firstSeq - 1, Math.min(head.headSeq, lastSeq));
  return firstSeq === 1 ? [GENESIS, ...hashes] : hashes;
}

/** The batch as it was read, where what was thought of the device turned out true. */
async function chainedTo({ read, readAgain }: BatchToFreeze, link: Link): Promise<Chained> {
  const known = read.chained?.link;
  const isSame =
    known?.afterSeq === link.afterSeq && known.afterHash === link.afterHash && known.heldTo === link.heldTo;
  const { chained } = isSame ? read : await readAgain(link);
  if (!chained) throw new Error(`a batch from ${read.firstSeq} was not chained to ${link.afterSeq}`);
  return chained;
}

async function freeze(
  tx: Transaction,
  batch: BatchToFreeze,
  head: DeviceHead,
  { rows, lastHash, said }: Chained,
): Promise<readonly Arrival[]> {
  const { device, nowMs, clockOffsetMs } = batch;
  const { hall, counter } = head;
  const facts = { deviceId: device.id, hall, counter, nowMs, clockOffsetMs };
  const judged = await judgeTokens(tx, head.siteRule, facts, said);
  const arrivals = await freezeRows(tx, facts, {
    rows,
    lastSeq: batch.read.lastSeq,
    lastHash,
    invitations: said.invitations,
    ratings: judged.counted,
  });
  await freezeUncounted(tx, facts, judged.uncounted);
  await addDetails(tx, device.id, said.lateDetails);
  await insertHelpRequests(tx, facts, said.help);
  const alarms = [...said.alarms, ...judged.alarms, ...secondRatings(judged.counted, arrivals)];
  await raiseAlarms(tx, device.id, alarms, nowMs);
  if (said.restored.length > 0) {
    await forgetMissing(tx, device.id);
    await settleLost(tx, device.id, said.restored, nowMs);
  }
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
  batch: BatchToFreeze,
  head: DeviceHead,
  chained: Chained,
): Promise<void> {
  const { announcedSeq: seq, announcedHash } = head;
  if (announcedHash === null || seq <= head.headSeq || seq > batch.read.lastSeq) return;
  const hash = chained.hashes.split('\n')[seq - batch.read.firstSeq];
  if (hash === announcedHash) return;
  const text = `Device ${batch.device.id} once said that its journal goes to another entry ${seq} than the one it sends now: an end of its journal that never came here is gone.`;
  await raiseAlarms(
    tx,
    batch.device.id,
    [{ kind: 'cutTail', seq, serviceKey: null, receipt: null, text }],
    batch.nowMs,
  );
}

async function refuseFork(tx: Queryable, batch: BatchToFreeze, seq: number): Promise<Ingested> {
  const text = `Device ${batch.device.id} sent another entry ${seq} than the one held. Its journal may have been restored from an old copy or run twice: stop it and provision it again.`;
  const alarm: AlarmRow = { kind: 'fork', seq, serviceKey: null, receipt: null, text };
  await raiseAlarms(tx, batch.device.id, [alarm], batch.nowMs);
  return refuse({ error: 'fork', seq, message: text });
}

/** The request is the device's own, but its journal does not continue the history held here. */
async function refuseBrokenChain(
  tx: Queryable,
  batch: BatchToFreeze,
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
