import type { CallerBus, HandMemory, LinkLog, QueueLink, SharedPorts } from '../queue/links.ts';
import {
  callsOnly,
  createConductor,
  createQueueLink,
  type Passed,
  type Unheeded,
  underKeys,
} from '../queue/links.ts';
import type { Kiosk, WhenQueueIsLost } from '../session/kiosk.ts';
import type { Clock } from '../shared/clock.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import type { ServiceKey } from '../shared/words.ts';
import type { KioskConfig } from './config.ts';

type Session = Pick<Kiosk, 'queueEvent' | 'linkChanged' | 'queueLost' | 'queueBack'>;

/** A link whose system tells the present state has so long to do it after a loss. */
const TELLS_STATE_LIMIT_MS = 2_000;

/** All queue links of this counter as one: what they say together goes to the session. */
export interface QueueSide {
  start(): void;
  stop(): Promise<void>;
  /** A clerk asks for a rating by hand; absent where no link is a clerk's hand. */
  readonly invite?: NonNullable<QueueLink['invite']>;
  report(result: { readonly serviceKey: ServiceKey; readonly rated: boolean }): void;
  states(): readonly { readonly name: string; readonly state: LinkState }[];
  /** Events that went no further since the start, by reason, and tickets about which two links disagreed. */
  unheeded(): Readonly<Record<Unheeded | 'lostAndPaused' | 'disagree', number>>;
}

export function createQueueSide(parts: {
  readonly config: Pick<KioskConfig, 'queue' | 'hall' | 'counter' | 'timezone' | 'whenQueueIsLost'>;
  readonly clock: Clock;
  readonly runId: string;
  readonly callers: CallerBus;
  readonly hand?: HandMemory;
  readonly ports?: SharedPorts;
  /** With what was found of its token. */
  readonly checked: (event: QueueEvent) => QueueEvent;
  /** Asked for when there is something to say: the session is made after its links. */
  readonly session: () => Session;
  readonly note: (level: LinkLog['level'], event: string, data?: LinkLog['data']) => void;
  /** Tests may give other links. */
  readonly createLink?: typeof createQueueLink;
}): QueueSide {
  const { config, clock, note, session } = parts;
  const rule: WhenQueueIsLost = config.whenQueueIsLost;
  const names = config.queue.map(({ kind }, at) => {
    const before = config.queue.slice(0, at).filter((other) => other.kind === kind).length;
    return before === 0 ? kind : `${kind} ${before + 1}`;
  });
  const isByHand = (link: number) => config.queue[link]?.kind === 'manual';
  const conductor = createConductor({
    links: config.queue.map((settings, link) => ({ byHand: isByHand(link), callsOnly: callsOnly(settings) })),
    counter: config.counter.number,
    runId: parts.runId,
    nowMs: clock.nowMs,
  });
  const counts = {
    notLeading: 0,
    late: 0,
    twin: 0,
    behind: 0,
    handBusy: 0,
    lostAndPaused: 0,
    disagree: 0,
  };
  /** Links whose system has said what is so since they were lost last. */
  const told = new Set<number>();
  let lost = false;
  /** Until the link that leads now is there for the first time (`isOfBefore`). */
  let starting = false;
  /** Back, and waiting for what is so. */
  let cancelWait: (() => void) | undefined;
  /** The service that was said to be finished in that wait, as it happened. */
  let finished: ServiceKey | undefined;

  const isPausedByLoss = () => (lost || starting) && rule === 'paused';
  /** What such a link says before it is there is of the time when nobody listened. */
  const isOfBefore = (link: number | undefined): boolean =>
    link !== undefined && links[link]?.tellsHistory === true && links[link]?.state().state !== 'ready';

  const deliver = (passed: readonly Passed[]): void => {
    for (const { event, keys } of passed) {
      const checked = underKeys(parts.checked(event), keys);
      if (cancelWait && checked.kind === 'served') finished = checked.service.serviceKey;
      session().queueEvent(checked);
    }
  };

  const onEvent = (link: number, event: QueueEvent): void => {
    const name = names[link] ?? '';
    if (isPausedByLoss() && isByHand(link)) {
      counts.lostAndPaused += 1;
      note('warn', 'queueUnheeded', { link: name, why: 'lostAndPaused' });
      return;
    }
    const { passed, unheeded, disagree } = conductor.event(link, event);
    if (unheeded) counts[unheeded] += 1;
    // That another link leads is every day's business.
    if (unheeded && unheeded !== 'notLeading') note('info', 'queueUnheeded', { link: name, why: unheeded });
    if (disagree) {
      counts.disagree += 1;
      note('warn', 'queueDisagree', { link: name, believed: names[conductor.acting() ?? -1] ?? '' });
    }
    deliver(passed);
  };

  const onState = (link: number, state: LinkState): void => {
    if (state.state === 'lost') told.delete(link);
    session().linkChanged('queue', names[link] ?? '', state);
    const passed = conductor.state(link, state);
    const now = conductor.isLost();
    if (now !== lost) {
      lost = now;
      starting = false;
      if (now) onLost();
      deliver(passed);
      if (!now) onBack();
      return;
    }
    if (!lost && !starting && isOfBefore(conductor.acting())) {
      starting = true;
      onLost();
    }
    deliver(passed);
    if (!starting || isOfBefore(conductor.acting())) return;
    starting = false;
    onBack();
  };

  const onLost = (): void => {
    cancelWait?.();
    cancelWait = undefined;
    finished = undefined;
    session().queueLost();
  };

  /** Nobody is asked again before it is known who sits there now: the next may have come meanwhile. */
  const onBack = (): void => {
    const acting = conductor.acting() ?? -1;
    if (!links[acting]?.tellsState) goOn(false);
    else if (told.has(acting)) goOn(true);
    else cancelWait = clock.after(TELLS_STATE_LIMIT_MS, () => goOn(false));
  };

  const onStateTold = (link: number): void => {
    told.add(link);
    if (cancelWait && conductor.acting() === link) goOn(true);
  };

  const goOn = (tellsState: boolean): void => {
    cancelWait?.();
    cancelWait = undefined;
    const heard = finished;
    finished = undefined;
    session().queueBack({ tellsState, finished: heard });
  };

  const links: readonly QueueLink[] = config.queue.map((settings, link) =>
    (parts.createLink ?? createQueueLink)({
      settings,
      hall: config.hall.id,
      counter: config.counter.number,
      timezone: config.timezone,
      clock,
      callers: parts.callers,
      ...(parts.hand ? { hand: parts.hand } : {}),
      ...(parts.ports ? { ports: parts.ports } : {}),
      onEvent: (event) => onEvent(link, event),
      onState: (state) => onState(link, state),
      onStateTold: () => onStateTold(link),
      log: (line) => note(line.level, line.event, line.data),
    }),
  );

  const hand = links.find((link) => link.invite)?.invite;
  // Said before the link takes it: a clerk whose word goes nowhere would wait for a page that never comes.
  const invite: QueueSide['invite'] = hand
    ? (request) => {
        if (isPausedByLoss()) return { accepted: false, reason: 'queueLost' };
        if (conductor.isHandBusy()) return { accepted: false, reason: 'queueServes' };
        return hand(request);
      }
    : undefined;
  return {
    ...(invite ? { invite } : {}),
    start() {
      starting = links[conductor.acting() ?? -1]?.tellsHistory === true;
      if (starting) session().queueLost();
      for (const link of links) link.start();
    },
    async stop() {
      cancelWait?.();
      await Promise.all(links.map((link) => link.stop()));
    },
    report({ serviceKey, rated }) {
      for (const [at, link] of links.entries())
        link.report({ serviceKey: conductor.keyAt(at, serviceKey), rated, atMs: clock.nowMs() });
      conductor.finished(serviceKey);
    },
    states: () => links.map((link, at) => ({ name: names[at] ?? link.name, state: link.state() })),
    unheeded: () => ({ ...counts }),
  };
}
