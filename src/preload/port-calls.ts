import type { CallNames, PortMessageOf, PortRequest, ReplyOf, RequestOf } from '../shared/screen/verbs.ts';

/** A tap that the core has not answered within this time is a failed tap; the watchdog deals with the core. */
export const CALL_TIMEOUT_MS = 3_000;

/** What a bridge needs of a MessagePort; the DOM's has it, so has Node's for tests. */
export interface CorePort {
  postMessage(message: PortRequest): void;
  start(): void;
  close(): void;
  addEventListener(type: string, listener: (event: { readonly data?: unknown }) => void): void;
}

export interface BridgeParts {
  /** Calls back once after the time unless cancelled by the returned function. */
  readonly later: (callback: () => void, delayMs: number) => () => void;
}

interface PendingCall {
  readonly resolve: (reply: unknown) => void;
  readonly reject: (error: Error) => void;
  readonly cancelTimeout: () => void;
}

/**
 * A screen's side of the port to the core. One port at a time: a new one (the core was restarted) takes the
 * place of the old, a closed one tells the screen with `null`. The page never sees the port.
 */
export function createPortCalls<C, Snapshot>({ later }: BridgeParts) {
  const listeners: Array<(snapshot: Snapshot | null) => void> = [];
  const pending = new Map<number, PendingCall>();
  let port: CorePort | null = null;
  let lastId = 0;
  /** `undefined` until a port has ever come: a page that asks too early is told when there is something to tell. */
  let latest: Snapshot | null | undefined;

  function tell(snapshot: Snapshot | null): void {
    latest = snapshot;
    for (const listener of listeners) listener(snapshot);
  }

  function takePending(id: number): PendingCall | undefined {
    const entry = pending.get(id);
    pending.delete(id);
    entry?.cancelTimeout();
    return entry;
  }

  function rejectAll(reason: string): void {
    for (const id of [...pending.keys()]) takePending(id)?.reject(new Error(reason));
  }

  function receive(message: PortMessageOf<Snapshot>): void {
    switch (message.type) {
      case 'reply':
        takePending(message.id)?.resolve(message.reply);
        return;
      case 'refused':
        takePending(message.id)?.reject(new Error(`the core refused the call: ${message.error}`));
        return;
      case 'push':
        tell(message.body);
        return;
    }
  }

  function attach(next: CorePort): void {
    const previous = port;
    port = next;
    previous?.close();
    rejectAll('the core was restarted before it answered');
    next.addEventListener('message', (event) => {
      // The core is trusted (it is the other end of a port that only main hands out); late words of an old one are not.
      if (port === next) receive(event.data as PortMessageOf<Snapshot>);
    });
    next.addEventListener('close', () => {
      if (port !== next) return;
      port = null;
      rejectAll('the core went away before it answered');
      tell(null);
    });
    next.start();
  }

  function call<V extends CallNames<C>>(verb: V) {
    return (request: RequestOf<C[V]>): Promise<ReplyOf<C[V]>> =>
      new Promise<ReplyOf<C[V]>>((resolve, reject) => {
        if (port === null) {
          reject(new Error(`${verb}: the core is not reachable`));
          return;
        }
        const id = ++lastId;
        const cancelTimeout = later(() => {
          takePending(id)?.reject(new Error(`${verb}: no answer from the core within ${CALL_TIMEOUT_MS} ms`));
        }, CALL_TIMEOUT_MS);
        pending.set(id, { resolve: (reply) => resolve(reply as ReplyOf<C[V]>), reject, cancelTimeout });
        port.postMessage({ id, verb, request });
      });
  }

  return {
    attach,
    call,
    onSnapshot(listener: (snapshot: Snapshot | null) => void): void {
      listeners.push(listener);
      if (latest !== undefined) listener(latest);
    },
  };
}
