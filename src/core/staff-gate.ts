import { join } from 'node:path';
import type { Clock } from '../shared/clock.ts';
import { createLockoutBook, STAFF_LOCKOUT_FILE } from './staff-lockout.ts';
import { findPin, STAFF_PIN_FILE, setPin } from './staff-pin.ts';

/** Who gets to the staff screen: one for the whole core, however often the screen is opened. */
export interface StaffGate {
  /** Whether there is a PIN, and how long none is looked at. */
  state(): { readonly pin: 'set' | 'absent'; readonly waitMs: number };
  /** `busy`: another one is being looked at, and each is looked at alone. */
  tryPin(pin: string): Promise<'right' | 'wrong' | 'lockedOut' | 'busy' | 'absent'>;
  /** Only where there is none; never in the place of one that cannot be read. */
  setFirst(pin: string): Promise<boolean>;
}

export function createStaffGate(parts: {
  readonly dataFolder: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  /** Without the PIN, and without how far off it was. */
  readonly note: (severity: 'info' | 'warn', event: string, data?: Readonly<Record<string, unknown>>) => void;
}): StaffGate {
  const { clock, note } = parts;
  const pinPath = join(parts.dataFolder, STAFF_PIN_FILE);
  const lockout = createLockoutBook(join(parts.dataFolder, STAFF_LOCKOUT_FILE));
  let busy = false;

  async function alone<T>(work: () => Promise<T>): Promise<T | 'busy'> {
    if (busy) return 'busy';
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  }

  return {
    state() {
      const found = findPin(pinPath);
      if (found.state === 'set') return { pin: 'set', waitMs: lockout.waitLeft(found.salt, clock.nowMs()) };
      return { pin: found.state === 'absent' ? 'absent' : 'set', waitMs: 0 };
    },
    tryPin: (pin) =>
      alone(async () => {
        const found = findPin(pinPath);
        if (found.state === 'absent') return 'absent';
        if (found.state !== 'set') {
          note('warn', 'staffPinUnreadable', { remedy: 'staff-pin' });
          return 'wrong';
        }
        const { salt } = found;
        if (lockout.waitLeft(salt, clock.nowMs()) > 0) return 'lockedOut';
        // Counted first: whoever pulls the plug while it is looked at has had their try.
        lockout.countTry(salt, clock.nowMs());
        if (await found.isRight(pin)) {
          lockout.forget(salt);
          note('info', 'staffEntered');
          return 'right';
        }
        const waitMs = lockout.waitLeft(salt, clock.nowMs());
        note('warn', 'staffPinWrong', { waitMs });
        return waitMs > 0 ? 'lockedOut' : 'wrong';
      }),
    async setFirst(pin) {
      const done = await alone(async () => {
        if (findPin(pinPath).state !== 'absent') return false;
        const set = await setPin(pinPath, pin);
        if (!set.ok) note('warn', 'staffPinNotSet', { message: set.message });
        else note('info', 'staffPinSet');
        return set.ok;
      });
      return done === true;
    },
  };
}
