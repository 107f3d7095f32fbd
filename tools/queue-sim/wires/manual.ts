import type { SimHand, StartWire } from '../wire.ts';

/**
 * A hall without a queue-calling system: there are tickets on paper, and when one is finished the clerk types its number.
 * No wire leads to a tablet; `give` puts one before a clerk.
 */
export function createSimHands(): {
  readonly wire: StartWire;
  /** @returns a function that takes it away. */
  readonly give: (counter: string, hand: SimHand) => () => void;
} {
  const tablets = new Map<string, SimHand>();
  let changed = () => {};
  const last = new Map<string, string>();
  const give = (counter: string, hand: SimHand) => {
    tablets.set(counter, hand);
    changed();
    return () => {
      if (tablets.get(counter) === hand) tablets.delete(counter);
      changed();
    };
  };
  const wire: StartWire = async (world) => {
    changed = world.changed;
    const type = (counter: string, ticketNumber: string) => {
      last.set(counter, ticketNumber);
      const say = (answer: unknown) => {
        const text = JSON.stringify({ inviteByHand: { ticketNumber }, answer: answer ?? 'no tablet here' });
        world.onMessage({ direction: 'out', counter, text, atMs: world.nowMs() });
      };
      const answer = tablets.get(counter)?.invite({ ticketNumber });
      if (answer instanceof Promise) answer.then(say, (error: unknown) => say(String(error)));
      else say(answer);
    };
    const nothing = () => undefined;
    const soon = async () => undefined;
    return {
      url: '',
      settings: () => ({ kind: 'manual' }),
      tell({ kind, counter, ticket }) {
        if (kind === 'served') type(counter, ticket.number);
        else tablets.get(counter)?.takeBack?.();
      },
      repeat(counter) {
        const ticketNumber = last.get(counter);
        if (ticketNumber !== undefined) type(counter, ticketNumber);
      },
      raw: (counter, data) =>
        type(counter, typeof data === 'string' ? data : Buffer.from(data).toString('latin1')),
      give,
      tablets: (counter) => (tablets.has(counter) ? 1 : 0),
      operate: nothing,
      cut: nothing,
      restore: nothing,
      restart: soon,
      stop: soon,
    };
  };
  return { wire, give };
}
