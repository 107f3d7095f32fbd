import { randomUUID } from 'node:crypto';
import type { Service, ServiceKey } from '../shared/words.ts';
import { createBoundedMap } from './bounded.ts';
import { keyPiece, localDate } from './identity.ts';
import { createLifeline } from './lifeline.ts';
import {
  type HandAnswer,
  type HandInvite,
  type HandTicket,
  handServiceKeyOf,
  readHandInvite,
} from './manual/hand.ts';
import type { ManualSettings } from './manual/settings.ts';
import type { LinkParts, QueueLink } from './queue-link.ts';

export interface ManualLink extends QueueLink {
  /** A clerk asks for a rating. Accepted means handed on: whether a page opens is the session's decision. */
  invite(request: HandInvite): HandAnswer;
}

const HOUR_MS = 3_600_000;
const KEPT = 1000;

/**
 * No queue-calling system, or none that can be heard: the clerk scans or types the ticket, or gives a case number. What
 * comes of it is marked `manual` for ever, limited in rate, and never equal to a served ticket (manual/hand.ts).
 */
export function createManualLink(parts: LinkParts<ManualSettings>): ManualLink {
  const { settings, clock, hand } = parts;
  const lifeline = createLifeline<never>({
    link: parts,
    retry: { firstMs: 1000, capMs: 1000 },
    needsAHand: new Set(),
    reason: () => '',
    // There is nothing to be lost: a hand is always there.
    connect: () => lifeline.ready(),
  });
  const runId = randomUUID();
  const startedMs = clock.nowMs();
  const invited = createBoundedMap<string, true>(KEPT);
  /** When it was last accepted, by the clock that cannot be set. */
  const acceptedMonoMs: number[] = [];
  let counted = 0;

  /** How long ago: of this run by the clock that cannot be set, of the runs before by the journal's. */
  const agoMs = (): readonly number[] => {
    const [monoMs, nowMs] = [clock.monoMs(), clock.nowMs()];
    while (acceptedMonoMs[0] !== undefined && monoMs - acceptedMonoMs[0] >= HOUR_MS) acceptedMonoMs.shift();
    const here = acceptedMonoMs.map((at) => monoMs - at);
    const before = (hand?.invitedSince(nowMs - HOUR_MS) ?? [])
      .filter((atMs) => atMs < startedMs)
      .map((atMs) => Math.max(0, nowMs - atMs));
    return [...here, ...before].sort((one, other) => one - other);
  };

  const tooOften = (): HandAnswer | undefined => {
    const past = agoMs();
    const [last] = past;
    if (last !== undefined && last < settings.apartMs)
      return { accepted: false, reason: 'tooSoon', waitMs: settings.apartMs - last };
    const oldest = past[settings.perHour - 1];
    if (oldest !== undefined) return { accepted: false, reason: 'tooMany', waitMs: HOUR_MS - oldest };
    return undefined;
  };

  const decide = (ticket: HandTicket | undefined, key: ServiceKey | undefined, date: string): HandAnswer => {
    if (lifeline.ended() || lifeline.state().state !== 'ready')
      return { accepted: false, reason: 'notRunning' };
    if (!ticket || key === undefined) return { accepted: false, reason: 'badInput' };
    const often = tooOften();
    if (often) {
      if (invited.has(key)) lifeline.count('duplicates');
      return often;
    }
    if (ticket.kind === 'ticket' && hand?.isServed(ticket.ticketNumber, date))
      return { accepted: false, reason: 'alreadyServed' };
    if (hand?.isRated(key)) return { accepted: false, reason: 'alreadyRated' };
    return { accepted: true };
  };

  return {
    name: 'manual',
    start: lifeline.begin,
    async stop() {
      lifeline.end();
    },
    state: lifeline.state,
    // Nobody is there to be told.
    report: () => undefined,
    counters: lifeline.counters,
    invite(request) {
      lifeline.count('messages');
      const businessDate = localDate(clock.nowMs(), parts.timezone);
      const ticket = readHandInvite(request);
      const { hall, counter } = parts;
      const serviceKey = ticket && handServiceKeyOf({ hall, counter, businessDate, ticket });
      const answer = decide(ticket, serviceKey, businessDate);
      if (!answer.accepted || !ticket || serviceKey === undefined) {
        lifeline.count(answer.accepted || answer.reason === 'badInput' ? 'malformed' : 'refused');
        if (!answer.accepted) lifeline.quietLog('info', 'queue.handRefused', { reason: answer.reason });
        return answer;
      }
      acceptedMonoMs.push(clock.monoMs());
      invited.set(serviceKey, true);
      const service: Service = { serviceKey, ...saidOf(ticket), manual: true };
      // Asked again, it is another act about the same service; whether it is asked about again is the session's.
      const id = `hand:${keyPiece(runId, 40)}:${++counted}`;
      lifeline.handOn([{ id, counter, atMs: clock.nowMs(), kind: 'served', service }]);
      return answer;
    },
  };
}

function saidOf(ticket: HandTicket): Pick<Service, 'ticketNumber' | 'case'> {
  if (ticket.kind === 'ticket') return { ticketNumber: ticket.ticketNumber };
  const { projectNo, taskName } = ticket;
  return { case: { projectNo, ...(taskName === undefined ? {} : { taskName }) } };
}
