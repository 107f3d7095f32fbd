import { z } from 'zod';
import { outsideText } from '../words.ts';
import { HashSchema } from './batch.ts';

/**
 * `POST /v1/devices/{id}/heartbeat`, signed like a batch (./signature.ts): how far the device's journal goes,
 * so that the far end can name what it misses although nobody sends it. Answered by an `Ack` whose `ackedSeq`
 * is the last entry the province holds, or by a refusal of the journal protocol.
 */
export const HEARTBEAT_MEDIA_TYPE = 'application/vnd.yiping.heartbeat+json';
export const MAX_HEARTBEAT_BYTES = 4096;

export function heartbeatPath(deviceId: string): string {
  return `/v1/devices/${deviceId}/heartbeat`;
}

/** Not strict: a later kiosk may say more. */
export const HeartbeatSchema = z.object({
  headSeq: z.int().min(0),
  headHash: HashSchema,
  /** What the device believes delivered. */
  ackedSeq: z.int().min(0),
  /** Place in time, as entries have it: tells a heartbeat that came late from a journal that went back. */
  boot: outsideText(64).min(1),
  mono: z.int().min(0),
  /** The link is held at this entry, which the far end refuses. */
  parkedSeq: z.int().min(1).optional(),
});
export type Heartbeat = z.output<typeof HeartbeatSchema>;
