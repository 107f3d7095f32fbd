import { z } from 'zod';
import { ClerkSchema, outsideText, ServiceSchema } from './words.ts';

/**
 * What every queue link, of whatever make, says to the session (→ src/queue). Idempotent by `id`: the same
 * event twice is one event.
 */
const base = {
  /** Room for the longest a link makes: a service's key of 240, an act of 64, and what stands between (→ src/queue). */
  id: outsideText(320).min(1),
  counter: outsideText(32).min(1),
  /** When it happened by the queue side's clock if it said so, else when it arrived. UTC ms. */
  atMs: z.int(),
  /** `atMs` is by the queue side's clock: events that both bear this can be put in order by it. */
  stated: z.literal(true).optional(),
};

export const QueueEventSchema = z.discriminatedUnion('kind', [
  /** A ticket was called to this counter. */
  z.strictObject({ ...base, kind: z.literal('called'), service: ServiceSchema }),
  /** The same ticket was called again. */
  z.strictObject({ ...base, kind: z.literal('recalled'), service: ServiceSchema }),
  /** The service is finished: please rate. */
  z.strictObject({ ...base, kind: z.literal('served'), service: ServiceSchema }),
  /** The ticket was given up. */
  z.strictObject({ ...base, kind: z.literal('skipped'), service: ServiceSchema }),
  /** The ticket went to another counter; here it is over. */
  z.strictObject({ ...base, kind: z.literal('transferred'), service: ServiceSchema }),
  z.strictObject({ ...base, kind: z.literal('paused') }),
  z.strictObject({ ...base, kind: z.literal('resumed') }),
  z.strictObject({ ...base, kind: z.literal('clerkOn'), clerk: ClerkSchema }),
  z.strictObject({ ...base, kind: z.literal('clerkOff') }),
  /**
   * Back to idle whatever is open. An order of the queue side (RateOperate Reset) ends a pause too. `nothingOpen`: no
   * order; it follows from the counter having no ticket any more, and says nothing of a pause.
   */
  z.strictObject({ ...base, kind: z.literal('reset'), nothingOpen: z.literal(true).optional() }),
]);
export type QueueEvent = z.output<typeof QueueEventSchema>;

/**
 * Whether the counter is paused after an event; undefined where it says nothing of that. The only place that decides
 * it, for the links together and for the session.
 */
export function pauseAfter(event: QueueEvent): boolean | undefined {
  switch (event.kind) {
    case 'paused':
      return true;
    case 'resumed':
      return false;
    case 'reset':
      return event.nothingOpen ? undefined : false;
    default:
      return undefined;
  }
}

/** State of a link or a device as people see it; `sinceMs` is UTC ms. */
export type LinkState =
  | { readonly state: 'connecting'; readonly sinceMs: number }
  | { readonly state: 'ready'; readonly sinceMs: number }
  | { readonly state: 'lost'; readonly sinceMs: number; readonly reason: string };
