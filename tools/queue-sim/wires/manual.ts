import type { StartWire } from '../wire.ts';

/** How a clerk's hand asks for a rating: the tablet's staff screen, or whatever stands for it. */
export type SimInvite = (request: { readonly ticketNumber: string }) => unknown;

/**
 * A hall without a queue-calling system: there are tickets on paper, and when one is finished the clerk types its number.
 * No wire leads to a tablet; `give` puts one before a clerk.
 */
export function createSimHands(): {
  readonly wire: StartWire;
  /** @returns a function that takes it away. */
  readonly give: (counter: string, invite: SimInvite) => () => void;
} {
  const tablets = new Map<string, SimInvite>();
  const last = new Map<string, string>();
  const give = (counter: string, invite: SimInvite) => {
    tablets.set(counter, invite);
    return () => {
      if (tablets.get(counter) === invite) tablets.delete(counter);
    };
  };
  const wire: StartWire = async (world) => {
    const type = (counter: string, ticketNumber: string) => {
      last.set(counter, ticketNumber);
      const answer = tablets.get(counter)?.({ ticketNumber });
      const text = JSON.stringify({ inviteByHand: { ticketNumber }, answer });
      world.onMessage({ direction: 'out', counter, text, atMs: world.nowMs() });
    };
    const nothing = () => undefined;
    const soon = async () => undefined;
    return {
      url: '',
      settings: () => ({ kind: 'manual' }),
      tell({ kind, counter, ticket }) {
        if (kind === 'served') type(counter, ticket.number);
      },
      repeat(counter) {
        const ticketNumber = last.get(counter);
        if (ticketNumber !== undefined) type(counter, ticketNumber);
      },
      raw: (counter, data) =>
        type(counter, typeof data === 'string' ? data : Buffer.from(data).toString('latin1')),
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
