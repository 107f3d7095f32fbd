import { z } from 'zod';
import { outsideText } from '../words.ts';
import { HashSchema } from './batch.ts';

/**
 * `POST /v1/devices/{id}/urgent`, signed like a batch (./signature.ts): a request for help overtakes what is
 * unsent. Each stretch is a run of entries as events, from one that matters to the next signed one, with the
 * hash that stands before it; so it can be proven without what lies before. docs/journal-protocol.md.
 */
export const URGENT_MEDIA_TYPE = 'application/vnd.yiping.urgent+json';
/** In all stretches together. */
export const MAX_URGENT_ENTRIES = 32;
export const MAX_URGENT_BYTES = 64 * 1024;

export function urgentPath(deviceId: string): string {
  return `/v1/devices/${deviceId}/urgent`;
}

/** The events are read like those of a batch (./batch.ts), as they came. Not strict: a later kiosk may say more. */
export const UrgentSchema = z.object({
  stretches: z
    .array(z.object({ prev: HashSchema, events: z.array(z.unknown()).min(1).max(MAX_URGENT_ENTRIES) }))
    .min(1)
    .max(3),
  /**
   * When it was sent, as an entry states it: within one start this says how long ago help was asked for, whatever
   * the wall clock did since. Older kiosks do not say it, and one that cannot be read is none.
   */
  sent: z
    .object({ boot: outsideText(64).min(1), mono: z.int().min(0) })
    .optional()
    .catch(undefined),
});

/** 200. `seq` and `hash` are those of the `rating.helpRequested`; whoever gets them compares. */
export const UrgentAckSchema = z.object({
  seq: z.int().min(1),
  hash: HashSchema,
  /** Whether the ledger holds it already; otherwise it is announced until the ledger brings it. */
  held: z.boolean(),
  serverTimeMs: z.int(),
});
export type UrgentAck = z.output<typeof UrgentAckSchema>;
