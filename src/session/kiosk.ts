import type { Clock } from '../shared/clock.ts';
import type { Draft, WithdrawnBy } from '../shared/journal/entry.ts';
import { receiptCode } from '../shared/journal/receipt.ts';
import type { Press } from '../shared/press.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import type { Answer, SessionHandlers } from '../shared/screen/contract.ts';
import type { Screen, Snapshot, Span } from '../shared/screen/snapshot.ts';
import {
  assertNever,
  type Clerk,
  type InvitationId,
  type Locale,
  type Name,
  type Service,
  type ServiceKey,
} from '../shared/words.ts';
import type { Delays } from './delays.ts';
import { createFreezing, type Frozen, type Journal, type KioskLog } from './freezing.ts';
import type { Spoken } from './keys.ts';
import { createLinkNews } from './link-news.ts';
import type { WhenQueueIsLost } from './queue-loss.ts';
import { recoveryDrafts } from './recovery.ts';
import { reduce, type Site } from './reduce.ts';
import type { StaffAct } from './staff-acts.ts';
import { ACCEPTED, type Effect, initialState, refused, type SessionEvent } from './state.ts';
import { type CounterState, counterOf, screenOf } from './view.ts';

/**
 * What lives here: the rating session. The reducer decides (./reduce.ts); this runs what it decided, in this
 * order and no other: freeze, adopt, act, show. Nothing is shown or acknowledged that is not durable.
 * What must not: bytes, sockets, SQL, words on a screen.
 */
export type { AppendOutcome, Journal, KioskLog } from './freezing.ts';
export { OPENED_BY_HAND } from './queue-events.ts';
export type { WhenQueueIsLost } from './queue-loss.ts';
export type { StaffAct } from './staff-acts.ts';
export type { CounterState } from './view.ts';

export interface KioskSite extends Site {
  readonly hall: Name;
  readonly counterName?: Name;
  readonly clerk: Clerk | null;
  readonly hasButtons: boolean;
  readonly delays: Delays;
  readonly whenQueueIsLost: WhenQueueIsLost;
  /** How often a journal out of order is tried again, ms. */
  readonly storeRetryMs: number;
}

export interface KioskParts {
  readonly site: KioskSite;
  readonly version: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly newInvitation: () => InvitationId;
  /** QR code of a receipt's page; null where no province shows one. */
  readonly receiptQr: (code: string) => Extract<Screen, { name: 'thanks' }>['receipt']['qr'];
  readonly promptButtons: () => void;
  readonly acknowledge: (press: Press) => void;
  /** Whoever has a voice says it; the screen may be black. */
  readonly speak: (say: Spoken, locale: Locale) => void;
  readonly report: (result: { readonly service: Service; readonly rated: boolean }) => void;
  /** The keys under which a clerk's hand may have opened the same ticket; absent where no link is a hand. */
  readonly handKeysOf?: (service: Service) => readonly ServiceKey[];
  readonly onSnapshot: (snapshot: Snapshot) => void;
  readonly log: KioskLog;
}

export interface Kiosk {
  /** Settles what a power cut left open, then shows the first screen. */
  start(): void;
  stop(): void;
  queueEvent(event: QueueEvent): void;
  /** No queue-calling system can be heard any more. */
  queueLost(): void;
  /** One can again. `tellsState`: it has said by now what is so. */
  queueBack(back: { readonly tellsState: boolean; readonly finished?: ServiceKey | undefined }): void;
  press(press: Press): Answer;
  /** The press told before was none after all; what it chose is taken back if it still stands. */
  pressWithdrawn(press: Press, reason: Exclude<WithdrawnBy, 'cancelled'>): void;
  linkChanged(link: 'queue' | 'buttons', name: string, state: LinkState): void;
  /** The citizen contract, for whoever holds the port. */
  readonly citizen: SessionHandlers;
  /** What the clerk does, through the staff screen. */
  staff(act: StaffAct): Answer;
  /** What of the session somebody behind the counter may know. */
  counter(): CounterState;
  snapshot(): Snapshot;
  /** Presses that were refused since the start, by reason. */
  refusals(): Readonly<Record<string, number>>;
}

const NO_RECEIPT = { code: '', qr: null };

export function createKiosk(parts: KioskParts): Kiosk {
  const { site, clock, journal } = parts;
  const freezing = createFreezing({ site, journal, log: parts.log, onFrozen: noteReceipt });
  let state = initialState({ locale: site.defaultLocale, clerk: site.clerk });
  let revision = 0;
  let receipt: Extract<Screen, { name: 'thanks' }>['receipt'] = NO_RECEIPT;
  let delay: { readonly endsAtMs: number; readonly totalMs: number; readonly cancel: () => void } | null =
    null;
  let cancelRetry: (() => void) | null = null;
  let buttons: Snapshot['buttons'] = site.hasButtons ? 'lost' : 'none';
  let stopped = false;
  const refusals: Record<string, number> = {};
  const linkNews = createLinkNews({
    clock,
    onCounted: (draft) => void dispatch({ type: 'linkChanged', draft }),
  });
  const waiting: SessionEvent[] = [];
  let busy = false;

  function dispatch(event: SessionEvent): Answer {
    // An effect may come back with an event at once; it is taken after what caused it.
    if (busy) {
      waiting.push(event);
      return ACCEPTED;
    }
    busy = true;
    try {
      const answer = take(event);
      for (let next = waiting.shift(); next; next = waiting.shift()) take(next);
      return answer;
    } finally {
      busy = false;
      show();
    }
  }

  function take(event: SessionEvent): Answer {
    const fresh = { invitation: parts.newInvitation(), atMonoMs: clock.monoMs() };
    const step = freezing.frozen(state, event, reduce(state, event, fresh, site));
    state = step.state;
    for (const effect of step.effects) run(effect);
    if (state.fault && !cancelRetry) retryStore();
    return step.answer;
  }

  function noteReceipt({ drafts, entries }: Frozen): void {
    const hash = entries[drafts.findIndex((draft) => draft.kind === 'rating.settled')]?.hash;
    if (!hash) return;
    const code = receiptCode(hash);
    receipt = { code, qr: parts.receiptQr(code) };
  }

  function run(effect: Effect): void {
    switch (effect.type) {
      case 'startDelay': {
        delay?.cancel();
        const totalMs = site.delays[effect.name];
        const { name, epoch } = effect;
        const cancel = clock.after(totalMs, () => dispatch({ type: 'delayEnded', name, epoch }));
        delay = { endsAtMs: clock.monoMs() + totalMs, totalMs, cancel };
        return;
      }
      case 'stopDelay':
        delay?.cancel();
        delay = null;
        return;
      case 'promptButtons':
        parts.promptButtons();
        return;
      case 'acknowledge':
        parts.acknowledge(effect.press);
        return;
      case 'speak':
        parts.speak(effect.say, state.locale);
        return;
      case 'report':
        parts.report({ service: effect.service, rated: effect.rated });
        return;
      default:
        assertNever(effect);
    }
  }

  function retryStore(): void {
    cancelRetry = clock.after(site.storeRetryMs, () => {
      cancelRetry = null;
      if (!stopped) dispatch({ type: 'storeBack', found: freezing.found() });
    });
  }

  function span(): Span {
    if (!delay) return { endsInMs: 0, totalMs: 1 };
    return { endsInMs: Math.max(0, delay.endsAtMs - clock.monoMs()), totalMs: delay.totalMs };
  }

  /** What is still frozen at the end is nobody's page any more. */
  function show(): void {
    revision++;
    if (!stopped) parts.onSnapshot(snapshot());
  }

  function snapshot(): Snapshot {
    return {
      revision,
      locale: state.locale,
      hall: site.hall,
      counter: { number: site.counter, ...(site.counterName ? { name: site.counterName } : {}) },
      ...(state.clerk ? { clerk: state.clerk } : {}),
      buttons,
      screen: screenOf(state, {
        pack: site.pack,
        whenQueueIsLost: site.whenQueueIsLost,
        span: span(),
        receipt,
      }),
    };
  }

  function press(input: Press): Answer {
    const answer = dispatch({ type: 'press', press: input });
    if (!answer.accepted) {
      refusals[answer.reason] = (refusals[answer.reason] ?? 0) + 1;
      parts.log({ id: 'pressRefused', source: input.source, reason: answer.reason });
    }
    return answer;
  }

  const touch = (invitation: InvitationId, control: Press['control']): Answer =>
    press({ source: 'touch', deviceId: 'screen', control, atMs: clock.nowMs(), invitation });

  /** A button on the screen means one thing; the second tap of a double tap must not press the next page's. */
  const touchOn = (phase: 'chosen' | 'details', invitation: InvitationId): Answer =>
    state.phase.name === phase ? touch(invitation, 'confirm') : refused('notNow');

  return {
    start() {
      const left = journal.unfinished();
      const drafts = left === 'unreadable' ? [] : recoveryDrafts(left);
      const boot: Draft = {
        kind: 'boot.started',
        body: { version: parts.version, counter: site.counter },
      };
      const outcome =
        left === 'unreadable'
          ? ({ ok: false, reason: left, message: 'What it holds could not be read.' } as const)
          : journal.append([boot, ...drafts]);
      if (!outcome.ok) {
        parts.log({ id: 'journalFailed', reason: outcome.reason, message: outcome.message });
        state = {
          ...state,
          fault: outcome.reason === 'diskFull' ? 'diskFull' : 'store',
          unwritten: [boot, ...drafts],
        };
        retryStore();
      } else if (drafts.length > 0) parts.log({ id: 'recovered', drafts: drafts.length });
      show();
    },
    stop() {
      stopped = true;
      linkNews.stop();
      delay?.cancel();
      cancelRetry?.();
    },
    queueEvent(event) {
      const { isRated } = freezing;
      const rated = 'service' in event && isRated(event.service.serviceKey);
      const keys =
        'service' in event && !event.service.manual ? (parts.handKeysOf?.(event.service) ?? []) : [];
      dispatch({ type: 'queue', event, rated, byHand: { keys, rated: keys.some(isRated) } });
    },
    queueLost: () => void dispatch({ type: 'queueLost' }),
    queueBack: ({ tellsState, finished }) => void dispatch({ type: 'queueBack', tellsState, finished }),
    press,
    pressWithdrawn: (input, reason) => void dispatch({ type: 'withdrawn', press: input, reason }),
    linkChanged(link, name, next) {
      if (link === 'buttons') buttons = next.state === 'ready' ? 'ready' : 'lost';
      // A box that comes back while somebody is being asked lights up again: it kept nothing.
      if (link === 'buttons' && next.state === 'ready' && state.phase.name === 'inviting')
        parts.promptButtons();
      const draft = linkNews.changed({ link, name }, next);
      if (draft) dispatch({ type: 'linkChanged', draft });
      else show();
    },
    citizen: {
      choose: ({ invitation, level }) => touch(invitation, level),
      confirm: ({ invitation }) => touchOn('chosen', invitation),
      finish: ({ invitation }) => touchOn('details', invitation),
      decline: ({ invitation }) =>
        state.phase.name === 'inviting' ? touch(invitation, 'cancel') : refused('notNow'),
      help: ({ invitation }) => touch(invitation, 'help'),
      tick: ({ invitation, code }) => dispatch({ type: 'tick', invitation, code }),
      speak: ({ locale }) => dispatch({ type: 'speak', locale }),
    },
    staff: (act) => dispatch({ type: 'staff', staff: act }),
    counter: () => counterOf(state),
    snapshot,
    refusals: () => ({ ...refusals }),
  };
}
