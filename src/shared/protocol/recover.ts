import { z } from 'zod';
import { EntryEventSchema, HashSchema } from './batch.ts';

/**
 * `POST /v1/devices/{id}/recover`, signed like a batch (./signature.ts): a device whose database was damaged asks
 * for its own entries after the last one it still has. It believes nothing of the answer: each entry has to
 * continue its chain and be covered by its own signature.
 */
export const RECOVER_MEDIA_TYPE = 'application/vnd.yiping.recover+json';
export const MAX_RECOVER_BYTES = 4096;
/** Of a reply: a batch's events, which one long commit may exceed, and what stands around them. */
export const MAX_RECOVER_REPLY_BYTES = 4 * 1024 * 1024;

export function recoverPath(deviceId: string): string {
  return `/v1/devices/${deviceId}/recover`;
}

/** The last entry that the device has; 0 and 64 zeros when it has none. Not strict: a later kiosk may say more. */
export const RecoverSchema = z.object({
  afterSeq: z.int().min(0),
  afterHash: HashSchema,
  /** No more than these in one reply, but always a whole commit: the line may be thin. Older provinces do not read it. */
  maxEntries: z.int().min(1).optional(),
});
export type Recover = z.output<typeof RecoverSchema>;

/** 200. Whole commits, the oldest first; empty when nothing is held after `afterSeq`. */
export const RecoveredSchema = z.object({
  entries: z.array(EntryEventSchema).max(10_000),
  heldSeq: z.int().min(0),
  /** The furthest head that a heartbeat has named, whether it ever came or not; null before the first. */
  reportedHead: z.object({ seq: z.int().min(1), hash: HashSchema }).nullable(),
  serverTimeMs: z.int(),
});
export type Recovered = z.output<typeof RecoveredSchema>;
