import type { Clock } from '../../src/shared/clock.ts';
import type { CompactLimits, Store } from '../../src/store/store.ts';
import type { FakeClock } from './fake-clock.ts';
import { drafts, newService, rateOnce } from './store-parts.ts';

/** A journal with words of the province's time in it, as delivery leaves them there. */
export function observe(store: Store, clock: Clock, theirMs = clock.nowMs()): void {
  const mono = Math.max(0, Math.floor(clock.monoMs()));
  const result = store.append([
    { kind: 'clock.observed', body: { link: 'province', mono, theirMs, errorMs: 20, offsetMs: 0 } },
  ]);
  if (!result.ok) throw new Error(result.message);
}

/** Some services a day, one of them not rated, and the province's time after each day. */
export function fillForDays(
  store: Store,
  clock: Clock,
  {
    days,
    services = 4,
    name = 'day',
  }: { readonly days: number; readonly services?: number; readonly name?: string },
): void {
  for (let day = 0; day < days; day++) {
    for (let n = 0; n < services; n++) {
      rateOnce(store, `${name}-${day}/${n}`, ([1, 2, 3, 4, 5] as const)[(day + n) % 5] ?? 5);
      if ('advance' in clock) (clock as FakeClock).advance(60_000);
    }
    const declined = newService(`${name}-${day}/declined`);
    store.append([drafts.opened(declined)]);
    store.append([drafts.closed(declined, 'declined')]);
    if ('advance' in clock) (clock as FakeClock).advance(24 * 3_600_000);
    observe(store, clock);
  }
}

/** Limits that hold nothing back but what is unfinished or not delivered. */
export const ALL_OLD: CompactLimits = {
  beforeMs: Number.MAX_SAFE_INTEGER,
  upToSeq: Number.MAX_SAFE_INTEGER,
  links: ['province'],
  maxEntries: 2_000,
};
