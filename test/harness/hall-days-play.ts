import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises';
import type { DayAct } from '../../tools/queue-sim/days.ts';
import type { QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import type { SimLink } from '../../tools/queue-sim/wires.ts';
import type { HallClock } from './hall-days-clock.ts';
import { type Fate, LONGEST_DELAY_MS, REORDER_LIMIT_MS } from './hall-days-faults.ts';
import type { Tablet } from './hall-days-tablet.ts';
import type { Trouble } from './hall-days-troubles.ts';

const SEEN_LIMIT_MS = 6_000;
/** So many, and the day is given up. */
export const UNSEEN_LIMIT = 20;
const CUT_LIMIT_MS = 300;
/** Real time between two pushes of the hall's: an answer fits in. */
const PUSH_EVERY_MS = 3;
/** Acts of several counters within so long are as if at once. */
const TOGETHER_MS = 4_000;
/** Time is moved on by no more than this without letting sockets speak. */
const STRIDE_MS = 30_000;
/** What real time the answer to a state said again takes at most, ms. */
const HEAL_LIMIT_MS = 100;
/** Real time until it is looked again whether a question was answered, ms: who answers it has the processor meanwhile. */
const ANSWER_EVERY_MS = 1;
/** Turns of the event loop that a socket's answer takes. */
const TURNS = 4;

/** Plays the acts of a hall's day, moves its time on between them, and looks whether they lead to what they must. */
export function createPlay(parts: {
  readonly sim: QueueSim;
  readonly link: SimLink;
  readonly clock: HallClock;
  readonly counters: readonly string[];
  readonly tabletAt: (counter: string) => Tablet;
  readonly unseen: string[];
  readonly network: { up: boolean };
  /** What became of the last message about it. */
  readonly fateOf: (counter: string) => Fate | undefined;
  /** When the ticket that is at the counter was called there. */
  readonly calledAtMs: (counter: string) => number;
  /** Why the tablet would not have what was said of it last, where it answers. */
  readonly refusedFor: (counter: string) => string | undefined;
}) {
  const { sim, link, clock, tabletAt, counters, unseen, network } = parts;
  /** A look at once for as many as may be. */
  const togetherMs = link.togetherMs ?? TOGETHER_MS;
  /** Turns of the event loop until it holds; where a link looks for itself, its time is moved on to its next look. */
  async function until(holds: () => boolean, pushMs: number, limitMs = SEEN_LIMIT_MS): Promise<boolean> {
    const endMs = performance.now() + limitMs;
    let pushedMs = performance.now();
    while (performance.now() <= endMs) {
      const busy = sim.busy();
      if (busy === true) {
        await pause(ANSWER_EVERY_MS);
        continue;
      }
      if (busy === false) await turns();
      if (holds()) return true;
      await turn();
      const isTooSoon = busy === undefined ? performance.now() - pushedMs < PUSH_EVERY_MS : sim.busy();
      if (pushMs === 0 || isTooSoon) continue;
      clock.moveTo(clock.nowMs() + pushMs);
      pushedMs = performance.now();
    }
    return holds();
  }

  async function turns(): Promise<void> {
    for (let left = TURNS; left > 0; left--) await turn();
  }

  async function answered(): Promise<void> {
    if (sim.busy() === true) await until(() => sim.busy() !== true, 0);
  }

  /** @param forActs at the end somebody acts: what is asked in the last step is answered when the acts are done. */
  async function moveTo(atMs: number, forActs = false): Promise<void> {
    while (clock.nowMs() < atMs) {
      // Sockets need time that is not moved on: a link that is being made would run into every limit.
      if (network.up && counters.some((counter) => isMakingItsLink(counter))) await linked();
      await answered();
      clock.moveTo(Math.min(atMs, clock.nowMs() + strideMs()));
      if (forActs && sim.busy() !== undefined && clock.nowMs() >= atMs) return;
      await turns();
      await heal();
      await answered();
    }
  }

  /** Of a message that was late or lost: when the counter's tablet knows how it is nevertheless. */
  const healing = new Map<string, number>();

  function goodAfter(fate: Fate): number | undefined {
    if (fate === 'delay') return LONGEST_DELAY_MS;
    if (fate === 'reorder') return REORDER_LIMIT_MS;
    return fate === 'drop' ? link.healsMs : undefined;
  }

  /** In the time in which such a message matters no step goes over the moment at which it is made good. */
  function strideMs(): number {
    const soonestMs = Math.min(...healing.values());
    return Math.max(1, Math.min(STRIDE_MS, soonestMs - clock.nowMs()));
  }

  async function heal(): Promise<void> {
    for (const [counter, dueMs] of healing) {
      if (clock.nowMs() < dueMs) continue;
      if (!network.up || !tabletAt(counter).linked()) {
        // Nothing comes through now; the state is said again when it does.
        healing.set(counter, clock.nowMs() + (link.healsMs ?? STRIDE_MS));
        continue;
      }
      healing.delete(counter);
      sim.beat(counter);
      await until(() => isAsItIs(counter), 0, HEAL_LIMIT_MS);
    }
  }

  function isAsItIs(counter: string): boolean {
    const tablet = tabletAt(counter);
    return !tablet.running() || tablet.state()?.ticketNumber === sim.state(counter).ticket?.number;
  }

  const isMakingItsLink = (counter: string) => tabletAt(counter).running() && !tabletAt(counter).linked();

  async function linked(): Promise<void> {
    for (const counter of counters) {
      const tablet = tabletAt(counter);
      if (!(await until(() => !tablet.running() || tablet.linked(), 20)))
        unseen.push(`${counter}: no link within the limit (${tablet.reasons().join()})`);
    }
    // What is so is asked for after the login: no step goes over the milliseconds that the answer takes.
    if (link.healsMs !== undefined) await until(() => counters.every(isAsItIs), 0, HEAL_LIMIT_MS);
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
        // One number is one service for the day, wherever the ticket was meanwhile.
        if (link.byHand && (sim.state(act.counter).ticket?.handling ?? 1) > 1) return undefined;
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
      const printed = sim.state(act.counter).ticket?.number;
      if (number === undefined || number === printed) return true;
      return printed !== undefined && number === link.numberOf?.(printed);
    }
  }

  /** @returns what is to be waited for. */
  function perform(act: DayAct): (() => boolean) | undefined {
    const { counter } = act;
    const tablet = tabletAt(counter);
    const before = parts.sim.state(counter);
    const calledAtMs = parts.calledAtMs(counter);
    const isOfCounter = act.act === 'pause' || act.act === 'resume';
    const isThrough = act.act === 'served' && hasAnswered(tablet, calledAtMs);
    const isForgotten = link.forgets === true && act.act === 'served' && tablet.startedAtMs() > calledAtMs;
    // One key for both: a tablet that did not hear the press before takes this one the other way round.
    const isMistaken =
      link.forgets === true && isOfCounter && tablet.state() && tablet.state()?.paused !== before.paused;
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
    // A ticket printed yesterday was handled here today under the number that today's bears: by hand they are one.
    if (act.act === 'served' && parts.refusedFor(counter) === 'alreadyRated') return undefined;
    const fate = parts.fateOf(counter);
    const goodAfterMs = fate && goodAfter(fate);
    if (goodAfterMs !== undefined && !healing.has(counter)) healing.set(counter, clock.nowMs() + goodAfterMs);
    if (!isOfCounter && fate !== 'none') return undefined;
    const had = before.ticket !== null || act.act === 'call' || isOfCounter;
    if (!had || isThrough || isForgotten || isMistaken || !tablet.linked() || !network.up) return undefined;
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
        await moveTo(midnightMs + first.atMs, true);
        if ('trouble' in first) {
          next += 1;
          await trouble(first);
          continue;
        }
        const waits: [DayAct, () => boolean][] = [];
        const busy = new Set<string>();
        for (; next < inOrder.length; next++) {
          const act = inOrder[next];
          if (!act || 'trouble' in act || act.atMs > first.atMs + togetherMs || busy.has(act.counter)) break;
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
