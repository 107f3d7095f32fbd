import type { QueueEvent } from '../shared/queue-event.ts';
import { assertNever, type Clerk, type Service, type ServiceKey } from '../shared/words.ts';
import { createBoundedMap } from './bounded.ts';
import { cleanText } from './fields.ts';
import { businessDateOf, keyPiece, requestServiceKeyOf, serviceKeyOf, ticketKeyOf } from './identity.ts';
import { isTestNumber } from './pairing/test-ticket.ts';
import {
  caseOf,
  type Operation,
  type Present,
  type RateRequest,
  statedTime,
  type Ticket,
  type TicketEvent,
} from './ticket.ts';

/** What the other side calls the thing a service is about; needed to tell it the result. */
export interface Reference {
  readonly rateId?: string;
  readonly ticketNo?: string;
  readonly serial?: string;
}

export interface FollowParts {
  /** The link's name: the piece of a key that stands for it where no ticket is known. */
  readonly system: string;
  readonly hall: string;
  readonly counter: string;
  readonly timezone: string;
  /** Its serials never come again, on no day: a key holds none, and whatever says one late, undated, says the same. */
  readonly serialsForEver?: true;
  readonly nowMs: () => number;
  /** Unique for this run of the link; keeps ids apart that the protocol gives none for. */
  readonly runId: string;
}

interface Known {
  readonly service: Service;
  readonly reference: Reference;
  /** Absent where no ticket is known. */
  readonly handling?: number;
}

/** So many services and events are remembered: some days of a busy counter. */
const MEMORY = 2000;
/** So many requests wait for their ticket message: the two messages of one act come seconds apart. */
const AWAITED = 64;

/**
 * Follows one counter: turns messages into events, each once, with keys that stay the same however often and
 * in whatever spelling the message comes. Holds what is known of the counter; does no I/O.
 */
export function createFollower(parts: FollowParts) {
  const byRateId = createBoundedMap<string, Known>(MEMORY);
  const byServiceKey = createBoundedMap<ServiceKey, Reference>(MEMORY);
  const seen = createBoundedMap<string, true>(MEMORY * 2);
  /** Opened by a request whose ticket message may still come. */
  let awaitingItsMessage = createBoundedMap<ServiceKey, true>(AWAITED);
  let open: Known | undefined;
  let paused: boolean | undefined;
  let clerk: Clerk | undefined;
  let counted = 0;

  const freshId = (kind: string) => `${kind}:${parts.runId}:${++counted}`;
  const base = (id: string, atMs?: number) => ({
    id,
    counter: parts.counter,
    ...(atMs === undefined ? { atMs: parts.nowMs() } : { atMs, stated: true as const }),
  });

  /** Hands an event on unless its id was handed on before. */
  const once = (event: QueueEvent): readonly QueueEvent[] => {
    if (seen.has(event.id)) return [];
    seen.set(event.id, true);
    return [event];
  };

  const remember = (known: Known): Known => {
    byServiceKey.set(known.service.serviceKey, known.reference);
    if (known.reference.rateId !== undefined) byRateId.set(known.reference.rateId, known);
    return known;
  };

  const dateOf = (stated: string | undefined) =>
    businessDateOf({ stated, arrivedAtMs: parts.nowMs(), timezone: parts.timezone });

  /** The clerk as of now: the one who serves, not the one who was logged in when the ticket was called. */
  const withClerk = (service: Service): Service => (clerk ? { ...service, clerk } : service);

  const knownOfTicket = (ticket: Ticket): Known => {
    const bound = ticket.rateId === undefined ? undefined : byRateId.get(ticket.rateId);
    // Asked to rate before the ticket was told of: the key that went out first stays.
    if (bound && bound.service.ticketKey === undefined) return bound;
    // Without a date in the message a ticket keeps its day while it is open, also over midnight.
    const known = [bound, open].find((one) => one && isSame(one, ticket)) ?? newTicket(ticket);
    return remember({
      service: { ...known.service, ...caseOf(ticket, known.service.case) },
      reference: { ...known.reference, ...(ticket.rateId === undefined ? {} : { rateId: ticket.rateId }) },
      handling: ticket.handling,
    });
  };

  const isSame = (known: Known, ticket: Ticket): boolean =>
    known.reference.ticketNo === ticket.ticketNo &&
    known.reference.serial === ticket.serial &&
    known.handling === ticket.handling &&
    (known.reference.rateId === undefined ||
      ticket.rateId === undefined ||
      known.reference.rateId === ticket.rateId);

  const newTicket = (ticket: Ticket): Known => {
    const ticketKey = ticketKeyOf({
      hall: parts.hall,
      businessDate: parts.serialsForEver ? '' : dateOf(ticket.date),
      queue: ticket.queue ?? '',
      number: ticket.ticketNo,
      serial: ticket.serial,
    });
    const ticketNumber = cleanText(ticket.ticketNo, 20);
    return {
      service: {
        serviceKey: serviceKeyOf({ ticketKey, counter: parts.counter, handling: ticket.handling }),
        ticketKey,
        ...(ticketNumber === '' ? {} : { ticketNumber }),
        ...(ticket.queue === undefined ? {} : { queueName: ticket.queue }),
        ...caseOf(ticket),
        manual: false,
      },
      reference: { ticketNo: ticket.ticketNo, serial: ticket.serial },
      handling: ticket.handling,
    };
  };

  const knownOfRequest = (request: RateRequest): Known => {
    const known = byRateId.get(request.rateId);
    if (known) return known;
    // A counter serves one ticket at a time: a request without a ticket of its own is about the open one.
    if (open?.service.ticketKey !== undefined && open.reference.rateId === undefined) {
      return remember({
        ...open,
        service: { ...open.service, ...caseOf(request, open.service.case) },
        reference: { ...open.reference, rateId: request.rateId },
      });
    }
    const serviceKey = requestServiceKeyOf({
      hall: parts.hall,
      businessDate: dateOf(request.date),
      system: parts.system,
      requestId: request.rateId,
    });
    return remember({
      service: { serviceKey, ...caseOf(request), manual: false },
      reference: { rateId: request.rateId },
    });
  };

  /**
   * A request that may be a repetition opens a service once in its life, whichever message says so. Only a
   * ticket message with an id of its own is an act of its own: the clerk finished again, after a recall or an
   * invitation that nobody answered. Whether that leads to anything is the session's decision.
   */
  const served = (
    known: Known,
    said: {
      readonly atMs?: number | undefined;
      readonly act?: string;
      readonly token?: string | undefined;
    } = {},
  ): readonly QueueEvent[] => {
    const { atMs, act, token } = said;
    const { serviceKey } = known.service;
    const repeatable = `served:${serviceKey}`;
    const id = act === undefined ? repeatable : `${repeatable}#${keyPiece(act, 64)}`;
    // The one act comes as two messages, in either order.
    if (act !== undefined && awaitingItsMessage.delete(serviceKey)) seen.set(id, true);
    const events = once({
      ...base(id, atMs),
      kind: 'served',
      service: withToken(withClerk(known.service), token),
    });
    seen.set(repeatable, true);
    // A late repetition of an earlier request must not push aside the ticket that is open now.
    if (events.length > 0 || open?.service.serviceKey === serviceKey) open = known;
    return events;
  };

  const setPaused = (next: boolean): readonly QueueEvent[] => {
    paused = next;
    return [{ ...base(freshId(next ? 'paused' : 'resumed')), kind: next ? 'paused' : 'resumed' }];
  };

  /** An order ends a pause too: a state that says later that it goes on says something new. */
  const reset = (): readonly QueueEvent[] => {
    open = undefined;
    if (paused) paused = false;
    return [{ ...base(freshId('reset')), kind: 'reset' }];
  };

  /** What a present state says of the ticket, where it differs from what was handed on. */
  const ticketState = (now: Present): readonly QueueEvent[] => {
    if (now.phase === 'idle') {
      if (!open) return [];
      open = undefined;
      return [{ ...base(freshId('reset')), kind: 'reset', nothingOpen: true }];
    }
    if (now.ticket === undefined) return [];
    const known = knownOfTicket(now.ticket);
    if (now.phase === 'rating') return served(known, { token: now.ticket.token });
    if (open?.service.serviceKey === known.service.serviceKey) return [];
    open = known;
    return [{ ...base(freshId('called')), kind: 'called', service: withClerk(known.service) }];
  };

  return {
    clerkOn(next: Clerk): readonly QueueEvent[] {
      if (clerk?.number === next.number && clerk.name === next.name) return [];
      clerk = next;
      return [{ ...base(freshId('clerkOn')), kind: 'clerkOn', clerk: next }];
    },

    /** Always said: the session may know of a clerk whom no link has named. */
    clerkOff(): readonly QueueEvent[] {
      clerk = undefined;
      return [{ ...base(freshId('clerkOff')), kind: 'clerkOff' }];
    },

    request(request: RateRequest): readonly QueueEvent[] {
      const known = knownOfRequest(request);
      const events = served(known, { token: request.token });
      if (events.length > 0) awaitingItsMessage.set(known.service.serviceKey, true);
      return events;
    },

    operate(operation: Operation): readonly QueueEvent[] {
      switch (operation) {
        case 'pause':
          return setPaused(true);
        case 'resume':
          return setPaused(false);
        case 'reset':
          return reset();
        default:
          return assertNever(operation);
      }
    },

    ticketEvent(message: TicketEvent): readonly QueueEvent[] {
      const known = knownOfTicket(message);
      const atMs = statedTime(message.at, parts.nowMs());
      if (message.kind === 'served' && !isTestNumber(message.ticketNo))
        return served(known, { atMs, act: message.eventId, token: message.token });
      const id = `ticket:${keyPiece(parts.hall, 32)}/${keyPiece(parts.counter, 24)}/${keyPiece(message.eventId, 64)}`;
      const events = once({ ...base(id, atMs), kind: message.kind, service: withClerk(known.service) });
      // A test call is nobody's turn: the ticket at the counter stays the one it was.
      if (events.length === 0 || isTestNumber(message.ticketNo)) return events;
      const over = message.kind === 'skipped' || message.kind === 'transferred';
      awaitingItsMessage = createBoundedMap(AWAITED);
      if (!over) open = known;
      else if (open?.service.serviceKey === known.service.serviceKey) open = undefined;
      return events;
    },

    /**
     * The server's present state after a login: only what differs from what was handed on becomes an event. A ticket
     * that is gone is said first. A pause that begins is said before a ticket, one that ends after it: nobody is asked
     * in between, neither whoever sits there now nor whoever was there before.
     */
    state(now: Present): readonly QueueEvent[] {
      const pause = now.paused !== undefined && now.paused !== paused ? setPaused(now.paused) : [];
      const ticket = ticketState(now);
      return now.paused && now.phase !== 'idle' ? [...pause, ...ticket] : [...ticket, ...pause];
    },

    /** The rating is over here: what the other side calls the service, if it ever came from there. */
    finished(serviceKey: ServiceKey): Reference | undefined {
      if (open?.service.serviceKey === serviceKey) open = undefined;
      return byServiceKey.get(serviceKey);
    },
  };
}

/** A proof belongs to the act it came with, so it is not remembered with the ticket. */
function withToken(service: Service, token: string | undefined): Service {
  return token === undefined ? service : { ...service, servedToken: token };
}
