/** Rated / not rated, in our extension's message RateResult. There is no level in it, and none may be added. */
export type RateResult = Readonly<Record<string, string | number | boolean>> & {
  readonly rated: boolean;
  readonly at: number;
};

/** A queue system that is away so long that more results wait has no use for the oldest. */
const LIMIT = 500;

/**
 * Results on their way to the queue side, in order, at least once: kept until answered, sent again after a new
 * login. The other side tells repetitions by `rateId` or ticket.
 */
export function createResultBox() {
  const waiting: RateResult[] = [];
  let sent = 0;
  return {
    /** @returns false if the oldest had to be given up. */
    put(result: RateResult): boolean {
      waiting.push(result);
      if (waiting.length <= LIMIT) return true;
      waiting.shift();
      sent = Math.max(0, sent - 1);
      return false;
    },
    /** Those not yet sent on this connection; they count as sent from now on. */
    unsent(): readonly RateResult[] {
      const next = waiting.slice(sent);
      sent = waiting.length;
      return next;
    },
    /** The oldest one sent was answered, whatever the answer. */
    answered(): void {
      if (sent === 0) return;
      waiting.shift();
      sent -= 1;
    },
    /** A new connection knows nothing of what was sent on the last. */
    unsend(): void {
      sent = 0;
    },
  };
}
