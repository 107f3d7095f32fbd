import { checkTicketToken } from '../../shared/ticket-token/check.ts';
import { ServiceKeySchema, type TokenReason } from '../../shared/words.ts';
import type { Queryable } from '../db/db.ts';
import { column, lines } from './columns.ts';
import type { AlarmRow, InvitationRow, RatingRow } from './projection.ts';
import { type LoadedRule, loadSiteRule } from './site-rule.ts';

/** What the province found of an invitation's token. */
export type Verdict = 'valid' | 'absent' | TokenReason;

export interface UncountedRow {
  readonly rating: RatingRow;
  readonly reason: Exclude<Verdict, 'valid'>;
}

export interface Judged {
  readonly counted: readonly RatingRow[];
  readonly uncounted: readonly UncountedRow[];
  readonly alarms: readonly AlarmRow[];
}

export interface JudgeFacts {
  readonly deviceId: string;
  readonly hall: string;
  /** As registered; what the tablet says of itself is not asked. */
  readonly counter: string;
  readonly nowMs: number;
  readonly clockOffsetMs: number;
}

/**
 * Which ratings count at a site that has decided about tokens. The tablet's word that a token is good is never taken: each
 * is checked again, by the keys that the province holds, and spent once for the whole site. Comes before the
 * batch's invitations are written, so that what is held is what came earlier.
 */
export async function judgeTokens(
  tx: Queryable,
  rule: string | null,
  facts: JudgeFacts,
  batch: { readonly invitations: readonly InvitationRow[]; readonly ratings: readonly RatingRow[] },
): Promise<Judged> {
  const site = await loadSiteRule(rule);
  if (!site) return { counted: batch.ratings, uncounted: [], alarms: [] };
  const proofs = proofsOf(site, facts, batch.invitations);
  const spentFor = await spend(tx, facts, proofs);
  const checks = proofs.map((proof) => ({
    ...proof,
    verdict: isReplayed(proof, spentFor) ? ('replayed' as const) : proof.verdict,
  }));
  await writeChecks(tx, facts.deviceId, checks);
  const alarms = checks.filter(isDisputed).map((check) => alarmOf(facts.deviceId, check));
  if (!site.required) return { counted: batch.ratings, uncounted: [], alarms };
  const verdictOf = await heldVerdicts(tx, facts.deviceId, batch.ratings);
  const counted: RatingRow[] = [];
  const uncounted: UncountedRow[] = [];
  for (const rating of batch.ratings) {
    const reason = verdictOf(rating);
    if (reason === 'valid') counted.push(rating);
    else uncounted.push({ rating, reason });
  }
  return { counted, uncounted, alarms };
}

interface Proof {
  readonly invitation: InvitationRow;
  readonly verdict: Verdict;
  /** Of a token whose signature, place, ticket and time are right. */
  readonly tokenId?: string;
}

function proofsOf(
  site: LoadedRule,
  facts: JudgeFacts,
  invitations: readonly InvitationRow[],
): readonly Proof[] {
  return invitations.map((invitation) => {
    const { servedToken, tokenCheck, serviceKey, openedTrulyMs } = invitation;
    // The tablet's word is taken where it speaks against its own record.
    if (servedToken === null)
      return { invitation, verdict: tokenCheck?.result === 'refused' ? tokenCheck.reason : 'absent' };
    const proof = checkTicketToken(servedToken, {
      keys: site.keys,
      hall: site.hallId,
      counter: facts.counter,
      serviceKey: ServiceKeySchema.parse(serviceKey),
      nowMs: openedTrulyMs ?? facts.nowMs,
    });
    return proof.ok
      ? { invitation, verdict: 'valid', tokenId: proof.claims.jti }
      : { invitation, verdict: proof.reason };
  });
}

/** Spends what may be spent, in one order everywhere, so that two devices never wait in a circle. @returns id → service. */
async function spend(
  tx: Queryable,
  facts: JudgeFacts,
  proofs: readonly Proof[],
): Promise<ReadonlyMap<string, string>> {
  const first = new Map<string, Proof>();
  for (const proof of proofs)
    if (proof.tokenId !== undefined && !first.has(proof.tokenId)) first.set(proof.tokenId, proof);
  if (first.size === 0) return new Map();
  const rows = [...first].sort(([a], [b]) => (a < b ? -1 : 1));
  const ids = column(rows, ([tokenId]) => tokenId);
  await tx.query(
    `INSERT INTO token_use (hall, device_id, first_at_ms, token_id, service_key, invitation)
     SELECT $1, $2, $3, token_id, service_key, invitation
     FROM unnest(${lines(4, 'text')}, ${lines(5, 'text')}, ${lines(6, 'text')}) AS t (token_id, service_key, invitation)
     ORDER BY token_id
     ON CONFLICT DO NOTHING`,
    [
      facts.hall,
      facts.deviceId,
      facts.nowMs,
      ids,
      column(rows, ([, { invitation }]) => invitation.serviceKey),
      column(rows, ([, { invitation }]) => invitation.invitation),
    ],
  );
  const held = await tx.query<{ tokenId: string; serviceKey: string }>(
    `SELECT token_id AS "tokenId", service_key AS "serviceKey" FROM token_use
     WHERE hall = $1 AND token_id = ANY (${lines(2, 'text')})`,
    [facts.hall, ids],
  );
  return new Map(held.map(({ tokenId, serviceKey }) => [tokenId, serviceKey]));
}

function isReplayed({ tokenId, invitation }: Proof, spentFor: ReadonlyMap<string, string>): boolean {
  return tokenId !== undefined && spentFor.get(tokenId) !== invitation.serviceKey;
}

async function writeChecks(tx: Queryable, deviceId: string, checks: readonly Proof[]): Promise<void> {
  if (checks.length === 0) return;
  await tx.query(
    `INSERT INTO token_check (device_id, invitation, service_key, verdict)
     SELECT $1, invitation, service_key, verdict
     FROM unnest(${lines(2, 'text')}, ${lines(3, 'text')}, ${lines(4, 'text')}) AS c (invitation, service_key, verdict)
     ON CONFLICT DO NOTHING`,
    [
      deviceId,
      column(checks, ({ invitation }) => invitation.invitation),
      column(checks, ({ invitation }) => invitation.serviceKey),
      column(checks, ({ verdict }) => verdict),
    ],
  );
}

/** The first word about an invitation stands. One that was opened before the site had a rule counts as before. */
async function heldVerdicts(
  tx: Queryable,
  deviceId: string,
  ratings: readonly RatingRow[],
): Promise<(rating: RatingRow) => Verdict> {
  if (ratings.length === 0) return () => 'absent';
  const rows = await tx.query<{ invitation: string; serviceKey: string; verdict: Verdict }>(
    `SELECT invitation, service_key AS "serviceKey", verdict FROM token_check
     WHERE device_id = $1 AND invitation = ANY (${lines(2, 'text')})
     UNION ALL
     SELECT invitation, service_key, 'valid' FROM invitation i
     WHERE device_id = $1 AND invitation = ANY (${lines(2, 'text')})
       AND NOT EXISTS (SELECT 1 FROM token_check c WHERE c.device_id = $1 AND c.invitation = i.invitation)`,
    [deviceId, column(ratings, ({ invitation }) => invitation)],
  );
  const held = new Map(rows.map((row) => [row.invitation, row]));
  return ({ invitation, serviceKey }) => {
    const row = held.get(invitation);
    return row?.serviceKey === serviceKey ? row.verdict : 'absent';
  };
}

/** A token stands in the record, so the tablet held it for good or could not look; and it proves nothing. */
function isDisputed({ invitation, verdict }: Proof): boolean {
  return invitation.servedToken !== null && verdict !== 'valid';
}

function alarmOf(deviceId: string, { invitation, verdict }: Proof): AlarmRow {
  return {
    kind: 'ticketToken',
    seq: invitation.seq,
    serviceKey: invitation.serviceKey,
    receipt: null,
    text: `Entry ${invitation.seq} of device ${deviceId} opens an invitation with a served-ticket token that proves nothing here (${verdict}). Compare the queue system's key, the hall's id and the counter with what is registered.`,
  };
}

/** Kept beside the ratings that count: with the reason, and where receipts find them. */
export async function freezeUncounted(
  tx: Queryable,
  facts: JudgeFacts,
  rows: readonly UncountedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.query(
    `INSERT INTO rating_uncounted (device_id, hall, received_at_ms, seq, service_key, level, invitation, settled_at_ms,
                                   receipt, reason, counter, ticket_number)
     SELECT $1, $2, $3, seq, r.service_key, level, r.invitation, settled_at_ms, receipt, reason, coalesce(i.counter, $4),
            i.ticket_number
     FROM unnest(${lines(5, 'bigint')}, ${lines(6, 'text')}, ${lines(7, 'smallint')}, ${lines(8, 'text')},
                 ${lines(9, 'bigint')}, ${lines(10, 'text')}, ${lines(11, 'text')})
       AS r (seq, service_key, level, invitation, settled_at_ms, receipt, reason)
     LEFT JOIN invitation i ON i.device_id = $1 AND i.invitation = r.invitation AND i.service_key = r.service_key
     ON CONFLICT DO NOTHING`,
    [
      facts.deviceId,
      facts.hall,
      facts.nowMs,
      facts.counter,
      column(rows, ({ rating }) => rating.seq),
      column(rows, ({ rating }) => rating.serviceKey),
      column(rows, ({ rating }) => rating.level),
      column(rows, ({ rating }) => rating.invitation),
      column(rows, ({ rating }) => rating.settledAtMs),
      column(rows, ({ rating }) => rating.receipt),
      column(rows, ({ reason }) => reason),
    ],
  );
}
