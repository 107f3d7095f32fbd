import { gunzip } from 'node:zlib';
import { MAX_BATCH_BYTES } from '../../shared/protocol/batch.ts';

export type Inflated =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly problem: InflateProblem };
export type InflateProblem = 'tooLarge' | 'notGzip';

/** Unpacking stops at the byte after the largest batch allowed: a bomb costs no more than a batch. */
export const INFLATE_LIMITS = { maxOutputLength: MAX_BATCH_BYTES, chunkSize: 256 * 1024 } as const;

export function problemOf(error: unknown): InflateProblem {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'notGzip';
}

export function inflateBatch(packed: Uint8Array): Promise<Inflated> {
  return new Promise((resolve) => {
    gunzip(packed, INFLATE_LIMITS, (error, bytes) => {
      resolve(error ? { ok: false, problem: problemOf(error) } : { ok: true, bytes });
    });
  });
}
