import { chanceOf } from '../../tools/queue-sim/chance.ts';
import { CLOSES_MS, OPENS_MS } from '../../tools/queue-sim/days.ts';

/** What befalls more than one message: the network goes, the queue system or a tablet starts again. */
export type Trouble =
  | { readonly trouble: 'cut' | 'restore' | 'restart'; readonly atMs: number }
  | { readonly trouble: 'tabletRestart'; readonly counter: string; readonly atMs: number };

const CUTS = 4;
const RESTARTS = 2;
const TABLET_RESTARTS = 4;

export function planTroubles(plan: {
  readonly seed: number;
  readonly day: number;
  readonly link: string;
  readonly counters: readonly string[];
}): readonly Trouble[] {
  const chance = chanceOf(plan.seed, plan.link, 'troubles', plan.day);
  const when = () => Math.round(chance.between(OPENS_MS + 60_000, CLOSES_MS - 10 * 60_000));
  const troubles: Trouble[] = [];
  // One after the other: two cuts at once are one.
  const share = (CLOSES_MS - OPENS_MS) / CUTS;
  for (let cut = 0; cut < CUTS; cut++) {
    const fromMs = OPENS_MS + cut * share + chance.between(0.05, 0.7) * share;
    const lastsMs = 2_000 + Math.min(0.25 * share, chance.around(60_000));
    troubles.push({ trouble: 'cut', atMs: Math.round(fromMs) });
    troubles.push({ trouble: 'restore', atMs: Math.round(fromMs + lastsMs) });
  }
  for (let restart = 0; restart < RESTARTS; restart++) troubles.push({ trouble: 'restart', atMs: when() });
  const [first, ...others] = plan.counters;
  for (let restart = 0; restart < TABLET_RESTARTS && first !== undefined; restart++)
    troubles.push({ trouble: 'tabletRestart', counter: chance.pick([first, ...others]), atMs: when() });
  return troubles;
}
