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

/** Says that the tablet follows from now on. For the queue side's sake: that it did not hear changes nothing here. */
export function confirmPairing(told: {
  readonly origin: string;
  readonly fingerprint: string | undefined;
  readonly pairing: string;
  readonly clock: Clock;
  readonly onUnheard: () => void;
}): void {
  const { fingerprint, clock } = told;
  const address = readPairingAddress(told.origin, 'none');
  if (!address) return;
  const body = writePairStep({ pairing: told.pairing });
  void callPairing({ address, fingerprint, clock, path: PAIRING_PATHS.accept, body }).done.then((reply) => {
    if (!reply.ok || reply.status >= 300) told.onUnheard();
  });
}
