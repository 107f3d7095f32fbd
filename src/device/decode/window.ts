/** What the bytes that end here are. */
export type Ending<Message, Fault> =
  | { readonly kind: 'message'; readonly message: Message }
  | { readonly kind: 'fault'; readonly fault: Fault };

export interface Window<Message, Fault> {
  /** Takes what came next, cut anywhere. @returns what it completed, in order. */
  push(bytes: Uint8Array): { readonly messages: readonly Message[]; readonly faults: readonly Fault[] };
  /** Bytes held for a message that is not complete; never more than `longest`. */
  readonly held: number;
}

/**
 * Asks at each byte whether the bytes *ending* there are a whole right message. Nothing waits on the promise of a
 * head, so noise can neither swallow nor delay the message behind it, and the result does not depend on how the
 * stream was cut.
 *
 * @param parts.longest bytes of the longest message; as many are held, never more.
 * @param parts.endingAt looks at `line[from…end]`, `end` included; what is before `from` belongs to a message already taken.
 */
export function createWindow<Message, Fault>(parts: {
  readonly longest: number;
  readonly endingAt: (line: Uint8Array, from: number, end: number) => Ending<Message, Fault> | undefined;
}): Window<Message, Fault> {
  const { longest, endingAt } = parts;
  let kept = new Uint8Array(0);

  return {
    push(bytes) {
      const messages: Message[] = [];
      const faults: Fault[] = [];
      const line = new Uint8Array(kept.length + bytes.length);
      line.set(kept);
      line.set(bytes, kept.length);
      let from = 0;
      for (let end = kept.length; end < line.length; end++) {
        const found = endingAt(line, from, end);
        if (found?.kind === 'message') {
          messages.push(found.message);
          from = end + 1;
        } else if (found?.kind === 'fault') {
          faults.push(found.fault);
        }
      }
      kept = line.slice(Math.max(from, line.length - longest));
      return { messages, faults };
    },
    get held() {
      return kept.length;
    },
  };
}
