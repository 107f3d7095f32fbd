import { z } from 'zod';
import { type Clerk, ClerkSchema } from '../../shared/words.ts';
import { display, id, parseJson } from '../fields.ts';
import {
  OPERATIONS,
  type Operation,
  type Present,
  PresentSchema,
  TICKET_KINDS,
  type TicketEvent,
  TicketEventSchema,
} from '../ticket.ts';
import type { HeardTopic } from './topics.ts';

/**
 * MQTT payloads ↔ plain values, pure: UTF-8 JSON objects with `"v": 1` (docs/queue-links/mqtt.md). Every value is
 * bounded and cleaned here, so that nothing behind this file sees raw text from outside.
 */
export const MQTT_VERSION = 1;

export type Incoming =
  | { readonly type: 'system'; readonly online: boolean }
  | { readonly type: 'state'; readonly present: Present; readonly clerk: Clerk | undefined }
  | { readonly type: 'ticketEvent'; readonly ticketEvent: TicketEvent; readonly clerk: Clerk | undefined }
  | { readonly type: 'operate'; readonly id: string; readonly operation: Operation }
  /** Of a version, or an event of a kind, that this tablet does not know. */
  | { readonly type: 'unknown'; readonly version: boolean }
  | { readonly type: 'malformed' };

const MALFORMED: Incoming = { type: 'malformed' };

const SystemSchema = z.object({ online: z.boolean() });
const OperateSchema = z.object({ id: id(100), operate: z.enum(OPERATIONS) });
/** A clerk who cannot be read is left out: the ticket counts more. */
const WithClerkSchema = z.object({
  clerk: z
    .object({
      number: display(32),
      name: display(40),
      stars: z.int().min(0).max(5).nullish().catch(undefined),
    })
    .transform(({ number, name, stars }) => {
      const read = ClerkSchema.safeParse({
        number,
        ...(name === undefined ? {} : { name }),
        ...(typeof stars === 'number' ? { stars } : {}),
      });
      return read.success ? read.data : undefined;
    })
    .nullish()
    .catch(undefined)
    .transform((clerk) => clerk ?? undefined),
});

/** One payload of one of the queue system's topics. Never throws. */
export function readMqttMessage(topic: HeardTopic, payload: Uint8Array): Incoming {
  const value = parseJson(textOf(payload) ?? '');
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !('v' in value))
    return MALFORMED;
  if (value.v !== MQTT_VERSION) {
    return typeof value.v === 'number' || typeof value.v === 'string'
      ? { type: 'unknown', version: true }
      : MALFORMED;
  }
  switch (topic) {
    case 'system': {
      const read = SystemSchema.safeParse(value);
      return read.success ? { type: 'system', online: read.data.online } : MALFORMED;
    }
    case 'operate': {
      const read = OperateSchema.safeParse(value);
      return read.success ? { type: 'operate', id: read.data.id, operation: read.data.operate } : MALFORMED;
    }
    case 'state': {
      const read = PresentSchema.safeParse(value);
      return read.success ? { type: 'state', present: read.data, clerk: clerkOf(value) } : MALFORMED;
    }
    case 'events': {
      if (!('kind' in value) || typeof value.kind !== 'string') return MALFORMED;
      const { kind } = value;
      if (!TICKET_KINDS.some((one) => one === kind)) return { type: 'unknown', version: false };
      const read = TicketEventSchema.safeParse(value);
      return read.success
        ? { type: 'ticketEvent', ticketEvent: read.data, clerk: clerkOf(value) }
        : MALFORMED;
    }
    default:
      return topic satisfies never;
  }
}

/** Which run of a tablet a presence of tablets is from; undefined if that cannot be told. Never throws. */
export function readTabletRun(payload: Uint8Array): string | undefined {
  const read = z.object({ by: id(64) }).safeParse(parseJson(textOf(payload) ?? ''));
  return read.success ? read.data.by : undefined;
}

/** One payload of ours. */
export function writeMqttMessage(value: Readonly<Record<string, string | number | boolean>>): string {
  return JSON.stringify({ v: MQTT_VERSION, ...value });
}

function clerkOf(value: object): Clerk | undefined {
  const read = WithClerkSchema.safeParse(value);
  return read.success ? read.data.clerk : undefined;
}

function textOf(payload: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(payload);
  } catch {
    return undefined;
  }
}
