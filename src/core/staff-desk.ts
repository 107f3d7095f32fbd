import type { CounterState, StaffAct } from '../session/kiosk.ts';
import type { Clock } from '../shared/clock.ts';
import type { Answer } from '../shared/screen/contract.ts';
import type { StaffAnswer, StaffHandlers, StaffRequest } from '../shared/screen/staff-contract.ts';
import type { StaffPage, StaffSnapshot } from '../shared/screen/staff-snapshot.ts';
import type { Locale, Name } from '../shared/words.ts';
import type { LedgerEntry } from '../store/store.ts';
import type { Pairing } from './pairing.ts';
import type { KioskStatus } from './running-kiosk.ts';
import { type DayService, figuresOf, foldDay, leafOf } from './staff-day.ts';
import type { StaffGate } from './staff-gate.ts';
import { hallTime, openScreen } from './staff-view.ts';

/** What a running kiosk lets the staff screen see and do. */
export interface StaffSide {
  readonly hall: Name;
  readonly counterPlace: StaffSnapshot['counter'];
  readonly locale: Locale;
  readonly timezone: string;
  counter(): CounterState;
  act(act: StaffAct): Answer;
  status(): KioskStatus;
  ledger(from: { readonly sinceMs: number } | { readonly afterSeq: number }): readonly LedgerEntry[];
  /** Absent where the counter has no manual link. */
  readonly inviteByHand?: (request: StaffRequest<'inviteByHand'>) => StaffAnswer;
  /** Absent where there is no province. */
  readonly tryNow?: () => StaffAnswer;
}

export interface StaffDesk {
  readonly handlers: StaffHandlers;
  snapshot(): StaffSnapshot;
  isUnlocked(): boolean;
  /** The sitting is over: whatever still comes over its port is refused. */
  end(): void;
}

/** As many rows as stand on the lower of the two panels without scrolling. */
export const ROWS_A_LEAF = 9;
const DAY_AND_SOME_MS = 26 * 3_600_000;
const YES: StaffAnswer = { accepted: true };
const no = (reason: Extract<StaffAnswer, { accepted: false }>['reason']): StaffAnswer => ({
  accepted: false,
  reason,
});

/**
 * One sitting at the staff screen: it begins locked with its port and ends with it, and whether it was unlocked is
 * known here and nowhere else. Decides what may be done; how it is drawn is the page's.
 */
export function createStaffDesk(parts: {
  readonly gate: StaffGate;
  readonly clock: Clock;
  readonly version: string;
  /** The kiosk, or why there is none. */
  readonly side: () => StaffSide | null;
  readonly lines: () => readonly string[];
  readonly pairing?: Pairing;
  /** The site lets whoever comes first set the PIN on the screen. */
  readonly mayBeSetHere: () => boolean;
  /** Something was pressed. */
  readonly onAct: () => void;
  readonly onLeave: () => void;
  /** What is shown has changed. */
  readonly refresh: () => void;
}): StaffDesk {
  const { gate, clock } = parts;
  let unlocked = false;
  let over = false;
  let revision = 0;
  let locale: Locale | undefined;
  /** Until somebody has turned to one. */
  let turnedTo: StaffPage | undefined;
  let leaf = 0;
  let day: {
    readonly date: string;
    readonly services: ReadonlyMap<string, DayService>;
    readonly seq: number;
  } | null = null;

  /** Every act but the first few: not before a PIN was given here. */
  function behindThePin<R>(act: (request: R, side: StaffSide) => StaffAnswer): (request: R) => StaffAnswer {
    return (request) => {
      if (!unlocked) return no('locked');
      parts.onAct();
      const side = parts.side();
      const answer = side ? act(request, side) : no('notNow');
      parts.refresh();
      return answer;
    };
  }

  function today(side: StaffSide): ReadonlyMap<string, DayService> {
    const nowMs = clock.nowMs();
    const date = hallTime(side.timezone).dateOf(nowMs);
    const isToday = ({ atMs }: LedgerEntry) => hallTime(side.timezone).dateOf(atMs) === date;
    const known = day?.date === date ? day : null;
    const entries = side.ledger(known ? { afterSeq: known.seq } : { sinceMs: nowMs - DAY_AND_SOME_MS });
    const services = foldDay(known?.services ?? new Map(), known ? entries : entries.filter(isToday));
    day = { date, services, seq: entries.at(-1)?.seq ?? known?.seq ?? side.status().head };
    return services;
  }

  function dayOf(side: StaffSide | null) {
    if (!side) return { date: '', figures: figuresOf([]), rows: [], leaf: 0, leaves: 1 };
    const services = today(side);
    const { dateOf, timeOf } = hallTime(side.timezone);
    return {
      date: dateOf(clock.nowMs()),
      figures: figuresOf(services.values()),
      ...leafOf(services.values(), leaf, { size: ROWS_A_LEAF, timeOf }),
    };
  }

  function screen(): StaffSnapshot['screen'] {
    if (!unlocked) {
      const { pin, waitMs } = gate.state();
      const settable = pin === 'absent' && parts.mayBeSetHere();
      return { name: 'locked', pin: settable ? 'settable' : pin, waitMs };
    }
    const side = parts.side();
    turnedTo ??= firstPage();
    return {
      ...openScreen({
        counter: side?.counter() ?? null,
        status: side?.status() ?? null,
        lines: side ? [] : parts.lines(),
        nowMs: clock.nowMs(),
        version: parts.version,
      }),
      page: turnedTo,
      pages: pagesOf(side),
      pairing: parts.pairing?.view() ?? null,
      day: dayOf(side),
    };
  }

  /** A tablet that follows nothing yet is opened for nothing but pairing. */
  function firstPage(): StaffPage {
    const pairing = parts.pairing?.view() ?? null;
    return pairing !== null && !pairing.paired && pairing.configured.length === 0 ? 'pairing' : 'day';
  }

  function pagesOf(side: StaffSide | null): StaffPage[] {
    return [
      'day',
      'state',
      ...(side?.inviteByHand ? (['byHand'] as const) : []),
      ...(parts.pairing?.view() ? (['pairing'] as const) : []),
    ];
  }

  async function entered(attempt: Promise<StaffAnswer>): Promise<StaffAnswer> {
    parts.onAct();
    const answer = await attempt;
    if (over) return no('locked');
    if (answer.accepted) {
      unlocked = true;
      turnedTo ??= firstPage();
      if (turnedTo === 'pairing') parts.pairing?.opened();
      // From here on the longer time holds.
      parts.onAct();
    }
    parts.refresh();
    return answer;
  }

  const handlers: StaffHandlers = {
    unlock: ({ pin }) =>
      entered(
        gate.tryPin(pin).then((outcome) => {
          if (outcome === 'right') return YES;
          if (outcome === 'lockedOut') return no('lockedOut');
          return no(outcome === 'wrong' ? 'wrongPin' : 'notNow');
        }),
      ),
    setFirstPin: ({ pin }) =>
      parts.mayBeSetHere()
        ? entered(gate.setFirst(pin).then((done) => (done ? YES : no('notNow'))))
        : no('notNow'),
    speak(request) {
      locale = request.locale;
      parts.onAct();
      parts.refresh();
      return YES;
    },
    leave() {
      parts.onLeave();
      return YES;
    },
    show(request) {
      if (!unlocked) return no('locked');
      parts.onAct();
      if (!pagesOf(parts.side()).includes(request.page)) return no('notOffered');
      turnedTo = request.page;
      leaf = request.leaf;
      if (turnedTo === 'pairing') parts.pairing?.opened();
      else parts.pairing?.left();
      parts.refresh();
      return YES;
    },
    pause: behindThePin((_request, side) => side.act({ act: 'pause' })),
    resume: behindThePin((_request, side) => side.act({ act: 'resume' })),
    tryNow: behindThePin((_request, side) => side.tryNow?.() ?? no('notOffered')),
    recall: behindThePin(({ invitation }, side) => side.act({ act: 'recall', invitation })),
    pair: behindThePin((request) => parts.pairing?.act(request) ?? no('notOffered')),
    inviteByHand: behindThePin((request, side) => side.inviteByHand?.(request) ?? no('notOffered')),
  };

  return {
    handlers,
    isUnlocked: () => unlocked,
    end() {
      over = true;
      unlocked = false;
    },
    snapshot() {
      revision++;
      const side = parts.side();
      return {
        revision,
        locale: locale ?? side?.locale ?? 'zh-CN',
        hall: side?.hall ?? { 'zh-CN': '政务服务评价', en: 'Service rating' },
        counter: side?.counterPlace ?? { number: '—' },
        screen: screen(),
      };
    },
  };
}
