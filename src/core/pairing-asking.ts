import {
  callPairing,
  PAIRING_PATHS,
  type PairingAddress,
  type PairingFault,
  type PairingGrant,
  readPairAnswer,
  readPairingAddress,
  type Underway,
  writePairAsk,
  writePairStep,
} from '../queue/pairing.ts';
import type { Clock } from '../shared/clock.ts';
import type { Paired } from './paired.ts';
import type { PairingSettings } from './pairing-settings.ts';
import type { PairingSite } from './pairing-trial.ts';

/** Who this tablet is, as a queue system is told. */
export interface PairingSelf extends PairingSite {
  readonly deviceId: string;
  readonly devicePublicKey: Uint8Array;
  readonly paired: Paired | null;
  readonly configured: readonly string[];
  readonly settings: PairingSettings;
  /** Nobody is asked or answers: the link may be changed. */
  isFree(): boolean;
}

export type PairingAnswer =
  | {
      readonly ok: true;
      readonly grant: PairingGrant;
      /** When it was asked, and how long the answer took. */
      readonly sinceMonoMs: number;
      readonly reachedMs: number;
    }
  | { readonly ok: false; readonly fault: PairingFault; readonly detail?: string };

/** Asks a queue system to take this tablet. Without the pinned certificate it is sent nothing. */
export function askPairing(asked: {
  readonly address: PairingAddress;
  readonly code: string;
  readonly fingerprint: string | undefined;
  readonly self: PairingSelf;
  readonly version: string;
  readonly clock: Clock;
}): Underway<PairingAnswer> {
  const { address, fingerprint, self, clock } = asked;
  const sinceMonoMs = clock.monoMs();
  const call = callPairing({
    address,
    fingerprint,
    path: PAIRING_PATHS.pair,
    body: writePairAsk({
      code: asked.code,
      hall: self.hall,
      counter: self.counter,
      deviceId: self.deviceId,
      devicePublicKey: Buffer.from(self.devicePublicKey).toString('base64'),
      software: asked.version,
    }),
    clock,
  });
  const done = call.done.then((reply): PairingAnswer => {
    if (!reply.ok) return reply;
    const answer = readPairAnswer(reply.status, reply.text);
    const reachedMs = Math.max(0, clock.monoMs() - sinceMonoMs);
    return answer.ok ? { ...answer, sinceMonoMs, reachedMs } : answer;
  });
  return { done, abort: call.abort };
}

/** How long the pause after a try that was not heard: doubling, up to a minute. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 60_000;
/** What was given and not accepted so long is withdrawn there (docs/pairing.md). */
const CONFIRM_FOR_MS = 600_000;

/** A confirmation that is under way. */
export interface Confirmation {
  /** The pairing it speaks of is over. */
  stop(): void;
}

/**
 * Says that the tablet follows from now on, again and again until it is heard: a queue system that does not know it
 * withdraws what the tablet already lives by.
 */
export function confirmPairing(told: {
  readonly origin: string;
  readonly fingerprint: string | undefined;
  readonly pairing: string;
  readonly clock: Clock;
  /** Nobody will be told any more. */
  readonly onUnheard: (why: PairingFault | 'unknownThere') => void;
}): Confirmation {
  const { fingerprint, clock } = told;
  const address = readPairingAddress(told.origin, 'none');
  if (!address) return { stop() {} };
  const body = writePairStep({ pairing: told.pairing });
  const untilMonoMs = clock.monoMs() + CONFIRM_FOR_MS;
  let stopped = false;
  let end = () => {};

  const say = (pauseMs: number) => {
    const call = callPairing({ address, fingerprint, clock, path: PAIRING_PATHS.accept, body });
    end = call.abort;
    void call.done.then((reply) => {
      if (stopped || (reply.ok && reply.status >= 200 && reply.status < 300)) return;
      if (reply.ok && isForgotten(reply.status, reply.text)) told.onUnheard('unknownThere');
      else if (clock.monoMs() + pauseMs > untilMonoMs) told.onUnheard(reply.ok ? 'notPairing' : reply.fault);
      else end = clock.after(pauseMs, () => say(Math.min(LONGEST_PAUSE_MS, pauseMs * 2)));
    });
  };
  say(FIRST_PAUSE_MS);
  return {
    stop() {
      stopped = true;
      end();
    },
  };
}

/** It knows this pairing no more, or never did: to say it again changes nothing. */
function isForgotten(status: number, text: string): boolean {
  if (status === 404 || status === 410) return true;
  const answer = status >= 400 && status < 500 ? readPairAnswer(status, text) : undefined;
  return answer?.ok === false && answer.fault === 'refused';
}
