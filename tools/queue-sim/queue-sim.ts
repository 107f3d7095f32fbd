/**
 * A queue-calling system to develop and test against: one hall with counters, clerks and tickets, and the wire over
 * which tablets follow it (docs/queue-links.md). It shares no code with the links it tests. Embedded by the hall bench
 * and by tests; `cli.ts` is the same thing for the command line.
 */
import {
  createSimHall,
  SIM_USERS,
  type SimCounterState,
  type SimTicket,
  type SimUser,
  simUsersFor,
} from './hall.ts';
import type { SimHand, SimKind, SimMessage, SimWire, StartWire } from './wire.ts';
import { type RateServiceOptions, rateServiceWire } from './wires/rate-service.ts';

export {
  SIM_ITEMS,
  SIM_USERS,
  type SimCounterState,
  type SimPhase,
  type SimTicket,
  type SimUser,
  simUsersFor,
} from './hall.ts';
export type { SimHand, SimHappening, SimMessage, SimWire, SimWorld, StartWire } from './wire.ts';
export type { SimTls } from './wires/rate-service-server.ts';

export interface QueueSimOptions extends RateServiceOptions {
  /** Default: RateService, as the options beside say. */
  readonly wire?: StartWire;
  /** 0 = any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Counter numbers; default: those of the users. */
  readonly counters?: readonly string[];
  readonly users?: readonly SimUser[];
  readonly nowMs?: () => number;
}

export interface QueueSim {
  /** The wire's address: `ws://127.0.0.1:port` or `wss://…` for RateService. */
  readonly url: string;
  /** The serial line of a counter's tablet, where the wire is one. */
  line(counter: string): string;
  /** The entry of `queue` in kiosk.json by which a tablet at this counter follows. */
  settings(counter: string): Readonly<Record<string, unknown>>;
  /** An open request to rate that nobody answered is dropped, as at a real counter. */
  callNext(counter: string): SimTicket;
  recall(counter: string): SimTicket | null;
  /** A call that is nobody's turn, by the number that a tablet being paired asked for (docs/pairing.md). */
  testCall(counter: string, number: string): void;
  /** The clerk finished: please rate. Null if no ticket is open. */
  served(counter: string): SimTicket | null;
  skip(counter: string): SimTicket | null;
  /** The ticket waits at the other counter and is the next to be called there. */
  transfer(counter: string, to: string): SimTicket | null;
  pause(counter: string): void;
  resume(counter: string): void;
  reset(counter: string): void;
  /** The last request to rate once more, as it was. */
  repeat(counter: string): void;
  state(counter: string): SimCounterState;
  /** Puts a tablet before the counter's clerk, where a hand is the wire. @returns a function that takes it away. */
  give(counter: string, hand: SimHand): () => void;
  /** Every message in both directions. @returns a function that ends it. */
  onMessage(listener: (message: SimMessage) => void): () => void;
  /** Called after anything changed, tablets coming and going included. @returns a function that ends it. */
  onChange(listener: () => void): () => void;
  /** How the counter is, as its system says it from time to time; nothing where it does not. */
  beat(counter: string): void;
  /** Bytes as they are, to every tablet at the counter; for hostile tests. */
  sendRaw(counter: string, data: string | Uint8Array): void;
  /** Whether a tablet's question is not answered yet; undefined on a wire that cannot know. */
  busy(): boolean | undefined;
  /** Settles when the tablets have dealt with what was said before; at once on a wire that cannot know. */
  settled(counter: string): Promise<void>;
  /** Network fault. `refuse` (default) breaks and refuses connections; `freeze` is a pulled cable. */
  cut(how?: 'refuse' | 'freeze'): void;
  restore(): void;
  /** The service stops and starts at the same address; the hall goes on. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it. @returns when it listens; rejects if the port is taken. */
export async function createQueueSim(options: QueueSimOptions = {}): Promise<QueueSim> {
  const nowMs = options.nowMs ?? Date.now;
  const users = options.users ?? (options.counters ? simUsersFor(options.counters) : SIM_USERS);
  const counters = options.counters ?? [...new Set(users.flatMap((user) => user.counters))];
  const hall = createSimHall({ counters, nowMs });
  const messageListeners = new Set<(message: SimMessage) => void>();
  const changeListeners = new Set<() => void>();
  let happened = 0;

  const changed = () => {
    for (const listener of changeListeners) listener();
  };

  const wire: SimWire = await (options.wire ?? rateServiceWire(options))({
    hall,
    users,
    nowMs,
    host: options.host ?? '127.0.0.1',
    port: options.port ?? 0,
    onMessage: (message) => {
      for (const listener of messageListeners) listener(message);
    },
    changed,
  });

  const tell = (counter: string, kind: SimKind, ticket: SimTicket | null): SimTicket | null => {
    if (ticket) {
      happened += 1;
      const id = `${ticket.serial}-${ticket.handling}-${kind}-${happened}`;
      wire.tell({ id, kind, counter, ticket, atMs: nowMs() });
    }
    changed();
    return ticket;
  };
  const operate = (counter: string, operation: 'pause' | 'resume' | 'reset') => {
    wire.operate(counter, operation);
    changed();
  };
  const listenTo = <Listener>(listeners: Set<Listener>, listener: Listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };

  return {
    url: wire.url,
    line: (counter) => wire.line?.(counter) ?? wire.url,
    settings: wire.settings,
    callNext(counter) {
      const ticket = hall.call(counter);
      tell(counter, 'called', ticket);
      return ticket;
    },
    testCall(counter, number) {
      happened += 1;
      const ticket: SimTicket = {
        number,
        queue: 'test',
        serial: `${number}-${happened}`,
        rateId: `${number}-${happened}`,
        handling: 1,
        item: '试呼',
        // For a wire that knows cases and no tickets.
        projectNo: number,
        transactor: '',
        date: new Date(nowMs() + 8 * 3_600_000).toISOString().slice(0, 10),
      };
      // The hall knows nothing of it: no counter's state changes.
      wire.tell({ id: `${number}-${happened}`, kind: 'called', counter, ticket, atMs: nowMs() });
    },
    recall: (counter) => tell(counter, 'recalled', hall.recall(counter)),
    served: (counter) => tell(counter, 'served', hall.serve(counter)),
    skip: (counter) => tell(counter, 'skipped', hall.clear(counter)),
    transfer: (counter, to) => tell(counter, 'transferred', hall.transfer(counter, to)),
    pause(counter) {
      hall.setPaused(counter, true);
      operate(counter, 'pause');
    },
    resume(counter) {
      hall.setPaused(counter, false);
      operate(counter, 'resume');
    },
    reset(counter) {
      hall.clear(counter);
      operate(counter, 'reset');
    },
    repeat: wire.repeat,
    state: (counter) => ({ counter, ...hall.read(counter), tablets: wire.tablets(counter) }),
    onMessage: (listener) => listenTo(messageListeners, listener),
    onChange: (listener) => listenTo(changeListeners, listener),
    beat: (counter) => wire.beat?.(counter),
    sendRaw: wire.raw,
    busy: () => wire.busy?.(),
    give: (counter, hand) => wire.give?.(counter, hand) ?? (() => {}),
    settled: async (counter) => wire.settled?.(counter),
    cut: (how = 'refuse') => wire.cut(how),
    restore: wire.restore,
    restart: wire.restart,
    stop: wire.stop,
  };
}
