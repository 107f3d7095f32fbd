import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chanceOf } from '../../tools/queue-sim/chance.ts';
import { planDay } from '../../tools/queue-sim/days.ts';
import { kioskJson } from '../../tools/queue-sim/kiosk-json.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { SIM_LINKS, type SimLink, type SimLinkName } from '../../tools/queue-sim/wires.ts';
import { type Account, account, historyOf } from './hall-days-account.ts';
import { createHallClock } from './hall-days-clock.ts';
import { type Fate, faultyWire } from './hall-days-faults.ts';
import { createPlay, UNSEEN_LIMIT } from './hall-days-play.ts';
import { createTablet, type Tablet } from './hall-days-tablet.ts';
import { planTroubles } from './hall-days-troubles.ts';
import { createTruth, type TakenPress } from './hall-days-truth.ts';

export interface HallDaysOptions {
  readonly link: SimLinkName;
  readonly days: number;
  /** Begins with this day of the seed's, 0 if not said: a long run in parts, beside each other. */
  readonly firstDay?: number;
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
/**
 * Whole days of a hall over one link: the simulator over its real transport, the real core of a tablet at each counter
 * with its journal on the disk; only time is the hall's own, and people are drawn from the seed.
 */
export async function playHallDays(options: HallDaysOptions): Promise<HallDaysResult> {
  const { link: name, seed } = options;
  const link: SimLink = SIM_LINKS[name];
  const folder = mkdtempSync(join(existsSync(MEMORY) ? MEMORY : tmpdir(), 'yiping-hall-days-'));
  const counters = Array.from({ length: options.counters }, (_, index) => String(index + 1));
  const firstDay = options.firstDay ?? 0;
  const clock = createHallClock(FIRST_MIDNIGHT_MS + firstDay * DAY_MS + 8 * 3_600_000);
  const truth = createTruth();
  const presses: TakenPress[] = [];
  const unseen: string[] = [];
  const messageFaults: Record<Fate, number> = { none: 0, drop: 0, double: 0, reorder: 0, delay: 0 };
  let troubles = 0;
  // Each keypad's cable ends with this process.
  process.setMaxListeners(Math.max(process.getMaxListeners(), options.counters + 20));
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
      isSent: ({ kind }) => !link.byHand || kind === 'served',
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
    for (const counter of counters)
      sim.give(counter, {
        invite({ ticketNumber }) {
          const answer = tabletAt(counter).inviteByHand(ticketNumber);
          if (!answer.accepted) truth.refused(counter, answer.reason);
          return answer;
        },
        takeBack: () => tabletAt(counter).takeBack(),
      });
    const play = createPlay({
      sim,
      link,
      clock,
      tabletAt,
      counters,
      unseen,
      network,
      fateOf: (counter) => fates.get(counter),
      calledAtMs: (counter) => truth.now(counter)?.calledAtMs ?? 0,
      refusedFor: (counter) => truth.now(counter)?.told.at(-1)?.refused,
    });
    for (let day = firstDay; day < firstDay + options.days && unseen.length < UNSEEN_LIMIT; day++) {
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
    const result = account({ handlings: truth.handlings(), kept, presses, link });
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
