import { availableParallelism } from 'node:os';

/** Every bound of the endpoint in one place. Times in ms, sizes in bytes. */
export interface ProvinceLimits {
  /** Uploads worked on at the same time; more are told to slow down. */
  readonly uploadsAtOnce: number;
  /** Threads that read large batches beside the one that answers; 0 reads all of them there. */
  readonly readingThreads: number;
  /** Of these, kept from the start on, so that a backlog need not wait for its first; the others end when they have nothing to do. */
  readonly readingThreadsKept: number;
  /** From the first byte of a request to its last. */
  readonly requestMs: number;
  /** Until a socket on which nothing happens is closed. */
  readonly idleMs: number;
  /** What a refused upload is told to wait: this at the least, the more the more were refused, and never beyond the most. */
  readonly retryAfterS: number;
  readonly retryAfterMostS: number;
  readonly liveClients: number;
  /** Live updates are gathered this long before they are sent. */
  readonly liveGatherMs: number;
  readonly heartbeatMs: number;
  /** Counts of levels move on only by this many ratings at once (k-anonymity). */
  readonly smallestGroup: number;
  /** Receipt look-ups: this many at once from one address, then one every `receiptEveryMs`. */
  readonly receiptBurst: number;
  readonly receiptEveryMs: number;
}

export const PROVINCE_LIMITS: ProvinceLimits = {
  uploadsAtOnce: 64,
  readingThreads: Math.min(4, Math.max(1, availableParallelism() - 1)),
  readingThreadsKept: 0,
  requestMs: 30_000,
  idleMs: 60_000,
  retryAfterS: 2,
  retryAfterMostS: 60,
  liveClients: 50,
  liveGatherMs: 150,
  heartbeatMs: 15_000,
  smallestGroup: 5,
  receiptBurst: 20,
  receiptEveryMs: 2_000,
};
