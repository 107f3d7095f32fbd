import type { Clock } from '../shared/clock.ts';
import type { Signer } from '../shared/journal/suite.ts';
import { AckSchema } from '../shared/protocol/batch.ts';
import { HEARTBEAT_MEDIA_TYPE, type Heartbeat, heartbeatPath } from '../shared/protocol/heartbeat.ts';
import { signRequest } from '../shared/protocol/signature.ts';
import type { Answer } from './answer.ts';
import { type Sent, type Verdict, verdict } from './verdict.ts';

/** A heartbeat as a signed request. */
export function sealHeartbeat(
  heartbeat: Heartbeat,
  by: { readonly signer: Signer; readonly deviceId: string; readonly nowMs: number },
): {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
} {
  const { signer, deviceId, nowMs } = by;
  const path = heartbeatPath(deviceId);
  const body = Buffer.from(JSON.stringify(heartbeat));
  const signed = signRequest(signer, { method: 'POST', path, body, keyId: deviceId, nowMs });
  return { path, body, headers: { 'content-type': HEARTBEAT_MEDIA_TYPE, ...signed } };
}

/** When the next heartbeat is due: never later than `everyMs`, and never together with everybody else's. */
export function createPulse(parts: {
  readonly clock: Clock;
  readonly random: () => number;
  readonly everyMs: number;
  readonly onDue: () => void;
}): { readonly due: boolean; start(): void; sent(): void; stop(): void } {
  const { clock, random, everyMs, onDue } = parts;
  let due = false;
  let cancel: (() => void) | undefined;
  const arm = (ms: number) => {
    cancel?.();
    due = false;
    cancel = clock.after(ms, () => {
      due = true;
      onDue();
    });
  };
  return {
    get due() {
      return due;
    },
    // A hall switches its tablets on together.
    start: () => arm(everyMs * random()),
    sent: () => arm(everyMs * (0.8 + 0.2 * random())),
    stop() {
      cancel?.();
      due = false;
    },
  };
}

/** What an answer to a heartbeat means. */
export type Echo =
  /** The province holds 1 … `heldSeq` of this journal. */
  | { readonly kind: 'holds'; readonly heldSeq: number; readonly serverTimeMs: number }
  /** As for a batch: nobody answers, it asks for time, or a person is needed. */
  | (Verdict & { readonly kind: 'retry' | 'slowDown' | 'stop' })
  /** A far end without heartbeats, or nonsense: changes nothing. */
  | { readonly kind: 'nothing'; readonly reason: string };

/** Pure. The table of ./verdict.ts, where an acknowledgement may lie anywhere in our journal. */
export function echoOf(answer: Answer, at: Pick<Sent, 'headSeq' | 'nowMs' | 'hashOf'>): Echo {
  if (answer.kind === 'reply' && answer.status === 200) return onAck(answer.body, at);
  const beyond = at.headSeq + 1;
  const found = verdict(answer, { ...at, firstSeq: beyond, lastSeq: beyond, divisible: false });
  switch (found.kind) {
    case 'slowDown':
    case 'stop':
      return found;
    case 'retry':
      if (found.offline || found.serverTimeMs !== undefined) return found;
      return { kind: 'nothing', reason: found.reason };
    default:
      return { kind: 'nothing', reason: 'the heartbeat was answered as if it were a batch' };
  }
}

function onAck(body: string, at: Pick<Sent, 'headSeq' | 'hashOf'>): Echo {
  const ack = AckSchema.safeParse(parsed(body));
  if (!ack.success)
    return { kind: 'nothing', reason: 'the heartbeat was not answered by an acknowledgement' };
  const { ackedSeq, ackedHash, serverTimeMs } = ack.data;
  const ours = ackedSeq === 0 || (ackedSeq <= at.headSeq && ackedHash === at.hashOf(ackedSeq));
  if (!ours) return { kind: 'nothing', reason: `the answer names entry ${ackedSeq} of another journal` };
  return { kind: 'holds', heldSeq: ackedSeq, serverTimeMs };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
