import { z } from 'zod';
import type { Case } from '../shared/words.ts';
import { display, id, optionalCode, scalar } from './fields.ts';

/**
 * What a queue-calling system can say of a ticket, in our spelling. Wires of our own (the RateService extension, MQTT,
 * HTTP push) carry exactly this (docs/queue-links.md, "Ticket messages"); wires of others are turned into it by their
 * wire file. follow.ts makes events of it.
 */

/** Served-ticket token (docs/ticket-token.md), kept as it came; whether it is good is decided elsewhere. */
const token = z
  .string()
  .regex(/^[\w.~-]{1,4096}$/)
  .nullish()
  .catch(undefined)
  .transform((one) => one ?? undefined);

/** A ticket at one counter. */
export const ticketShape = {
  /** As printed. */
  ticketNo: id(40),
  queue: display(60),
  /** What the queue side never gives twice; '' where it has nothing of the kind. */
  serial: scalar
    .nullish()
    .transform((text) => text ?? '')
    .pipe(z.string().max(100)),
  /** How often this ticket was taken up at this counter, from 1. */
  handling: z
    .int()
    .min(1)
    .max(9999)
    .nullish()
    .transform((count) => count ?? 1),
  /** Id of this handling's request to rate, where the system has one. */
  rateId: id(100)
    .nullish()
    .transform((one) => one ?? undefined),
  item: display(200),
  projectNo: optionalCode(50),
  taskCode: optionalCode(33),
  /** The ticket's day: `2026-05-06`, `2026/5/6 0:00:00`, `20260506`. */
  date: display(40),
  /** With `served` only. */
  token,
};
export const TicketSchema = z.object(ticketShape);
export type Ticket = z.output<typeof TicketSchema>;

export const TICKET_KINDS = ['called', 'recalled', 'served', 'skipped', 'transferred'] as const;

export const ticketEventShape = {
  ...ticketShape,
  /** Unique at this counter for ever; a repetition carries the same. */
  eventId: id(100),
  kind: z.enum(TICKET_KINDS),
  /** UTC ms or ISO 8601; believed if near our own clock. */
  at: z.union([z.number(), z.string().max(40)]).nullish(),
};
export const TicketEventSchema = z.object(ticketEventShape);
export type TicketEvent = z.output<typeof TicketEventSchema>;

/** A request to rate that names no ticket; `rateId` tells repetitions. */
export const requestShape = { rateId: id(100), item: display(200), date: display(40), token };
export const RateRequestSchema = z.object(requestShape);
export type RateRequest = z.output<typeof RateRequestSchema> & {
  readonly projectNo?: string | undefined;
  readonly taskCode?: string | undefined;
};

/** How a counter is now, by the queue side. */
export const presentShape = {
  paused: z.boolean(),
  phase: z.enum(['idle', 'serving', 'rating']),
};
export const PresentSchema = z.object({
  ...presentShape,
  ticket: TicketSchema.nullish().transform((ticket) => ticket ?? undefined),
});
export type Present = Omit<z.output<typeof PresentSchema>, 'paused'> & {
  /** Absent where the system has no word for it. */
  readonly paused?: boolean | undefined;
};

export const OPERATIONS = ['pause', 'resume', 'reset'] as const;
export type Operation = (typeof OPERATIONS)[number];

interface SaidOfCase {
  readonly projectNo?: string | undefined;
  readonly taskCode?: string | undefined;
  readonly item?: string | undefined;
}

/** What is newly said of case and item, over what was known before. */
export function caseOf(said: SaidOfCase, before: Case = {}): { case?: Case } {
  const found: Case = {
    ...before,
    ...(said.projectNo === undefined ? {} : { projectNo: said.projectNo }),
    ...(said.taskCode === undefined ? {} : { taskCode: said.taskCode }),
    ...(said.item === undefined ? {} : { taskName: said.item }),
  };
  return Object.keys(found).length === 0 ? {} : { case: found };
}

/** A queue server whose clock is further off than this is not believed about times. */
const CLOCK_TRUST_MS = 12 * 3600_000;

/** What the queue side says of the time, if it can be believed. */
export function statedTime(at: number | string | null | undefined, nowMs: number): number | undefined {
  const stated = typeof at === 'string' ? Date.parse(at) : at;
  const believable = typeof stated === 'number' && Math.abs(stated - nowMs) <= CLOCK_TRUST_MS;
  return believable ? Math.round(stated) : undefined;
}
