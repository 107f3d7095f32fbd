import type { PairingGrant } from '../queue/pairing.ts';
import type { PairingCheck, StaffPairing } from '../shared/screen/staff-pairing.ts';
import type { Paired } from './paired.ts';
import type { TrialFindings } from './pairing-trial.ts';
import { hallTime } from './staff-view.ts';

/** What was known when the trial began. */
export interface PairingGround {
  readonly grant: PairingGrant;
  readonly origin: string;
  readonly kind: string;
  /** This tablet's. */
  readonly counter: string;
  readonly reachedMs: number;
  readonly offsetMs: number;
}

/** Lists and receipts show minutes; a clock that is off by more is worth a word, and stops nothing. */
const CLOCK_OFF_MS = 5_000;

/** The checklist as it stands. */
export function checksOf(ground: PairingGround, findings: TrialFindings): PairingCheck[] {
  const { grant, reachedMs } = ground;
  const { link, lastTicket } = findings;
  return [
    { name: 'reached', state: 'good', ms: reachedMs, text: ground.origin },
    { name: 'counter', state: 'good', ms: reachedMs, text: grant.counter ?? ground.counter },
    {
      name: 'clock',
      state: Math.abs(ground.offsetMs) > CLOCK_OFF_MS ? 'off' : 'good',
      ms: reachedMs,
      offsetMs: ground.offsetMs,
    },
    loggedIn(ground, findings),
    lastTicket === undefined
      ? { name: 'lastTicket', state: link.state === 'ready' ? 'none' : 'waiting' }
      : { name: 'lastTicket', state: 'good', ms: lastTicket.ms, text: lastTicket.number },
    testCall(ground, findings),
  ];
}

function loggedIn({ kind }: PairingGround, { link, loggedInMs }: TrialFindings): PairingCheck {
  if (link.state === 'lost') return { name: 'loggedIn', state: 'bad', reason: link.reason.slice(0, 500) };
  if (link.state === 'connecting') return { name: 'loggedIn', state: 'waiting' };
  return {
    name: 'loggedIn',
    state: 'good',
    text: kind,
    ...(loggedInMs === undefined ? {} : { ms: loggedInMs }),
  };
}

function testCall({ grant }: PairingGround, { testCall: seen, testRefused }: TrialFindings): PairingCheck {
  if (seen) return { name: 'testCall', state: 'good', ms: seen.ms, text: seen.number };
  if (!grant.testCall) return { name: 'testCall', state: 'none' };
  return { name: 'testCall', state: testRefused ? 'bad' : 'waiting' };
}

/** The link is there and a call came over it: the test call, or a real one where no test calls can be made. */
export function mayAccept({ grant }: PairingGround, findings: TrialFindings): boolean {
  if (findings.link.state !== 'ready') return false;
  return grant.testCall ? findings.testCall !== undefined : findings.lastTicket !== undefined;
}

export function pairedOf(paired: Paired, timezone: string): NonNullable<StaffPairing['paired']> {
  const { dateOf, timeOf } = hallTime(timezone);
  return {
    system: paired.system,
    kind: paired.settings.kind,
    address: paired.origin,
    at: `${dateOf(paired.pairedAtMs)} ${timeOf(paired.pairedAtMs)}`,
  };
}
