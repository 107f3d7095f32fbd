import { assertNever } from '../../shared/words.ts';
import { createBoundedMap } from '../bounded.ts';
import type { Ticket, TicketEvent } from '../ticket.ts';
import type { TicketAct } from './keys.ts';
import type { Ff68CallerSettings } from './settings.ts';

/** What the bus knows of one ticket: nothing but what the clerk did. */
interface Held {
  readonly ticketNo: string;
  readonly serial: string;
  handling: number;
  /** Sent to another counter: taken up once more if it comes back. */
  away: boolean;
  /** "Please rate" was said since it was taken up. */
  asked: boolean;
  /** So often taken up again since it was called: a new "please rate" after that is an act of its own. */
  round: number;
}

/** What an act means to whoever follows the counter; null: nothing, because there is no ticket it could be about. */
export type TicketMessage = Pick<TicketEvent, keyof Ticket | 'kind' | 'eventId'>;

/** Nobody is called and walks up and is through, or does not come and is called once more, in so short a time. */
const SHORTEST_SERVICE_MS = 15_000;
/** A day of a busy counter, and more. */
const REMEMBERED = 500;

/**
 * The bus carries no tickets. This keeps what stands in for them: a number only where the clerk typed one (or counts on from one), and
 * for a ticket without a number a serial of our own that is never given twice.
 */
export function createBusTickets(parts: {
  readonly settings: Pick<
    Ff68CallerSettings,
    'numbering' | 'numbersRepeat' | 'numberPrefix' | 'numberDigits' | 'queueName' | 'evaluateWithoutCall'
  >;
  /** Unique for this run. */
  readonly runId: string;
  /** The business date now. */
  readonly today: () => string;
  /** Any clock that only goes on. */
  readonly monoMs: () => number;
}) {
  const { settings } = parts;
  let numbered = createBoundedMap<number, Held>(REMEMBERED);
  let last: number | undefined;
  let day = '';
  let open: Held | undefined;
  let suspended: Held | undefined;
  /** The line was gone, and nobody was called since: who was at the counter then, and when it went. */
  let maybeCalled: { readonly before: Held | undefined; readonly goneAtMs: number } | undefined;
  let made = 0;
  let said = 0;

  const beginDay = () => {
    const today = parts.today();
    if (today === day) return;
    day = today;
    numbered = createBoundedMap(REMEMBERED);
    last = undefined;
    suspended = undefined;
  };

  const unnumbered = (): Held => ({
    ticketNo: '',
    serial: `${parts.runId}-${++made}`,
    handling: 1,
    away: false,
    asked: false,
    round: 0,
  });

  const byNumber = (number: number): Held => {
    const known = numbered.get(number);
    const goesOn =
      known !== undefined && ((known === open && !known.asked) || known === suspended || known.away);
    if (known && (goesOn || !settings.numbersRepeat)) return known;
    const printed = `${settings.numberPrefix}${String(number).padStart(settings.numberDigits, '0')}`;
    // No serial: after a restart of the tablet the number alone must lead to the same key.
    const serial = settings.numbersRepeat ? `${parts.runId}-${++made}` : '';
    const held: Held = { ticketNo: printed, serial, handling: 1, away: false, asked: false, round: 0 };
    numbered.set(number, held);
    last = number;
    return held;
  };

  const next = (): Held => {
    if (settings.numbering === 'typed' || last === undefined) return unnumbered();
    let number = last + 1;
    while (numbered.has(number)) number += 1;
    return byNumber(number);
  };

  const message = (held: Held, kind: TicketEvent['kind'], eventId?: string): TicketMessage => ({
    eventId: eventId ?? `${parts.runId}-${++said}`,
    kind,
    ticketNo: held.ticketNo,
    queue: settings.queueName,
    serial: held.serial,
    handling: held.handling,
    rateId: undefined,
    item: undefined,
    projectNo: undefined,
    taskCode: undefined,
    date: day,
    token: undefined,
  });

  const takeUp = (held: Held): TicketMessage => {
    maybeCalled = undefined;
    held.asked = false;
    if (suspended === held) suspended = undefined;
    if (held === open) {
      held.round += 1;
      return message(held, 'recalled');
    }
    if (held.away) held.handling += 1;
    held.away = false;
    held.round += 1;
    open = held;
    return message(held, 'called');
  };

  const end = (kind: 'skipped' | 'transferred'): TicketMessage | null => {
    if (!open) return null;
    const held = open;
    held.away = kind === 'transferred';
    open = undefined;
    return message(held, kind);
  };

  const backSoEarly = () => {
    if (!open && maybeCalled && parts.monoMs() - maybeCalled.goneAtMs < SHORTEST_SERVICE_MS)
      open = maybeCalled.before;
  };

  return {
    /**
     * The line went. Until it is back whoever is at the counter may leave, and the next be called: a number less on a record
     * is better than somebody else's. Typed again, it is the same ticket.
     */
    lineWasGone(): void {
      maybeCalled = {
        before: open ?? maybeCalled?.before,
        goneAtMs: maybeCalled?.goneAtMs ?? parts.monoMs(),
      };
      open = undefined;
    },
    take(act: TicketAct): TicketMessage | null {
      beginDay();
      switch (act.act) {
        case 'call':
          return takeUp(act.number === undefined ? next() : byNumber(act.number));
        case 'recall':
          backSoEarly();
          return open ? takeUp(open) : null;
        case 'evaluate': {
          backSoEarly();
          if (!open && (settings.evaluateWithoutCall || maybeCalled)) open = unnumbered();
          if (!open) return null;
          open.asked = true;
          return message(open, 'served', `rate-${open.serial || open.ticketNo}-${open.round}`);
        }
        case 'giveUp':
          return end('skipped');
        case 'suspend':
          suspended = open;
          return end('skipped');
        case 'callBack': {
          const back = suspended;
          suspended = undefined;
          return back ? takeUp(back) : null;
        }
        case 'transfer':
          return end('transferred');
        default:
          return assertNever(act);
      }
    },
  };
}
