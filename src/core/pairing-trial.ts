import type { QueueLink, SharedPorts } from '../queue/links.ts';
import { createTrialLink, type QueueSettings } from '../queue/links.ts';
import {
  callPairing,
  isTestCall,
  PAIRING_PATHS,
  type PairingAddress,
  testTicketNumber,
  ticketNumberOf,
  writePairStep,
} from '../queue/pairing.ts';
import type { Clock } from '../shared/clock.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';

/** A test call that has not come is asked for again, so often. */
const TEST_AGAIN_MS = 5_000;
const MOST_TESTS = 6;

export interface PairingSite {
  readonly hall: string;
  readonly counter: string;
  readonly timezone: string;
}

/** What a link that is being tried has shown so far; spans since the pairing was asked for. */
export interface TrialFindings {
  readonly link: LinkState;
  readonly loggedInMs?: number;
  readonly lastTicket?: { readonly number: string; readonly ms: number };
  readonly testCall?: { readonly number: string; readonly ms: number };
  /** The queue system would not make a test call. */
  readonly testRefused: boolean;
}

export interface PairingTrial {
  findings(): TrialFindings;
  stop(): Promise<void>;
}

/**
 * The link as it will be, started beside the one in service: nothing of what it says goes further than this. As soon as
 * it is there the queue system is asked for a test call, and the number that it is to bear is ours.
 */
export function startTrial(parts: {
  readonly settings: QueueSettings;
  readonly site: PairingSite;
  readonly address: PairingAddress;
  readonly fingerprint: string | undefined;
  readonly pairing: string;
  readonly makesTestCalls: boolean;
  readonly clock: Clock;
  readonly sinceMonoMs: number;
  readonly random: () => number;
  readonly changed: () => void;
  readonly note: (level: 'info' | 'warn', event: string, data?: Readonly<Record<string, unknown>>) => void;
  /** Tests may give another link. */
  readonly createLink?: typeof createTrialLink;
  readonly ports?: SharedPorts;
}): PairingTrial {
  const { clock, site, changed } = parts;
  const number = testTicketNumber(parts.random);
  let findings: TrialFindings = {
    link: { state: 'connecting', sinceMs: clock.nowMs() },
    testRefused: false,
  };
  let ended = false;
  let asked = 0;
  let cancelAgain = () => {};
  let abortAsking = () => {};

  const found = (more: Partial<TrialFindings>) => {
    findings = { ...findings, ...more };
    changed();
  };
  const spentMs = () => Math.max(0, clock.monoMs() - parts.sinceMonoMs);

  const askForTest = () => {
    if (ended || !parts.makesTestCalls || findings.testCall || asked >= MOST_TESTS) return;
    asked += 1;
    const call = callPairing({
      address: parts.address,
      fingerprint: parts.fingerprint,
      path: PAIRING_PATHS.test,
      body: writePairStep({ pairing: parts.pairing, ticketNo: number }),
      clock,
    });
    abortAsking = call.abort;
    void call.done.then((reply) => {
      if (ended) return;
      found({ testRefused: !reply.ok || reply.status < 200 || reply.status > 299 });
      cancelAgain = clock.after(TEST_AGAIN_MS, askForTest);
    });
  };

  const onEvent = (event: QueueEvent) => {
    const ticket = ticketNumberOf(event);
    if (ended || ticket === undefined) return;
    if (!isTestCall(event)) found({ lastTicket: { number: ticket, ms: spentMs() } });
    // Another tablet's test call proves nothing of this one.
    else if (ticket === number && !findings.testCall)
      found({ testCall: { number, ms: spentMs() }, testRefused: false });
  };

  const link: QueueLink = (parts.createLink ?? createTrialLink)({
    settings: quiet(parts.settings),
    ...site,
    clock,
    ...(parts.ports ? { ports: parts.ports } : {}),
    onEvent,
    onState(state) {
      if (ended) return;
      const { loggedInMs = spentMs() } = findings;
      found(state.state === 'ready' ? { link: state, loggedInMs } : { link: state });
      if (state.state === 'ready' && asked === 0) askForTest();
    },
    log: ({ level, event, data }) => parts.note(level, event, { trial: true, ...data }),
  });
  link.start();

  return {
    findings: () => findings,
    async stop() {
      if (ended) return;
      ended = true;
      cancelAgain();
      abortAsking();
      await link.stop();
    },
  };
}

/** A broker need not keep anything for a tablet that only looks. */
function quiet(settings: QueueSettings): QueueSettings {
  return settings.kind === 'mqtt' ? { ...settings, sessionExpiryS: 0 } : settings;
}
