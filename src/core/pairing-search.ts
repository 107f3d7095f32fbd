import { type FoundPairing, type SearchEnd, searchForPairing } from '../queue/pairing.ts';
import type { Clock } from '../shared/clock.ts';
import type { StaffPairing } from '../shared/screen/staff-pairing.ts';
import type { PairingSettings } from './pairing-settings.ts';

/** The search of the local network as the staff screen has it: one at a time, and what it found stays for the sitting. */
export interface PairingSearch {
  /** True for the first look at the page: it has not been asked for yet. */
  isUntried(): boolean;
  begin(settings: PairingSettings): void;
  /** Nothing listens from now on; what was found stays. */
  stop(): void;
  /** The sitting is over. */
  forget(): void;
  view(): NonNullable<StaffPairing['search']>;
}

export function createPairingSearch(parts: {
  readonly clock: Clock;
  readonly changed: () => void;
  readonly note: (level: 'info' | 'warn', event: string, data?: Readonly<Record<string, unknown>>) => void;
  /** Tests may give another. */
  readonly search?: typeof searchForPairing;
}): PairingSearch {
  const { clock, changed, note, search = searchForPairing } = parts;
  let state: NonNullable<StaffPairing['search']>['state'] = 'untried';
  /** In the order in which they came: a list under a finger does not move. */
  let found: readonly FoundPairing[] = [];
  let more = false;
  let stop = () => {};

  function ended(end: SearchEnd): void {
    stop = () => {};
    state = end.failed === undefined ? 'done' : 'failed';
    more = end.more;
    note(end.failed === undefined ? 'info' : 'warn', 'pairingSearched', {
      found: found.length,
      refused: end.refused,
      ...(end.failed === undefined ? {} : { failed: end.failed }),
    });
    changed();
  }

  return {
    isUntried: () => state === 'untried',
    begin({ searchFrom, searchPort }) {
      stop();
      state = 'searching';
      found = [];
      more = false;
      const underway = search({
        clock,
        only: searchFrom,
        port: searchPort,
        onFound(one) {
          found = [...found, one];
          changed();
        },
        onEnd: ended,
      });
      // It may have ended at once.
      if (state === 'searching') stop = underway.stop;
      changed();
    },
    stop: () => stop(),
    forget() {
      stop();
      state = 'untried';
      found = [];
      more = false;
    },
    view: () => ({
      state,
      more,
      found: found.map(({ name, address }) => ({ name, address: address.origin })),
    }),
  };
}
