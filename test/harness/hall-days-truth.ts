import type { SimHappening, SimTicket } from '../../tools/queue-sim/queue-sim.ts';
import type { Fate } from './hall-days-faults.ts';

/** One time a ticket was at one counter, as it truly was. */
export interface Handling {
  readonly counter: string;
  readonly ticket: SimTicket;
  readonly calledAtMs: number;
  readonly servedAtMs: number[];
  /** When it was over at this counter: the next call, a skip, a transfer. */
  endedAtMs: number | null;
  readonly told: Told[];
}

/** One message about it, and what stood in its way. */
export interface Told {
  readonly kind: SimHappening['kind'];
  readonly atMs: number;
  readonly fate: Fate;
  /** When it was sent at last, the tablet ran and its link was ready. */
  linked: boolean;
  /** Why the tablet would not have it, where it answers. */
  refused?: string;
}

/** A press that the tablet took, and who gave it. */
export interface TakenPress {
  readonly counter: string;
  readonly invitation: string;
  readonly level: number;
  readonly by: Handling;
  readonly atMs: number;
}

/** From being called to sitting down. */
const WALK_MS = 15_000;

/** What happened in the hall, whoever was told of it and however. */
export function createTruth() {
  const handlings: Handling[] = [];
  const at = new Map<string, Handling>();

  return {
    handlings: (): readonly Handling[] => handlings,
    /** Every act of a clerk, told or not. */
    happened({ kind, counter, ticket, atMs }: SimHappening, fate: Fate): Told {
      const told: Told = { kind, atMs, fate, linked: false };
      let handling = at.get(counter);
      if (kind === 'called') {
        if (handling) handling.endedAtMs = atMs;
        handling = { counter, ticket, calledAtMs: atMs, servedAtMs: [], endedAtMs: null, told: [] };
        handlings.push(handling);
        at.set(counter, handling);
      }
      if (handling?.ticket.serial !== ticket.serial) return told;
      handling.told.push(told);
      if (kind === 'served') handling.servedAtMs.push(atMs);
      if (kind === 'skipped' || kind === 'transferred') {
        handling.endedAtMs = atMs;
        at.delete(counter);
      }
      return told;
    },
    /** The tablet's answer to what was said last at this counter. */
    refused(counter: string, reason: string): void {
      const told = at.get(counter)?.told.at(-1);
      if (told) told.refused = reason;
    },
    /** The ticket that is at the counter now. */
    now: (counter: string): Handling | undefined => at.get(counter),
    /** Whoever stands before the tablet now. */
    person(counter: string, atMs: number): Handling | undefined {
      const handling = at.get(counter);
      return handling && atMs >= handling.calledAtMs + WALK_MS ? handling : undefined;
    },
  };
}
export type Truth = ReturnType<typeof createTruth>;
