import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as turn, setTimeout as wait } from 'node:timers/promises';
import { chanceOf } from '../../tools/queue-sim/chance.ts';
import { type DayAct, planDay } from '../../tools/queue-sim/days.ts';
import { kioskJson } from '../../tools/queue-sim/kiosk-json.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { SIM_LINKS, type SimLink, type SimLinkName } from '../../tools/queue-sim/wires.ts';
import { type Account, account } from './hall-days-account.ts';
import { createHallClock, type HallClock } from './hall-days-clock.ts';
import { type Fate, faultyWire } from './hall-days-faults.ts';
import { createTablet, type Tablet } from './hall-days-tablet.ts';
import { planTroubles, type Trouble } from './hall-days-troubles.ts';
import { createTruth, type Handling, type TakenPress } from './hall-days-truth.ts';

export interface HallDaysOptions {
  readonly link: SimLinkName;
  readonly days: number;
  readonly counters: number;
  readonly seed: number;
  /** Share of messages that something happens to on their way. */
  readonly faultShare?: number;
  readonly onDay?: (day: number) => void;
}

export interface HallDaysResult extends Account {
  readonly handlings: number;
  readonly messageFaults: Readonly<Record<Fate, number>>;
  readonly troubles: number;
  /** Acts whose effect did not show on the tablet within the limit, though nothing stood in the way. */
  readonly unseen: readonly string[];
  readonly history: readonly string[];
}

/** A disk in memory, where there is one: that a flush is durable is tested elsewhere (crash, disk). */
const MEMORY = '/dev/shm';
/** 2026-03-01T00:00 at the hall. */
const FIRST_MIDNIGHT_MS = Date.UTC(2026, 1, 28, 16);
const DAY_MS = 86_400_000;
const SEEN_LIMIT_MS = 6_000;
const UNSEEN_LIMIT = 20;
const CUT_LIMIT_MS = 300;
/** Real time between two pushes of the hall's: an answer fits in. */
const PUSH_EVERY_MS = 3;
/** Acts of several counters within so long are as if at once. */
const TOGETHER_MS = 4_000;
/** Time is moved on by no more than this without letting sockets speak. */
const STRIDE_MS = 30_000;
/** Turns of the event loop that a socket's answer takes. */
const TURNS = 4;

/**
 * Whole days of a hall over one link: the simulator over its real transport, the real core of a tablet at each counter
 * with its journal on the disk; only time is the hall's own, and people are drawn from the seed.
 */
export async function playHallDays(options: HallDaysOptions): Promise<HallDaysResult> {
  const { link: name, seed } = options;
  const link: SimLink = SIM_LINKS[name];
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'yiping-hall-days-'));
  const counters = Array.from({ length: options.counters }, (_, index) => String(index + 1));
  const clock = createHallClock(FIRST_MIDNIGHT_MS + 8 * 3_600_000);
  const truth = createTruth();
  const presses: TakenPress[] = [];
  const unseen: string[] = [];
  const messageFaults: Record<Fate, number> = { none: 0, drop: 0, double: 0, reorder: 0, delay: 0 };
  let troubles = 0;
  /** Of the last message about each counter. */
  const fates = new Map<string, Fate>();
  const network = { up: true };
  const tablets = new Map<string, Tablet>();
  const tabletAt = (counter: string): Tablet => {
    const tablet = tablets.get(counter);
    if (!tablet) throw new Error(`no tablet at ${counter}`);
    return tablet;
  };

  const sim = await createQueueSim({
    counters,
    nowMs: clock.nowMs,
    wire: faultyWire(await link.load(), {
      chance: chanceOf(seed, name, 'faults'),
      clock,
      share: options.faultShare ?? 0.02,
      faults: link.faults,
      onFate(happening, fate) {
        messageFaults[fate] += 1;
        fates.set(happening.counter, fate);
        const told = truth.happened(happening, fate);
        return () => {
          told.linked ||= network.up && tabletAt(happening.counter).linked();
        };
      },
    }),
  });

  try {
    for (const counter of counters) {
      mkdirSync(join(folder, `data-${counter}`));
      tablets.set(
        counter,
        createTablet({
          counter,
          folder,
          config: kioskJson(sim, counter, link.calm),
          clock,
          chance: chanceOf(seed, name, 'people', counter),
          somebody: () => truth.person(counter, clock.nowMs()) !== undefined,
          onPress({ invitation, level }) {
            const by = truth.person(counter, clock.nowMs());
            if (by) presses.push({ counter, invitation, level, by, atMs: clock.nowMs() });
          },
        }),
      );
    }
    const play = createPlay({
      sim,
      link,
      clock,
      tabletAt,
      counters,
      unseen,
      network,
      wentAsItWas: (counter) => fates.get(counter) === 'none',
      calledAtMs: (counter) => truth.now(counter)?.calledAtMs ?? 0,
    });
    for (let day = 0; day < options.days && unseen.length < UNSEEN_LIMIT; day++) {
      const plan = { seed, day, counters };
      const midnightMs = FIRST_MIDNIGHT_MS + day * DAY_MS;
      await play.moveTo(midnightMs + 8.5 * 3_600_000);
      await Promise.all(counters.map((counter) => tabletAt(counter).start()));
      await play.linked();
      const planned = planTroubles({ ...plan, link: name });
      troubles += planned.length;
      await play.day([...planDay(plan), ...planned], midnightMs);
      await play.wait(90_000);
      await Promise.all(counters.map((counter) => tabletAt(counter).stop()));
      options.onDay?.(day);
    }
    // Whatever the last evening left open is settled by the next morning.
    await play.wait(60_000);
    await Promise.all(counters.map((counter) => tabletAt(counter).start()));
    await Promise.all(counters.map((counter) => tabletAt(counter).stop()));

    const kept = counters.flatMap((counter) => tabletAt(counter).kept());
    const result = account({ handlings: truth.handlings(), kept, presses });
    const [first] = result.violations;
    return {
      ...result,
      handlings: truth.handlings().length,
      messageFaults,
      troubles,
      unseen,
      history: first ? historyOf(first, truth.handlings(), kept) : [],
    };
  } finally {
    await Promise.all([...tablets.values()].map((tablet) => tablet.stop()));
    await sim.stop();
    clock.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function createPlay(parts: {
  readonly sim: QueueSim;
  readonly link: SimLink;
  readonly clock: HallClock;
  readonly counters: readonly string[];
  readonly tabletAt: (counter: string) => Tablet;
  readonly unseen: string[];
  readonly network: { up: boolean };
  readonly wentAsItWas: (counter: string) => boolean;
  /** When the ticket that is at the counter was called there. */
  readonly calledAtMs: (counter: string) => number;
}) {
  const { sim, link, clock, tabletAt, counters, unseen, network } = parts;
  /** Turns of the event loop until it holds; where a link looks for itself, its time is moved on to its next look. */
  async function until(holds: () => boolean, pushMs: number, limitMs = SEEN_LIMIT_MS): Promise<boolean> {
    const endMs = performance.now() + limitMs;
    let pushedMs = performance.now();
    while (!holds()) {
      if (performance.now() > endMs) return false;
      await turn();
      if (pushMs === 0 || performance.now() - pushedMs < PUSH_EVERY_MS) continue;
      clock.moveTo(clock.nowMs() + pushMs);
      pushedMs = performance.now();
    }
    return true;
  }

  async function moveTo(atMs: number): Promise<void> {
    while (clock.nowMs() < atMs) {
      // Sockets need time that is not moved on: a link that is being made would run into every limit.
      if (network.up && counters.some((counter) => isMakingItsLink(counter))) await linked();
      clock.moveTo(Math.min(atMs, clock.nowMs() + (link.stride?.ms ?? STRIDE_MS)));
      for (let turns = 0; turns < TURNS; turns++) await turn();
      if (link.stride) await wait(link.stride.answerMs);
    }
  }

  const isMakingItsLink = (counter: string) => tabletAt(counter).running() && !tabletAt(counter).linked();

  async function linked(): Promise<void> {
    for (const counter of counters) {
      const tablet = tabletAt(counter);
      if (!(await until(() => !tablet.running() || tablet.linked(), 20)))
        unseen.push(`${counter}: no link within the limit (${tablet.reasons().join()})`);
    }
  }

  /** What an act must lead to, unless something stands in its way; nothing where it shows nowhere. */
  function effect(act: DayAct, ticketBefore: string | undefined): (() => boolean) | undefined {
    const tablet = tabletAt(act.counter);
    const state = () => tablet.state();
    if (!link.tells.includes(act.act)) return undefined;
    switch (act.act) {
      case 'call':
        // Back at this counter over a wire that told of no transfer: its call looks like the first one come again.
        if (!link.tells.includes('transfer') && (sim.state(act.counter).ticket?.handling ?? 1) > 1)
          return undefined;
        return () => state()?.doing === 'serving' && sameNumber();
      case 'served':
        return () => {
          const doing = state()?.doing;
          return (doing === 'inviting' || doing === 'answering') && sameNumber();
        };
      case 'recall':
        return () => state()?.doing !== 'inviting';
      case 'skip':
      case 'transfer':
        return () => state()?.doing === 'idle' || state()?.ticketNumber !== ticketBefore;
      case 'pause':
        return () => state()?.paused === true;
      case 'resume':
        return () => state()?.paused === false;
      case 'relieve':
        return undefined;
    }
    function sameNumber(): boolean {
      const number = tablet.state()?.ticketNumber;
      return number === undefined || number === sim.state(act.counter).ticket?.number;
    }
  }

  /** @returns what is to be waited for. */
  function perform(act: DayAct): (() => boolean) | undefined {
    const { counter } = act;
    const tablet = tabletAt(counter);
    const before = parts.sim.state(counter);
    const isThrough = act.act === 'served' && hasAnswered(tablet, parts.calledAtMs(counter));
    const clear = network.up && tablet.linked() && !before.paused;
    switch (act.act) {
      case 'call':
        sim.callNext(counter);
        break;
      case 'recall':
        sim.recall(counter);
        break;
      case 'served':
        sim.served(counter);
        break;
      case 'skip':
        sim.skip(counter);
        break;
      case 'transfer':
        sim.transfer(counter, act.to);
        break;
      case 'pause':
        sim.pause(counter);
        break;
      case 'resume':
        sim.resume(counter);
        break;
      case 'relieve':
        return undefined;
    }
    const isOfCounter = act.act === 'pause' || act.act === 'resume';
    if (!isOfCounter && !parts.wentAsItWas(counter)) return undefined;
    const had = before.ticket !== null || act.act === 'call' || isOfCounter;
    if (!had || isThrough || !tablet.linked() || !network.up) return undefined;
    return clear || act.act === 'resume' ? effect(act, before.ticket?.number) : undefined;
  }

  async function trouble(one: Trouble): Promise<void> {
    switch (one.trouble) {
      case 'cut':
        sim.cut('refuse');
        network.up = false;
        // A link that is only listened for may not notice before somebody says something again.
        await until(() => counters.every((counter) => !tabletAt(counter).linked()), 20, CUT_LIMIT_MS);
        return;
      case 'restore':
        sim.restore();
        network.up = true;
        return await linked();
      case 'restart':
        if (!network.up) return;
        await sim.restart();
        return await linked();
      case 'tabletRestart': {
        const tablet = tabletAt(one.counter);
        await tablet.stop();
        await tablet.start();
        if (network.up) await linked();
        return;
      }
    }
  }

  return {
    moveTo,
    linked,
    wait: (ms: number) => moveTo(clock.nowMs() + ms),
    async day(acts: readonly (DayAct | Trouble)[], midnightMs: number): Promise<void> {
      const inOrder = [...acts].sort((a, b) => a.atMs - b.atMs);
      for (let next = 0; next < inOrder.length && unseen.length < UNSEEN_LIMIT; ) {
        const first = inOrder[next];
        if (!first) return;
        await moveTo(midnightMs + first.atMs);
        if ('trouble' in first) {
          next += 1;
          await trouble(first);
          continue;
        }
        const waits: [DayAct, () => boolean][] = [];
        const busy = new Set<string>();
        for (; next < inOrder.length; next++) {
          const act = inOrder[next];
          if (!act || 'trouble' in act || act.atMs > first.atMs + TOGETHER_MS || busy.has(act.counter)) break;
          busy.add(act.counter);
          const holds = perform(act);
          if (holds) waits.push([act, holds]);
        }
        for (const [act, holds] of waits)
          if (!(await until(holds, link.looksEveryMs)))
            unseen.push(
              `${act.counter}: ${act.act} at ${new Date(midnightMs + act.atMs + 8 * 3_600_000).toISOString()}; ${JSON.stringify(tabletAt(act.counter).state())}`,
            );
      }
    },
  };
}

/** Who has rated or said no is not asked again when the clerk finishes again (docs/session.md): nothing is to be seen. */
function hasAnswered(tablet: Tablet, sinceMs: number): boolean {
  const closed = tablet.kept().findLast(({ kind, atMs }) => kind === 'invitation.closed' && atMs >= sinceMs);
  return closed?.body['outcome'] === 'rated' || closed?.body['outcome'] === 'declined';
}

/** Minutes around a violation at its counter: what was done, and what the journal says. */
function historyOf(
  { counter, atMs }: { readonly counter: string; readonly atMs: number },
  handlings: readonly Handling[],
  kept: ReturnType<Tablet['kept']>,
): readonly string[] {
  const near = (ms: number) => Math.abs(ms - atMs) < 240_000;
  const lines: [number, string][] = [];
  for (const handling of handlings)
    if (handling.counter === counter)
      for (const told of handling.told)
        if (near(told.atMs))
          lines.push([
            told.atMs,
            `hall     ${told.kind} ${handling.ticket.number} fate ${told.fate} linked ${told.linked}`,
          ]);
  for (const entry of kept)
    if (entry.counter === counter && near(entry.atMs))
      lines.push([entry.atMs, `journal  ${entry.kind} ${JSON.stringify(entry.body).slice(0, 260)}`]);
  return lines
    .sort(([a], [b]) => a - b)
    .map(([ms, text]) => `${new Date(ms + 8 * 3_600_000).toISOString().slice(0, 23)}  ${text}`);
}
