/**
 * Rates tickets on the real core under wrong clocks, delivers to a real province under the true one, and asks
 * of every entry whether the interval that the province can state holds the time at which it was truly written.
 *
 *     npm run clock -- [--tickets 40] [--seed N]
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TrueTime, trueTimes } from '../../src/shared/journal/true-time.ts';
import { LEVELS } from '../../src/shared/words.ts';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { CLOCK_FAULTS, type ClockFault } from './clock-faults.ts';
import { type Chance, chanceOf } from './crash-chance.ts';
import { onDuty, when } from './crash-life.ts';
import { COUNTER, type HarnessSite, makeHarnessSite } from './crash-site.ts';
import { harnessOptions } from './harness-options.ts';

export interface ClockResult {
  readonly fault: string;
  readonly seed: number;
  readonly tickets: number;
  readonly entries: number;
  /** Widest interval, ms; Infinity where an end is not bounded. */
  readonly widestMs: number;
  /** How far `at` was from the true time, at most. */
  readonly wallOffMs: number;
  readonly wrong: readonly string[];
}

/** A press, between two looks at the true clock. */
interface Seen {
  readonly serviceKey: string;
  readonly afterMs: number;
  readonly beforeMs: number;
}

export async function runClock(parts: {
  readonly fault: ClockFault;
  readonly tickets: number;
  readonly seed: number;
}): Promise<ClockResult> {
  const { fault, tickets, seed } = parts;
  const chance = chanceOf(seed);
  // On a busy machine a silence of seconds is no loss, and a loss would take back the invitation that is to be answered.
  const site = await makeHarnessSite({ queue: { silenceLimitMs: 60_000 } });
  try {
    const setting = join(site.data, '../clock');
    writeFileSync(setting, fault.clock);
    const env = { ...site.env, ...fakeClock(setting) };
    const startedMs = Date.now();
    const seen: Seen[] = [];
    const sets = [...(fault.sets ?? [])];
    // Two starts where there are tickets enough: the second goes on with a journal of the first.
    const lives = tickets < 4 ? [tickets] : [Math.ceil(tickets / 2), Math.floor(tickets / 2)];
    for (const life of lives) {
      const kiosk = startHeadless({ ...site, env });
      try {
        await onDuty(kiosk, site);
        for (let ticket = 0; ticket < life; ticket++) {
          if (fault.sets) writeFileSync(setting, sets.shift() ?? chance.pick(['+3h', '-2d', '+0']));
          seen.push(await rateTicket(kiosk, site, chance));
        }
        await when('the province to have everything', async () => {
          const held = await site.held();
          const compared = held.some(({ kind }) => kind === 'clock.observed');
          return compared && held.length === site.journal().length;
        });
      } finally {
        await kiosk.stop();
      }
    }
    return { fault: fault.name, seed, tickets, ...(await judge(site, seen, startedMs)) };
  } finally {
    await site.close();
  }
}

/** The kiosk's own wall clock, and nothing else of the machine. */
function fakeClock(setting: string): NodeJS.ProcessEnv {
  const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib', '/usr/local/lib'];
  const library = folders.map((folder) => join(folder, 'faketime/libfaketimeMT.so.1')).find(existsSync);
  if (!library) throw new Error('libfaketime is not installed: apt-get install libfaketime');
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: setting,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    NO_FAKE_STAT: '1',
    TZ: 'UTC',
  };
}

async function rateTicket(kiosk: HeadlessKiosk, site: HarnessSite, chance: Chance): Promise<Seen> {
  site.sim.callNext(COUNTER);
  await kiosk.until('serving', ({ screen }) => screen.name === 'serving');
  site.sim.served(COUNTER);
  const { screen } = await kiosk.until('inviting', (snapshot) => snapshot.screen.name === 'inviting');
  if (screen.name !== 'inviting') throw new Error('not inviting');
  const { invitation } = screen;
  const afterMs = Date.now();
  const answer = await kiosk.call('choose', { invitation, level: chance.pick(LEVELS) });
  const beforeMs = Date.now();
  if (JSON.stringify(answer) !== '{"accepted":true}')
    throw new Error(`a rating was refused: ${JSON.stringify(answer)}`);
  await kiosk.call('confirm', { invitation });
  return { serviceKey: invitation, afterMs, beforeMs };
}

async function judge(
  site: HarnessSite,
  seen: readonly Seen[],
  startedMs: number,
): Promise<Pick<ClockResult, 'entries' | 'widestMs' | 'wallOffMs' | 'wrong'>> {
  const held = await site.held();
  const times = trueTimes(held);
  const wrong: string[] = [];
  const chosen = held.filter(({ kind }) => kind === 'rating.chosen');
  const invitationOf = (body: unknown) => (body as { readonly invitation: string }).invitation;
  const given = chosen.map(({ body }) => invitationOf(body)).join();
  if (given !== seen.map(({ serviceKey }) => serviceKey).join())
    wrong.push('the ratings do not stand in the order in which they were given');

  let wallOffMs = 0;
  chosen.forEach((entry, index) => {
    const press = seen[index];
    const time = times[entry.seq - 1];
    if (!press || !time) return;
    wallOffMs = Math.max(wallOffMs, Math.abs(entry.at - press.beforeMs));
    if (!touches(time, press.afterMs, press.beforeMs))
      wrong.push(`entry ${entry.seq} was pressed at ${press.afterMs}…${press.beforeMs}, stated ${say(time)}`);
  });
  for (const time of times) {
    if (time.doubtful) wrong.push(`entry ${time.seq} is doubtful`);
    if (!touches(time, startedMs, Date.now())) wrong.push(`entry ${time.seq} is outside of the run`);
  }
  const widths = times.map(({ fromMs, toMs }) =>
    fromMs === null || toMs === null ? Number.POSITIVE_INFINITY : toMs - fromMs,
  );
  return { entries: held.length, widestMs: Math.max(...widths), wallOffMs, wrong };
}

/** The true moment lies somewhere between two looks at the true clock; the interval may not lie beside them. */
function touches({ fromMs, toMs }: TrueTime, afterMs: number, beforeMs: number): boolean {
  return (fromMs === null || fromMs <= beforeMs) && (toMs === null || toMs >= afterMs);
}

function say({ fromMs, toMs }: TrueTime): string {
  return `${fromMs}…${toMs}`;
}

export function sayClock({ fault, seed, tickets, entries, widestMs, wallOffMs, wrong }: ClockResult): string {
  const off = `${Math.round(wallOffMs / 1000)} s`;
  return [
    `${fault} | seed ${seed} | tickets ${tickets} | entries ${entries}, verified, all at the province | wall clock off by up to ${off} | widest interval ${widestMs} ms | wrong ${wrong.length}`,
    ...wrong.map((sentence) => `  ${sentence}`),
  ].join('\n');
}

if (import.meta.main) {
  const given = harnessOptions({ command: 'npm run clock', numbers: { tickets: 40 } });
  const seed = given.number('seed');
  console.log(`seed ${seed}, ${given.number('tickets')} tickets under each wrong clock`);
  let wrong = 0;
  for (const fault of CLOCK_FAULTS) {
    const result = await runClock({ fault, tickets: given.number('tickets'), seed });
    wrong += result.wrong.length;
    console.log(sayClock(result));
  }
  process.exit(wrong === 0 ? 0 : 1);
}
