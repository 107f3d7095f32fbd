import { z } from 'zod';
import { parseJson } from '../fields.ts';
import type { Present, Ticket, TicketEvent } from '../ticket.ts';

/**
 * FQM's list of tickets (mrf345/FQM, `GET /tickets/`) → what is so at our counter, and what happened since the last
 * look. Pure. `name` may be a citizen's and is no key of ours.
 */

const flag = z.boolean().nullish().catch(false);
const number = z.int().min(0).max(999_999_999);
const text = z.string().max(40).nullish();
const FqmTicketSchema = z.object({
  id: number,
  number: z.union([z.string().trim().min(1).max(40), number.transform(String)]),
  date: text,
  /** Pulled: called to an office. */
  p: flag,
  /** When it was pulled. */
  pdt: text,
  status: z.string().max(20).nullish(),
  on_hold: flag,
  office_id: number.nullish(),
  task_id: number.nullish(),
});
export type FqmTicket = z.output<typeof FqmTicketSchema>;
const FqmListSchema = z.array(FqmTicketSchema).max(2000);

/** One chunk of the list. @returns undefined for what is no such list. */
export function readFqmTickets(body: string): readonly FqmTicket[] | undefined {
  const read = FqmListSchema.safeParse(parseJson(body));
  return read.success ? read.data : undefined;
}

export interface FqmParts {
  readonly counter: string;
  readonly offices: Readonly<Record<string, string>>;
  readonly tasks: Readonly<Record<string, string>>;
  readonly processedMeans: 'called' | 'served';
}

type Phase = 'called' | 'served' | 'held' | 'unattended';
interface Seen {
  readonly ticket: Ticket;
  readonly pulled: string;
  readonly phase: Phase;
  /** Finished nobody knows how long ago: no list says when. Its citizen has left, and whoever sits there is another. */
  readonly isHistory: boolean;
}
/** What was seen at our counter at one look, by ticket. */
export type FqmLook = ReadonlyMap<number, Seen>;

/** The look before. */
export interface FqmBefore {
  readonly look: FqmLook;
  readonly lookedBeforeMs: number;
  /** The system was lost in between: what happened meanwhile is over, only the present counts. */
  readonly wasLost?: true;
}

/** What was finished longer ago than this is not asked about any more. */
const OPEN_FOR_MS = 180_000;

/** Compares two looks at the whole list. Without one before, as with one before a loss, there is only the present. */
export function compareFqm(
  before: FqmBefore | undefined,
  tickets: readonly FqmTicket[],
  parts: FqmParts,
): { readonly look: FqmLook; readonly happened: readonly TicketEvent[]; readonly present: Present } {
  const ours = tickets
    .filter((one) => one.p === true && parts.offices[String(one.office_id)] === parts.counter)
    .map((one) => [one.id, seenOf(one, before, parts)] as const)
    .sort(([oneId, one], [otherId, other]) => compare(one.pulled, other.pulled) || oneId - otherId);
  const look: FqmLook = new Map(ours);

  const happened: TicketEvent[] = [];
  if (before && !before.wasLost) {
    const last = [...before.look].at(-1);
    const elsewhere = last && !look.has(last[0]) && tickets.some((one) => one.id === last[0]);
    if (last && elsewhere && isOpen(last[1])) happened.push(eventOf(last[1], 'transferred'));
    for (const [id, now] of ours) {
      // Finished after the next was called: whoever sits there now would be asked about the one before.
      const overtaken = last !== undefined && compare(last[1].pulled, now.pulled) > 0;
      const found = changes(before.look.get(id), now);
      happened.push(...(overtaken ? found.filter(({ kind }) => kind !== 'served') : found));
    }
  }

  const last = ours.at(-1)?.[1];
  const open = last && isOpen(last) ? last : undefined;
  return {
    look,
    happened,
    present: open
      ? { phase: open.phase === 'served' ? 'rating' : 'serving', ticket: open.ticket }
      : { phase: 'idle', ticket: undefined },
  };
}

function changes(was: Seen | undefined, now: Seen): readonly TicketEvent[] {
  const pulledAnew = was?.pulled !== now.pulled;
  if (!pulledAnew && was?.phase === now.phase) return [];
  const events: TicketEvent[] = [];
  if (pulledAnew) events.push(eventOf(now, was === undefined ? 'called' : 'recalled'));
  // A ticket taken from hold again was there before.
  else if (now.phase === 'called') events.push(eventOf(now, 'recalled'));
  if (now.phase === 'served') events.push(eventOf(now, 'served'));
  if (now.phase === 'unattended' || now.phase === 'held') events.push(eventOf(now, 'skipped'));
  return events;
}

const isOpen = (seen: Seen) => seen.phase === 'called' || (seen.phase === 'served' && !seen.isHistory);

function eventOf(seen: Seen, kind: TicketEvent['kind']): TicketEvent {
  return {
    ...seen.ticket,
    eventId: `${seen.ticket.serial}/${seen.pulled}/${seen.phase}/${kind}`,
    kind,
    at: undefined,
  };
}

function seenOf(one: FqmTicket, before: FqmBefore | undefined, parts: FqmParts): Seen {
  const pulled = one.pdt ?? '';
  const phase = phaseOf(one, parts.processedMeans);
  const was = before?.look.get(one.id);
  const same = was?.phase === phase && was.pulled === pulled;
  const longAgo = before === undefined || (before.wasLost === true && before.lookedBeforeMs > OPEN_FOR_MS);
  return {
    ticket: {
      ticketNo: one.number,
      queue: undefined,
      serial: String(one.id),
      handling: 1,
      rateId: undefined,
      item: parts.tasks[String(one.task_id)],
      projectNo: undefined,
      taskCode: undefined,
      date: one.date ?? undefined,
      token: undefined,
    },
    pulled,
    phase,
    isHistory: phase === 'served' && (longAgo || (same && was.isHistory)),
  };
}

function phaseOf(one: FqmTicket, processedMeans: FqmParts['processedMeans']): Phase {
  if (one.status === 'Unattended') return 'unattended';
  if (one.on_hold === true) return 'held';
  return one.status === 'Processed' && processedMeans === 'served' ? 'served' : 'called';
}

const compare = (one: string, other: string) => (one < other ? -1 : one > other ? 1 : 0);
