import { randomUUID } from 'node:crypto';

/**
 * A UUIDv7 (RFC 9562): 48 bits of time, and the 74 random bits of a random UUID. Those come from a store that the
 * runtime fills for 128 at once; asking the system for each costs a citizen's act a tenth of a millisecond.
 *
 * @param atMs UTC ms; a clock before 1970 gives ids of 1970, and order never depends on them.
 */
export function newUuidV7(atMs: number): string {
  const time = Math.max(0, Math.floor(atMs)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}
