import type { createTrialLink, SharedPorts } from '../queue/links.ts';
import type { Clock } from '../shared/clock.ts';
import type { StaffAnswer } from '../shared/screen/staff-contract.ts';
import type { PairingRequest, StaffPairing } from '../shared/screen/staff-pairing.ts';
import type { PairingSelf } from './pairing-asking.ts';

/** Pairing as the staff screen has it: one at a time, and it ends with the sitting. */
export interface Pairing {
  act(request: PairingRequest): StaffAnswer;
  /** Null where the site does not offer it, and while there is no kiosk. */
  view(): StaffPairing | null;
  /** Somebody turned to the page: where nothing is followed yet, the search begins by itself. */
  opened(): void;
  /** Somebody turned to another page: the camera is off there. */
  left(): void;
  /** Nobody looks any more: what is being tried is given up. */
  end(): void;
  /** The kiosk ends: nothing is said to a queue system any more. */
  stop(): void;
}

export interface PairingParts {
  readonly dataFolder: string;
  readonly clock: Clock;
  readonly version: string;
  /** Null while there is no kiosk. */
  readonly self: () => PairingSelf | null;
  /** The kiosk takes up what has just been written. */
  readonly restart: () => void;
  readonly changed: () => void;
  /** Lets the staff screen have the tablet's camera, or takes it back. Absent where there is no shell. */
  readonly lendCamera?: (lent: boolean) => void;
  readonly note: (level: 'info' | 'warn', event: string, data?: Readonly<Record<string, unknown>>) => void;
  readonly random?: () => number;
  /** Where the links in service listen. */
  readonly ports?: SharedPorts;
  /** Tests may give another link. */
  readonly createLink?: typeof createTrialLink;
}
