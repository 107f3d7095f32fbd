import { z } from 'zod';
import { SUITE_NAMES } from '../journal/suite.ts';
import { DeviceIdSchema, outsideText } from '../words.ts';

/**
 * The journal protocol, kiosk → province (docs/journal-protocol.md):
 * `POST /v1/devices/{id}/entries`, a CloudEvents 1.0 batch as gzip JSON, signed as a request (./signature.ts).
 * Hashes do not travel: the province computes them along the chain from the last entry it holds, and the
 * signature of the last entry then covers everything before it. So a batch always ends with a signed entry.
 */
export const BATCH_MEDIA_TYPE = 'application/cloudevents-batch+json';
export const EVENT_TYPE_PREFIX = 'org.yiping.';
export const MAX_BATCH_ENTRIES = 500;
/** Of the JSON before gzip; the province also refuses a body that inflates beyond it. */
export const MAX_BATCH_BYTES = 1024 * 1024;

export function entriesPath(deviceId: string): string {
  return `/v1/devices/${deviceId}/entries`;
}

/** One entry on the wire. `time` is the entry's `at`, `id` its id, `type` its kind behind the prefix. */
export const EntryEventSchema = z.strictObject({
  specversion: z.literal('1.0'),
  id: z.uuid(),
  source: z.string().max(100),
  type: z.string().startsWith(EVENT_TYPE_PREFIX).max(80),
  time: z.iso.datetime({ precision: 3 }),
  data: z.strictObject({
    seq: z.int().min(1),
    boot: outsideText(64).min(1),
    mono: z.int().min(0),
    body: z.record(z.string(), z.unknown()),
    /** base64, on the last entry of each commit. */
    sig: z.base64().max(200).optional(),
  }),
});
export type EntryEvent = z.output<typeof EntryEventSchema>;

export const BatchSchema = z.array(EntryEventSchema).min(1).max(MAX_BATCH_ENTRIES);

export const HashSchema = z.string().regex(/^[0-9a-f]{64}$/);

/** 200. Everything up to and including `ackedSeq` is frozen at the province. */
export const AckSchema = z.object({
  ackedSeq: z.int().min(0),
  /** Of entry `ackedSeq` as the province holds it, lower-case hex. Who gets it compares; older provinces do not send it. */
  ackedHash: HashSchema.optional(),
  serverTimeMs: z.int(),
  configVersion: z.int().min(0),
  commands: z.array(z.record(z.string(), z.unknown())).max(100),
});
export type Ack = z.output<typeof AckSchema>;

/**
 * Every refusal's body. What the kiosk does about each is written down in one place, src/sync/verdict.ts.
 *
 * | status | error | meaning |
 * |---|---|---|
 * | 400/422 | malformed | the batch cannot be read: the kiosk narrows it down and parks the entry, shown |
 * | 401 | badSignature, clockSkew | the request is not proven |
 * | 403 | revoked | this device may not send any more: stop, ask for re-provisioning |
 * | 404 | unknownDevice | not registered (yet): try again later, shown |
 * | 409 | gap | `expectedSeq` says where to go on |
 * | 409 | fork | another history exists under the same seq: alarm, stop |
 * | 413 | tooLarge | split |
 * | 429/503 | slowDown | `Retry-After` |
 */
export const RefusalSchema = z.object({
  error: z.enum([
    'malformed',
    'badSignature',
    'clockSkew',
    'revoked',
    'unknownDevice',
    'gap',
    'fork',
    'tooLarge',
    'slowDown',
    'internal',
  ]),
  message: z.string().max(500),
  expectedSeq: z.int().min(1).optional(),
  seq: z.int().min(1).optional(),
});
export type Refusal = z.output<typeof RefusalSchema>;

/** What an administrator posts to `/v1/devices` so that a device is known. */
export const RegistrationSchema = z.strictObject({
  deviceId: DeviceIdSchema,
  publicKey: z.base64().max(200),
  suite: z.enum(SUITE_NAMES),
  hall: outsideText(60).min(1),
  counter: outsideText(32).min(1),
});
export type Registration = z.output<typeof RegistrationSchema>;
