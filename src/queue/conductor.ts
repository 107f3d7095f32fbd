import { type LinkState, pauseAfter, type QueueEvent } from '../shared/queue-event.ts';
import type { Service, ServiceKey } from '../shared/words.ts';
import { createLateness } from './lateness.ts';

/**
 * Several links at one counter, one voice to the session (docs/queue-links.md, "Several links"). The first link in the
 * settings leads; the next one stands in while it is lost; a clerk's hand is heard where the queue side has nothing
 * open. Holds what each link has said; does no I/O.
 */

export type TicketEventOf = Extract<QueueEvent, { service: Service }>;

/** Why an event goes no further. */
export type Unheeded =
  /** A link before it in the settings is there. */
  | 'notLeading'
  /** It happened before something this link has said already. */
  | 'late'
  /** Another link has said the same of the same ticket. */
  | 'twin'
  /** A link that stands in speaks of a ticket that has been left, or that nobody can tell from the one that was open. */
  | 'behind'
  /** A clerk's hand, while the queue side has a ticket open. */
  | 'handBusy';

/** An event for the session; `keys` where another link has named the same service before. */
export interface Passed {
  readonly event: QueueEvent;
  readonly keys?: Pick<Service, 'serviceKey' | 'ticketKey'>;
}

export interface Conducted {
  readonly passed: readonly Passed[];
  readonly unheeded?: Unheeded;
  /** Two links have a different ticket at this counter; the leading one is believed. */
  readonly disagree?: true;
}

export interface ConductorParts {
  /**
   * In the order of the settings. `byHand`: what it says is a clerk's, not the queue-calling system's. `callsOnly`: its
   * system knows no end of a service, so what it has open keeps no hand waiting.
   */
  readonly links: readonly { readonly byHand: boolean; readonly callsOnly?: boolean }[];
  readonly nowMs: () => number;
  readonly counter: string;
  /** Unique for this run. */
  readonly runId: string;
}

/** One service, and which link has said what of it, under which key. */
interface Known {
  readonly service: Service;
  readonly by: number;
  readonly sinceMs: number;
  readonly keys: Map<number, ServiceKey>;
  readonly told: Set<string>;
}

interface Voice {
  readonly byHand: boolean;
  readonly lateness: ReturnType<typeof createLateness>;
  lost: boolean;
  paused: boolean | undefined;
  /** The latest it said of the ticket it has at the counter. */
  open: TicketEventOf | undefined;
  /** Said while another led, and not yet said by that one. */
  unconfirmed: Service | undefined;
  /** Had it open when it came to stand in: nobody can tell whether it is the leading link's ticket. */
  heldOver: ServiceKey | undefined;
  /** Stands in and has not yet said anything of the ticket at the counter or a newer one. */
  behind: boolean;
}

const REMEMBERED = 64;
/** A printed number tells a ticket for so long; the next day it is another one's. */
const NUMBER_TRUST_MS = 4 * 3_600_000;

export function createConductor(parts: ConductorParts) {
  const voices = parts.links.map(
    ({ byHand }): Voice => ({
      byHand,
      lateness: createLateness(parts),
      lost: false,
      paused: undefined,
      open: undefined,
      unconfirmed: undefined,
      heldOver: undefined,
      behind: false,
    }),
  );
  const known: Known[] = [];
  let shown: Known | undefined;
  let paused = false;
  let counted = 0;
  let disagreements = 0;
  const first = voices.findIndex(({ byHand }) => !byHand);
  /** Who is believed now. */
  const acting = (): number | undefined => {
    const at = voices.findIndex(({ byHand, lost }) => !byHand && !lost);
    return at < 0 ? undefined : at;
  };

  const find = (link: number, service: Service): Known | undefined =>
    known.findLast((one) => one.keys.get(link) === service.serviceKey || sameKey(one, service)) ??
    known.findLast((one) => one.by !== link && !one.keys.has(link) && isSame(one, service));

  const isSame = (one: Known, service: Service): boolean => {
    if (one.service.manual !== service.manual) return false; // A number that a hand typed proves nothing.
    if (one === shown && one.service.ticketKey !== undefined && one.service.ticketKey === service.ticketKey)
      return true;
    const number = numberOf(service);
    return (
      number !== undefined &&
      numberOf(one.service) === number &&
      parts.nowMs() - one.sinceMs <= NUMBER_TRUST_MS
    );
  };

  const note = (link: number, service: Service): Known => {
    const one: Known = {
      service,
      by: link,
      sinceMs: parts.nowMs(),
      keys: new Map([[link, service.serviceKey]]),
      told: new Set(),
    };
    known.push(one);
    if (known.length > REMEMBERED) known.shift();
    return one;
  };

  /** The event goes to the session, under the keys the service was first named by. */
  const pass = (link: number, event: TicketEventOf, one: Known): Passed => {
    one.keys.set(link, event.service.serviceKey);
    one.told.add(said(event.kind, link));
    if (event.kind === 'called' || event.kind === 'recalled' || event.kind === 'served') shown = one;
    else if (shown === one) shown = undefined;
    const voice = voices[link];
    if (voice) Object.assign(voice, { behind: false, heldOver: undefined });
    const { serviceKey, ticketKey } = one.service;
    if (serviceKey === event.service.serviceKey) return { event };
    return { event, keys: { serviceKey, ...(ticketKey === undefined ? {} : { ticketKey }) } };
  };

  const remember = (voice: Voice, event: TicketEventOf): void => {
    if (event.kind === 'called' || event.kind === 'recalled' || event.kind === 'served') voice.open = event;
    else if (voice.open?.service.serviceKey === event.service.serviceKey) voice.open = undefined;
  };

  /** Said by a link that does not lead: kept for when it has to, and held against what the leading one says. */
  const overheard = (link: number, voice: Voice, event: TicketEventOf): Conducted => {
    const { service } = event;
    const one = find(link, service);
    if (one) {
      one.keys.set(link, service.serviceKey);
      voice.unconfirmed = undefined;
      return { passed: [], unheeded: 'notLeading' };
    }
    const before = voice.unconfirmed;
    voice.unconfirmed = service;
    // Without a number on it nobody can say that the leading link's ticket is another one.
    if (before === undefined || before.serviceKey === service.serviceKey || numberOf(before) === undefined)
      return { passed: [], unheeded: 'notLeading' };
    if (find(link, before) !== undefined) return { passed: [], unheeded: 'notLeading' };
    disagreements += 1;
    return { passed: [], unheeded: 'notLeading', disagree: true };
  };

  const isHandBusy = (): boolean => {
    const at = acting() ?? -1;
    return voices[at]?.open !== undefined && parts.links[at]?.callsOnly !== true;
  };
  const byHand = (link: number, event: TicketEventOf): Conducted => {
    if (isHandBusy()) return { passed: [], unheeded: 'handBusy' };
    return { passed: [pass(link, event, find(link, event.service) ?? note(link, event.service))] };
  };

  const ticket = (link: number, voice: Voice, event: TicketEventOf): Conducted => {
    if (voice.byHand) return byHand(link, event);
    if (voice.lateness.isLate(event)) return { passed: [], unheeded: 'late' };
    remember(voice, event);
    const leads = acting();
    if (leads !== undefined && leads !== link) return overheard(link, voice, event);
    const one = find(link, event.service);
    const standsIn = link !== first;
    if (!one) {
      if (standsIn && voice.heldOver === event.service.serviceKey) return { passed: [], unheeded: 'behind' };
      return { passed: [pass(link, event, note(link, event.service))] };
    }
    if (isTwin(one, link, event.kind)) {
      one.keys.set(link, event.service.serviceKey);
      one.told.add(said(event.kind, link));
      if (one === shown) voice.behind = false;
      return { passed: [], unheeded: 'twin' };
    }
    if (standsIn && voice.behind && one !== shown) return { passed: [], unheeded: 'behind' };
    return { passed: [pass(link, event, one)] };
  };

  const standing = (link: number, voice: Voice, event: Exclude<QueueEvent, TicketEventOf>): Conducted => {
    const leads = acting();
    voice.paused = pauseAfter(event) ?? voice.paused;
    if (event.kind === 'reset') voice.open = undefined;
    if (!voice.byHand && leads !== undefined && leads !== link) return { passed: [], unheeded: 'notLeading' };
    paused = pauseAfter(event) ?? paused;
    if (event.kind === 'reset') shown = undefined;
    return { passed: [{ event }] };
  };

  /** Another link is believed from now on: what it knows otherwise goes to the session. */
  const switchTo = (link: number, before: number | undefined): readonly Passed[] => {
    const voice = voices[link];
    if (!voice) return [];
    const passed: Passed[] = [];
    if (voice.paused !== undefined && voice.paused !== paused) {
      paused = voice.paused;
      passed.push({ event: { ...fresh(), kind: paused ? 'paused' : 'resumed' } });
    }
    // One that comes back asks for the present state, or is told it; what it knew when it was lost is old.
    if (before === undefined || link < before) return passed;
    voice.behind = true;
    const { open } = voice;
    if (!open) return passed;
    const one = find(link, open.service);
    if (one === undefined && !tellsApart(open.service, shown?.service)) {
      voice.heldOver = open.service.serviceKey;
      return passed;
    }
    if (one !== undefined && (one !== shown || isTold(one, open.kind))) return passed;
    return [...passed, pass(link, open, one ?? note(link, open.service))];
  };

  const fresh = () => ({
    id: `conductor:${parts.runId}:${++counted}`,
    counter: parts.counter,
    atMs: parts.nowMs(),
  });

  return {
    /** @param link its place in the settings. */
    event(link: number, event: QueueEvent): Conducted {
      const voice = voices[link];
      if (!voice) return { passed: [] };
      return 'service' in event ? ticket(link, voice, event) : standing(link, voice, event);
    },
    /** @returns what changes because another link is believed from now on. */
    state(link: number, state: LinkState): readonly Passed[] {
      const voice = voices[link];
      if (!voice || state.state === 'connecting') return [];
      const before = acting();
      voice.lost = state.state === 'lost';
      const after = acting();
      return after === undefined || after === before ? [] : switchTo(after, before);
    },
    /** No queue-calling system can be heard, at a counter that has one. */
    isLost: (): boolean => first >= 0 && acting() === undefined,
    acting,
    isHandBusy,
    /** The service is over here: the key under which this link knows it. */
    keyAt(link: number, serviceKey: ServiceKey): ServiceKey {
      return known.findLast((one) => one.service.serviceKey === serviceKey)?.keys.get(link) ?? serviceKey;
    },
    finished(serviceKey: ServiceKey): void {
      const one = known.findLast((each) => each.service.serviceKey === serviceKey);
      for (const [link, voice] of voices.entries())
        if (voice.open && (one?.keys.get(link) ?? serviceKey) === voice.open.service.serviceKey)
          voice.open = undefined;
    },
    disagreements: (): number => disagreements,
  };
}
export type Conductor = ReturnType<typeof createConductor>;

/** The event as the session may have it. */
export function underKeys(event: QueueEvent, keys: Passed['keys']): QueueEvent {
  if (!keys || !('service' in event)) return event;
  const { ticketKey: _theirs, ...service } = event.service;
  return { ...event, service: { ...service, ...keys } };
}

function sameKey(one: Known, service: Service): boolean {
  return one.service.serviceKey === service.serviceKey;
}

function numberOf(service: Service): string | undefined {
  return service.ticketNumber?.replace(/\s/g, '').toUpperCase();
}

/** Both bear a number, and not the same: then they are two, whatever their keys. */
function tellsApart(service: Service, shown: Service | undefined): boolean {
  if (shown === undefined) return true;
  const [one, other] = [numberOf(service), numberOf(shown)];
  return one !== undefined && other !== undefined && one !== other;
}

const said = (kind: QueueEvent['kind'], link: number) => `${kind} ${link}`;
function isTold(one: Known, kind: QueueEvent['kind'], exceptBy?: number): boolean {
  return [...one.told].some((each) => each.startsWith(`${kind} `) && each !== said(kind, exceptBy ?? -1));
}

/** Another link has said this, or what comes after it, and this link says it for the first time. */
function isTwin(one: Known, link: number, kind: QueueEvent['kind']): boolean {
  if (one.told.has(said(kind, link))) return false;
  return isTold(one, kind, link) || (kind === 'called' && isTold(one, 'served', link));
}
