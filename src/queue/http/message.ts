import { z } from 'zod';
import { display, id, parseJson } from '../fields.ts';
import {
  OPERATIONS,
  type Operation,
  type Present,
  presentShape,
  type TicketEvent,
  TicketEventSchema,
  TicketSchema,
  ticketEventShape,
} from '../ticket.ts';

/** Our own messages over HTTP, pushed or polled (docs/queue-links.md). Pure. */

/** The version of these messages; one without `v` is of this version. */
export const MESSAGE_VERSION = 1;

const clerk = z
  .object({
    number: display(32).pipe(z.string()),
    name: display(40),
  })
  .nullish()
  .transform((one) => one ?? undefined);
const common = {
  /** The counter it is about, where one address serves several. */
  counter: id(32)
    .nullish()
    .transform((one) => one ?? undefined),
};
const present = {
  ...presentShape,
  ticket: TicketSchema.nullish().transform((ticket) => ticket ?? undefined),
  clerk,
  /** When it was so, UTC ms. */
  at: z.number().nullish(),
};

const PushSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ticket'), ...common, ...ticketEventShape }),
  z.object({ type: z.literal('operation'), ...common, operation: z.enum(OPERATIONS) }),
  z.object({ type: z.literal('state'), ...common, ...present }),
]);

const PollEventSchema = z.union([
  TicketEventSchema,
  z.object({ eventId: ticketEventShape.eventId, kind: z.enum(OPERATIONS) }),
]);
export type PollEvent = z.output<typeof PollEventSchema>;

const PollSchema = z.object({
  ...common,
  ...present,
  events: z
    .array(PollEventSchema)
    .max(200)
    .nullish()
    .transform((events) => events ?? []),
});

interface About {
  readonly counter: string | undefined;
}
export interface SaidState extends About {
  readonly present: Present;
  readonly clerk: { readonly number: string; readonly name?: string } | undefined;
  readonly atMs: number | undefined;
}
export type PushMessage =
  | ({ readonly type: 'ticket'; readonly ticketEvent: TicketEvent } & About)
  | ({ readonly type: 'operation'; readonly operation: Operation } & About)
  | ({ readonly type: 'state' } & SaidState)
  | { readonly type: 'version' }
  | { readonly type: 'malformed' };

/** The body of one pushed request. Never throws, never returns text that was not bounded and cleaned. */
export function readPush(text: string): PushMessage {
  const value = parseJson(text);
  if (isOtherVersion(value)) return { type: 'version' };
  const read = PushSchema.safeParse(value);
  if (!read.success) return { type: 'malformed' };
  const { data } = read;
  switch (data.type) {
    case 'ticket': {
      const { type, counter, ...ticketEvent } = data;
      return { type, counter, ticketEvent };
    }
    case 'operation':
      return data;
    case 'state':
      return { type: data.type, ...stateOf(data) };
  }
}

export type PollMessage =
  | ({ readonly type: 'state'; readonly events: readonly PollEvent[] } & SaidState)
  | { readonly type: 'version' }
  | { readonly type: 'malformed' };

/** The answer to one poll. Never throws, never returns text that was not bounded and cleaned. */
export function readPoll(text: string): PollMessage {
  const value = parseJson(text);
  if (isOtherVersion(value)) return { type: 'version' };
  const read = PollSchema.safeParse(value);
  return read.success
    ? { type: 'state', events: read.data.events, ...stateOf(read.data) }
    : { type: 'malformed' };
}

function stateOf(
  data: z.output<typeof PollSchema> | Extract<z.output<typeof PushSchema>, { type: 'state' }>,
): SaidState {
  const { counter, paused, phase, ticket } = data;
  const said = data.clerk;
  return {
    counter,
    present: { paused, phase, ticket },
    atMs: data.at ?? undefined,
    clerk: said && { number: said.number, ...(said.name === undefined ? {} : { name: said.name }) },
  };
}

function isOtherVersion(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'v' in value &&
    value.v !== undefined &&
    value.v !== MESSAGE_VERSION
  );
}
