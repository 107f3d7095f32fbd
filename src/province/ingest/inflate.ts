import { gunzip } from 'node:zlib';
import { MAX_BATCH_BYTES } from '../../shared/protocol/batch.ts';

export type Inflated =
  | { readonly ok: true; readonly bytes: Buffer }
  | { readonly ok: false; readonly problem: 'tooLarge' | 'notGzip' };

/** Unpacks a batch, and stops at the byte after the largest one allowed: a bomb costs no more than a batch. */
export function inflateBatch(packed: Uint8Array): Promise<Inflated> {
  return new Promise((resolve) => {
    gunzip(
      packed,
      { maxOutputLength: MAX_BATCH_BYTES, chunkSize: 256 * 1024 },
      (error: NodeJS.ErrnoException | null, bytes) => {
        if (!error) resolve({ ok: true, bytes });
        else resolve({ ok: false, problem: error.code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'notGzip' });
      },
    );
  });
}
