import type { Clock } from '../../src/shared/clock.ts';
import type { Chance } from '../../tools/queue-sim/chance.ts';
import type { SimHappening, StartWire } from '../../tools/queue-sim/wire.ts';
import type { MessageFault } from '../../tools/queue-sim/wires.ts';

/** What became of one message on its way; `none` went as it was. */
export type Fate = MessageFault | 'none';

/** A late message is there after so long at most. */
export const LONGEST_DELAY_MS = 10_000;
/** Longer than that nothing is held back to be overtaken. */
export const REORDER_LIMIT_MS = 2_000;

/**
 * A wire on whose way single messages are lost, doubled, late or overtaken, as the seed has it. The network itself
 * (cut, restart) is the wire's own business.
 */
export function faultyWire(
  inner: StartWire,
  parts: {
    readonly chance: Chance;
    readonly clock: Clock;
    readonly share: number;
    readonly faults: readonly MessageFault[];
    /** Whether it is a message at all, and not what a clerk sees with their own eyes. */
    readonly isSent: (happening: SimHappening) => boolean;
    /** @returns what is to be called when it is sent at last. */
    readonly onFate: (happening: SimHappening, fate: Fate) => () => void;
  },
): StartWire {
  const { chance, clock, faults } = parts;
  return async (world) => {
    const wire = await inner(world);
    const held = new Map<string, () => void>();
    const release = (counter: string) => {
      const send = held.get(counter);
      held.delete(counter);
      send?.();
    };
    return {
      ...wire,
      tell(happening) {
        const [first, ...rest] = faults;
        const fate: Fate =
          first && parts.isSent(happening) && chance.is(parts.share) ? chance.pick([first, ...rest]) : 'none';
        const sent = parts.onFate(happening, fate);
        const tell = () => {
          sent();
          wire.tell(happening);
        };
        switch (fate) {
          case 'drop':
            break;
          case 'double':
            tell();
            tell();
            break;
          case 'delay':
            clock.after(chance.between(500, LONGEST_DELAY_MS), tell);
            break;
          case 'reorder':
            release(happening.counter);
            held.set(happening.counter, tell);
            clock.after(REORDER_LIMIT_MS, () => release(happening.counter));
            return;
          case 'none':
            tell();
        }
        release(happening.counter);
      },
    };
  };
}
