import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Clock, systemClock } from '../shared/clock.ts';

/**
 * The machine's own time: `monoMs` counts from the start of the machine, not of this process, so that entries
 * of two starts of the kiosk within one boot can be put in order and apart (docs/journal-format.md).
 */
export const machineClock: Clock = {
  ...systemClock,
  monoMs: () => Number(process.hrtime.bigint() / 1_000_000n),
};

/** Linux names each boot; elsewhere each start of the kiosk counts as one, which only makes intervals wider. */
export function readBootId(): string {
  try {
    const id = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    if (/^[0-9a-f-]{36}$/.test(id)) return id;
  } catch {
    // No such file on this system.
  }
  return randomUUID();
}
