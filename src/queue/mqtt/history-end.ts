/**
 * Where what a broker kept for us ends, and what happens now begins: nothing in the protocol says it. But a broker deals
 * with our packets in the order they come, and an acknowledgement makes it send the next it kept. So when everything
 * was acknowledged that came before a PINGREQ, and nothing more comes before its answer, it has kept nothing more.
 */
export interface HistoryEnd {
  /** We are subscribed: from now on it is looked for. */
  begin(): void;
  /** Every PINGREQ goes out by this: answers bear no number, and are told apart by their place alone. */
  ping(): void;
  /** A message of those that are kept for us, taken and about to be acknowledged. */
  message(): void;
  pong(): void;
  isFound(): boolean;
}

export function createHistoryEnd(parts: {
  readonly sendPing: () => void;
  /** Once. */
  readonly onFound: () => void;
}): HistoryEnd {
  let sent = 0;
  let answered = 0;
  /** The answer that decides. */
  let awaited = Number.POSITIVE_INFINITY;
  let silent = false;
  let found = false;

  const ping = () => {
    sent += 1;
    parts.sendPing();
  };
  const ask = () => {
    silent = true;
    awaited = sent + 1;
    ping();
  };
  return {
    begin: ask,
    ping,
    message() {
      silent = false;
    },
    pong() {
      answered += 1;
      if (found || answered < awaited) return;
      if (!silent) return ask();
      found = true;
      parts.onFound();
    },
    isFound: () => found,
  };
}
