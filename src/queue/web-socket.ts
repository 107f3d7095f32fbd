import { WebSocket } from 'ws';
import type { Clock } from '../shared/clock.ts';
import { readCa } from './ca-file.ts';
import type { CounterName } from './queue-link.ts';
import { createRateGate } from './rate-gate.ts';
import { faultOfError, type NetworkFault } from './reasons.ts';

/** One message of the protocol is some hundred bytes; nothing honest comes near this. */
export const MAX_MESSAGE_BYTES = 64 * 1024;

export interface ConnectionParts<Fault extends string> {
  readonly url: string;
  readonly caFile?: string | undefined;
  readonly clock: Clock;
  readonly connectLimitMs: number;
  readonly maxMessagesPerSecond: number;
  readonly probe: 'auto' | 'ping' | 'message' | 'off';
  readonly probeEveryMs: number;
  readonly silenceLimitMs: number;
  /** A message that any server answers, for servers that do not answer ping frames. */
  readonly probeMessage: () => string;
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** Exactly once, unless `close` was called before. */
  readonly onEnded: (fault: Fault | NetworkFault) => void;
  readonly count: (name: CounterName) => void;
}

export interface Connection<Fault extends string> {
  send(text: string): void;
  /** From now on silence is a loss. */
  watch(): void;
  /** Ends it for a reason found further up; `onEnded` is told. */
  fail(fault: Fault | NetworkFault): void;
  /** Ends it in peace; `onEnded` is not told. Settles when the socket is gone. */
  close(): Promise<void>;
}

/** How long a peer may take over the closing handshake; the published server never answers it. */
const CLOSE_LIMIT_MS = 300;

const GRACE_MS = 50;

/**
 * One WebSocket connection with limits on everything the other side decides: size, rate, kind of frame, silence.
 * @returns a fault if it could not even be tried.
 */
export function openConnection<Fault extends string = never>(
  parts: ConnectionParts<Fault>,
): Connection<Fault> | NetworkFault {
  const ca = readCa(parts.caFile);
  if (ca === 'caFile') return ca;
  const { clock } = parts;
  const socket = createSocket(parts.url, ca);
  if (!(socket instanceof WebSocket)) return socket;

  let over = false;
  let pongSeen = false;
  const cancels = new Map<string, () => void>();
  const arm = (name: string, ms: number, run: () => void) => {
    cancels.get(name)?.();
    cancels.set(name, clock.after(ms, run));
  };
  const disarmAll = () => {
    for (const cancel of cancels.values()) cancel();
    cancels.clear();
  };

  const end = (fault: Fault | NetworkFault) => {
    if (over) return;
    over = true;
    disarmAll();
    socket.terminate();
    parts.onEnded(fault);
  };
  const fail = (fault: Fault | NetworkFault) => {
    if (over) return;
    if (fault === 'flood') parts.count('floods');
    if (fault === 'oversized') parts.count('oversized');
    end(fault);
  };

  const flooding = createRateGate(clock, parts.maxMessagesPerSecond);
  let watched = false;
  const heard = () => {
    if (!watched) return;
    // What arrived while this process itself was held up is read first: our own pause is no silence of theirs.
    arm('silence', parts.silenceLimitMs, () => arm('silence', GRACE_MS, () => fail('silent')));
  };
  const probe = () => {
    if (socket.readyState !== WebSocket.OPEN) return;
    const { probe: how } = parts;
    if (how !== 'message') socket.ping();
    if (how === 'message' || (how === 'auto' && !pongSeen)) socket.send(parts.probeMessage());
    arm('probe', parts.probeEveryMs, probe);
  };

  arm('connect', parts.connectLimitMs, () => fail('connectTimeout'));
  socket.on('open', () => {
    if (over) return;
    cancels.get('connect')?.();
    parts.count('connections');
    parts.onOpen();
  });
  socket.on('message', (data, isBinary) => {
    if (over) return;
    heard();
    parts.count('messages');
    if (flooding()) return fail('flood');
    if (isBinary) return parts.count('binary');
    parts.onText(data.toString());
  });
  socket.on('ping', () => {
    if (over) return;
    heard();
    if (flooding()) fail('flood');
  });
  socket.on('pong', () => {
    if (over) return;
    pongSeen = true;
    heard();
  });
  socket.on('error', (error) => fail(faultOfError(error)));
  socket.on('close', () => end('closed'));

  return {
    send(text) {
      if (!over && socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    watch() {
      if (over || watched || parts.probe === 'off') return;
      watched = true;
      heard();
      probe();
    },
    fail,
    close() {
      over = true;
      disarmAll();
      if (socket.readyState === WebSocket.CLOSED) return Promise.resolve();
      return new Promise((resolve) => {
        const cancel = clock.after(CLOSE_LIMIT_MS, () => socket.terminate());
        socket.once('close', () => {
          cancel();
          resolve();
        });
        if (socket.readyState === WebSocket.OPEN) socket.close(1000);
        else socket.terminate();
      });
    },
  };
}

function createSocket(url: string, ca: string | undefined): WebSocket | NetworkFault {
  try {
    return new WebSocket(url, {
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
      // Only this authority, not this one besides the public ones: the hall knows who signed its server.
      ...(ca === undefined ? {} : { ca }),
      minVersion: 'TLSv1.2',
    });
  } catch (error) {
    return error instanceof Error ? faultOfError(error) : 'protocol';
  }
}
