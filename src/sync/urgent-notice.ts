import type { Signer } from '../shared/journal/suite.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import { signRequest } from '../shared/protocol/signature.ts';
import {
  MAX_URGENT_BYTES,
  MAX_URGENT_ENTRIES,
  URGENT_MEDIA_TYPE,
  urgentPath,
} from '../shared/protocol/urgent.ts';
import { toEvents } from './events.ts';

/** A citizen's invitation lasts a minute or two; between its entries lie news of links and clocks, a few at most. */
const LOOK_BACK = 400;

export interface UrgentNotice {
  /** Of the request for help. */
  readonly seq: number;
  readonly hash: string;
  readonly body: Uint8Array;
}

/** When a notice leaves, by the clock that nobody can set: this start of the machine, and ms since. */
export interface Sent {
  readonly boot: string;
  readonly mono: number;
}

/**
 * What the province must have to believe a request for help: invitation (for ticket and counter), rating and
 * request, each on to the next signed entry.
 *
 * @returns undefined when that is not to be had within the limits; then the ordinary delivery has to do.
 */
export function noticeOf(
  store: { entries(afterSeq?: number): Iterable<StoredEntry> },
  deviceId: string,
  helpSeq: number,
  sent: Sent,
): UrgentNotice | undefined {
  const near = entriesAround(store, helpSeq);
  const help = near.find((entry) => entry.seq === helpSeq);
  if (!help) return undefined;
  const invitation = invitationOf(help);
  const of = (kind: string) =>
    near.findLast(
      (entry) => entry.seq < helpSeq && entry.kind === kind && invitationOf(entry) === invitation,
    );
  const settled = of('rating.settled');
  if (!invitation || !settled) return undefined;
  const opened = of('invitation.opened');
  const needed = stretches(near, [settled.seq, helpSeq]);
  const wished = opened ? stretches(near, [opened.seq, settled.seq, helpSeq]) : needed;
  for (const found of [wished, needed]) {
    const body = Buffer.from(bodyOf(deviceId, found, sent));
    if (found.flat().length <= MAX_URGENT_ENTRIES && body.length <= MAX_URGENT_BYTES)
      return { seq: helpSeq, hash: help.hash, body };
  }
  return undefined;
}

/** From some way before the request to the first signed entry at or behind it. */
function entriesAround(
  store: { entries(afterSeq?: number): Iterable<StoredEntry> },
  helpSeq: number,
): readonly StoredEntry[] {
  const near: StoredEntry[] = [];
  for (const entry of store.entries(Math.max(0, helpSeq - 1 - LOOK_BACK))) {
    near.push(entry);
    if (entry.seq >= helpSeq && entry.sig !== null) break;
  }
  return near;
}

/** From each of `seqs` to the next signed entry; those that touch are one. */
function stretches(
  entries: readonly StoredEntry[],
  seqs: readonly number[],
): readonly (readonly StoredEntry[])[] {
  const found: StoredEntry[][] = [];
  for (const seq of seqs) {
    const last = found.at(-1);
    const after = last?.at(-1)?.seq ?? 0;
    if (seq <= after) continue;
    const start = entries.findIndex((entry) => entry.seq === seq);
    const end = entries.findIndex((entry) => entry.seq >= seq && entry.sig !== null);
    const run = entries.slice(start, end + 1);
    if (last && seq === after + 1) last.push(...run);
    else found.push([...run]);
  }
  return found;
}

function bodyOf(deviceId: string, found: readonly (readonly StoredEntry[])[], sent: Sent): string {
  const parts = found.map((run) => `{"prev":"${run[0]?.prev}","events":${toEvents(deviceId, run)}}`);
  return `{"stretches":[${parts.join(',')}],"sent":${JSON.stringify(sent)}}`;
}

function invitationOf({ body }: StoredEntry): string | undefined {
  const said: unknown = JSON.parse(body);
  if (typeof said !== 'object' || said === null || !('invitation' in said)) return undefined;
  return typeof said.invitation === 'string' ? said.invitation : undefined;
}

/** A notice as a signed request. */
export function sealNotice(
  notice: UrgentNotice,
  by: { readonly signer: Signer; readonly deviceId: string; readonly nowMs: number },
): {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
} {
  const { signer, deviceId, nowMs } = by;
  const { body } = notice;
  const path = urgentPath(deviceId);
  const signed = signRequest(signer, { method: 'POST', path, body, keyId: deviceId, nowMs });
  return { path, body, headers: { 'content-type': URGENT_MEDIA_TYPE, ...signed } };
}
