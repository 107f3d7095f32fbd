/** What can be wrong with a tablet's clock, as settings of libfaketime. The monotonic clock always runs: nobody can set it. */
export interface ClockFault {
  readonly name: string;
  /** libfaketime's language: `@…` runs from there, `+1h` is off by it, a bare moment stands still. */
  readonly clock: string;
  /** Told one after the other between tickets; somebody sets the clock. */
  readonly sets?: readonly string[];
}

export const CLOCK_FAULTS = [
  { name: '1970', clock: '@1970-01-01 00:00:00' },
  { name: '50 years back', clock: '-50y' },
  { name: 'before 1970', clock: '@1950-05-06 09:00:00' },
  { name: 'an hour ahead', clock: '+1h' },
  { name: 'an hour behind', clock: '-1h' },
  { name: 'stands still', clock: '2026-05-06 09:00:00' },
  { name: 'jumps', clock: '+0', sets: ['+1h', '-1h', '+40s', '-50y', '+0', '+10y'] },
] as const satisfies readonly ClockFault[];
