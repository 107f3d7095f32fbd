import type { Clock } from '../../shared/clock.ts';
import type { DriverEvent } from '../driver-words.ts';

interface Allowance {
  readonly burst: number;
  readonly perSecond: number;
}

/**
 * What one line may tell the core. Far more than hands on a box can cause and far less than a line that floods:
 * at a megabyte a second there may be a hundred thousand messages, and the core has other things to do.
 */
const ALLOWANCES: { readonly [Type in DriverEvent['type']]: Allowance } = {
  press: { burst: 40, perSecond: 20 },
  withdrawn: { burst: 40, perSecond: 20 },
  caller: { burst: 40, perSecond: 20 },
  /** One that is dropped here comes with the next sign of life. */
  state: { burst: 20, perSecond: 5 },
  fault: { burst: 20, perSecond: 5 },
  counters: { burst: 0, perSecond: 0 },
};

export interface Budget {
  /** @returns whether one more of this kind may go out. */
  allows(type: DriverEvent['type']): boolean;
  /** How many did not. */
  readonly suppressed: number;
}

export function createBudget(clock: Pick<Clock, 'monoMs'>): Budget {
  const accounts = new Map<string, { left: number; atMonoMs: number }>();
  let suppressed = 0;
  return {
    allows(type) {
      const { burst, perSecond } = ALLOWANCES[type];
      const nowMonoMs = clock.monoMs();
      const account = accounts.get(type) ?? { left: burst, atMonoMs: nowMonoMs };
      const earned = ((nowMonoMs - account.atMonoMs) / 1_000) * perSecond;
      const left = Math.min(burst, account.left + earned);
      const granted = left >= 1;
      accounts.set(type, { left: granted ? left - 1 : left, atMonoMs: nowMonoMs });
      if (!granted && type !== 'counters') suppressed += 1;
      return granted;
    },
    get suppressed() {
      return suppressed;
    },
  };
}
