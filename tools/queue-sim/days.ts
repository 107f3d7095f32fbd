/**
 * Days of a hall, drawn from a seed: opening, the two rush hours, lunch in turns, people who do not come, tickets called
 * again, sent elsewhere, left open at closing, short pauses, clerks who change. Pure: who plays a day, and over what
 * wire, is somebody else's business. Numbers begin again each day because the hall's date does (./hall.ts).
 */
import { type Chance, chanceOf } from './chance.ts';

export type DayAct =
  | {
      readonly act: 'call' | 'recall' | 'served' | 'skip' | 'pause' | 'resume' | 'relieve';
      readonly counter: string;
      /** Since midnight at the hall. */
      readonly atMs: number;
    }
  | { readonly act: 'transfer'; readonly counter: string; readonly to: string; readonly atMs: number };

export interface DayPlan {
  readonly seed: number;
  /** 0, 1, 2 … */
  readonly day: number;
  readonly counters: readonly string[];
  /** How busy the hall is; 1 is some 60 tickets a counter and day. */
  readonly load?: number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
export const OPENS_MS = 9 * HOUR;
export const CLOSES_MS = 17 * HOUR;
const LUNCH_MS = 30 * MINUTE;
/** Lunch in two turns, so that half of the counters are open. */
const LUNCHES = [11.75 * HOUR, 12.5 * HOUR] as const;
const RUSH = [
  [9.5 * HOUR, 11.25 * HOUR],
  [14 * HOUR, 15.75 * HOUR],
] as const;

/** All that clerks do on one day, in order of time. The same plan for the same seed, for ever. */
export function planDay(plan: DayPlan): readonly DayAct[] {
  return plan.counters
    .flatMap((counter, index) => planCounter(plan, counter, index))
    .sort((a, b) => a.atMs - b.atMs || a.counter.localeCompare(b.counter));
}

function planCounter(plan: DayPlan, counter: string, index: number): readonly DayAct[] {
  const chance = chanceOf(plan.seed, plan.day, counter);
  const others = plan.counters.filter((other) => other !== counter);
  const acts: DayAct[] = [];
  const closesMs = CLOSES_MS - chance.between(0, 10 * MINUTE);
  let lunchMs: number | undefined = LUNCHES[index % 2 === 0 ? 0 : 1];
  let nowMs = OPENS_MS + chance.between(0, 4 * MINUTE);

  const wait = (ms: number) => {
    nowMs = Math.round(nowMs + ms);
  };
  const put = (act: Exclude<DayAct['act'], 'transfer'>) => acts.push({ act, counter, atMs: nowMs });
  const away = (ms: number) => {
    put('pause');
    wait(ms);
    if (chance.is(0.3)) put('relieve');
    put('resume');
    wait(chance.between(5, 40) * SECOND);
  };

  while (nowMs < closesMs) {
    if (lunchMs !== undefined && nowMs >= lunchMs) {
      lunchMs = undefined;
      away(LUNCH_MS + chance.between(-5, 5) * MINUTE);
    } else if (chance.is(0.02)) away(chance.around(4 * MINUTE) + 20 * SECOND);
    put('call');
    if (!comes(chance, put, wait)) continue;
    wait(25 * SECOND + chance.around(3.2 * MINUTE));
    // The last one may still be sitting there when the hall closes.
    if (nowMs >= closesMs && chance.is(0.6)) break;
    if (chance.is(0.05) && others.length > 0) {
      const to = chance.pick([others[0] ?? counter, ...others.slice(1)]);
      acts.push({ act: 'transfer', counter, to, atMs: nowMs });
    } else if (chance.is(0.03)) {
      // Finished, and called again because something was forgotten.
      put('served');
      wait(chance.between(3, 12) * SECOND);
      put('recall');
      wait(chance.between(20, 90) * SECOND);
      put('served');
    } else if (!chance.is(0.015)) put('served');
    wait(untilNextCall(chance, nowMs, plan.load ?? 1));
  }
  return acts;
}

/** Whether somebody comes; who does not is called again, and given up. */
function comes(chance: Chance, put: (act: 'recall' | 'skip') => void, wait: (ms: number) => void): boolean {
  const absent = chance.is(0.09);
  for (
    let again = chance.is(absent ? 0.9 : 0.08) ? 1 + Math.floor(chance.next() * 2) : 0;
    again > 0;
    again--
  ) {
    wait(chance.between(12, 30) * SECOND);
    put('recall');
  }
  if (!absent) return true;
  wait(chance.between(10, 30) * SECOND);
  put('skip');
  wait(chance.between(2, 10) * SECOND);
  return false;
}

/** In the rush the clerk calls at once, sometimes before anybody could rate; else there may be nobody waiting. */
function untilNextCall(chance: Chance, atMs: number, load: number): number {
  if (chance.is(0.04)) return chance.between(0.4, 2.5) * SECOND;
  const rush = RUSH.some(([from, to]) => atMs >= from && atMs < to);
  return 12 * SECOND + chance.around((rush ? 35 * SECOND : 4 * MINUTE) / load);
}
