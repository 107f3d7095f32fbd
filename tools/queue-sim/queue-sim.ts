/**
 * A queue-calling system to develop and test against: one hall with counters, clerks and tickets that speaks the
 * RateService wire format (docs/queue-links.md). It shares no code with the link it tests. Embedded by the hall
 * bench and by tests; `cli.ts` is the same thing for the command line.
 */
import { createSimHall, SIM_USERS, type SimCounterState, type SimTicket, type SimUser } from './hall.ts';
import { type SimMessage, type SimTls, startRateServiceServer, type Tablet } from './rate-service-server.ts';

export {
  SIM_ITEMS,
  SIM_USERS,
  type SimCounterState,
  type SimPhase,
  type SimTicket,
  type SimUser,
} from './hall.ts';
export type { SimMessage, SimTls } from './rate-service-server.ts';

export interface QueueSimOptions {
  /** 0 = any free port. */
  readonly port?: number;
  readonly host?: string;
  /** Counter numbers; default: those of the users. */
  readonly counters?: readonly string[];
  readonly users?: readonly SimUser[];
  /** Whether it has our additions (TicketEvent, GetState, RateResult). Default true. */
  readonly extensions?: boolean;
  /** Whether an open request to rate is sent again after a login, as published. Default true. */
  readonly resend?: boolean;
  readonly tls?: SimTls;
  /** False: like the published server, which leaves ping frames alone. Default true. */
  readonly answerPings?: boolean;
  /** False: like the published code, which answers HeartBeat with 999. Default true. */
  readonly heartBeat?: boolean;
  /** False: like the published code for a user it does not know. Default true. */
  readonly answerLogin?: boolean;
  readonly nowMs?: () => number;
}

export interface QueueSim {
  /** `ws://127.0.0.1:port` or `wss://…`. */
  readonly url: string;
  /** An open request to rate that nobody answered is dropped, as at a real counter. */
  callNext(counter: string): SimTicket;
  recall(counter: string): SimTicket | null;
  /** The clerk finished: please rate. Null if no ticket is open. */
  served(counter: string): SimTicket | null;
  skip(counter: string): SimTicket | null;
  /** The ticket waits at the other counter and is the next to be called there. */
  transfer(counter: string, to: string): SimTicket | null;
  pause(counter: string): void;
  resume(counter: string): void;
  reset(counter: string): void;
  state(counter: string): SimCounterState;
  /** Every message in both directions. @returns a function that ends it. */
  onMessage(listener: (message: SimMessage) => void): () => void;
  /** Called after anything changed, tablets coming and going included. @returns a function that ends it. */
  onChange(listener: () => void): () => void;
  /** Bytes as they are, to every tablet at the counter; for hostile tests. */
  sendRaw(counter: string, data: string | Uint8Array): void;
  /** Network fault. `refuse` (default) breaks and refuses connections; `freeze` is a pulled cable. */
  cut(how?: 'refuse' | 'freeze'): void;
  restore(): void;
  /** The rating service stops and starts on the same port; the hall goes on. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it. @returns when it listens; rejects if the port is taken. */
export async function createQueueSim(options: QueueSimOptions = {}): Promise<QueueSim> {
  const nowMs = options.nowMs ?? Date.now;
  const users = options.users ?? SIM_USERS;
  const counters = options.counters ?? [...new Set(users.flatMap((user) => user.counters))];
  const extensions = options.extensions ?? true;
  const host = options.host ?? '127.0.0.1';
  const hall = createSimHall({ counters, nowMs });
  const messageListeners = new Set<(message: SimMessage) => void>();
  const changeListeners = new Set<() => void>();
  let events = 0;

  const changed = () => {
    for (const listener of changeListeners) listener();
  };

  const rateQuest = (ticket: SimTicket) => ({
    rateId: ticket.rateId,
    transactor: ticket.transactor,
    item: ticket.item,
    date: ticket.date,
    reserveSeq: '',
  });
  const ticketParam = (ticket: SimTicket) => ({
    ticketNo: ticket.number,
    queue: ticket.queue,
    serial: ticket.serial,
    handling: ticket.handling,
    rateId: ticket.rateId,
    item: ticket.item,
    projectNo: ticket.projectNo,
    date: ticket.date,
  });
  const present = (counter: string) => {
    const { paused, phase, ticket } = hall.read(counter);
    return { paused, phase, ticket: ticket ? ticketParam(ticket) : null };
  };

  const logIn = (tablet: Tablet, param: Record<string, unknown>) => {
    if (options.answerLogin === false) return;
    const winNum = textOf(param, 'winNum', 'WindowNumber');
    const userCode = textOf(param, 'userCode', 'UserNumber');
    const user = users.find((one) => one.code === userCode);
    if (!hall.has(winNum) || !user?.counters.includes(winNum)) {
      return tablet.reply('Login', 1002, '窗口或用户信息不正确!');
    }
    tablet.counter = winNum;
    tablet.userCode = userCode;
    tablet.reply('Login', 0, '登录成功!');
    const { phase, ticket } = hall.read(winNum);
    if (options.resend !== false && phase === 'rating' && ticket) tablet.push('RateQuest', rateQuest(ticket));
    return changed();
  };

  const onRequest = (tablet: Tablet, method: string, param: Record<string, unknown>) => {
    const { counter } = tablet;
    switch (method) {
      case 'login':
        return logIn(tablet, param);
      case 'heartbeat':
        if (options.heartBeat !== false) return tablet.reply('HeartBeat', 0, '');
        break;
      case 'getwindowlist':
        return tablet.reply(
          'GetWindowList',
          0,
          hall.counters().map((number) => ({ WindowNumber: number, WindowName: `${number}号窗口` })),
        );
      case 'getuserlist': {
        const winNum = textOf(param, 'winNum', 'WindowNumber');
        const here = users.filter((user) => user.counters.includes(winNum));
        return tablet.reply(
          'GetUserList',
          0,
          here.map((user) => ({ UserCode: user.code, UserName: user.name })),
        );
      }
      case 'getstate':
        if (!extensions) break;
        if (counter === null) return tablet.reply('GetState', 1000, '当前用户尚未登录');
        return tablet.reply('GetState', 0, present(counter));
      case 'rateresult':
        if (!extensions) break;
        if (counter === null) return tablet.reply('RateResult', 1000, '当前用户尚未登录');
        hall.rated(counter, textOf(param, 'rateId', 'RateID'), param['rated'] === true);
        tablet.reply('RateResult', 0, '');
        return changed();
      default:
    }
    return tablet.reply(method, 999, '未知指令');
  };

  const server = await startRateServiceServer({
    host,
    port: options.port ?? 0,
    tls: options.tls,
    answerPings: options.answerPings ?? true,
    nowMs,
    onRequest,
    onMessage: (message) => {
      for (const listener of messageListeners) listener(message);
    },
    onGone: changed,
  });

  const tabletsAt = (counter: string) => server.tablets().filter((tablet) => tablet.counter === counter);
  const push = (counter: string, method: string, param: object) => {
    for (const tablet of tabletsAt(counter)) tablet.push(method, param);
  };
  const tell = (counter: string, kind: string, ticket: SimTicket | null): SimTicket | null => {
    if (ticket && extensions) {
      events += 1;
      const eventId = `${ticket.serial}-${ticket.handling}-${kind}-${events}`;
      push(counter, 'TicketEvent', { eventId, kind, ...ticketParam(ticket), at: nowMs() });
    }
    return ticket;
  };
  const operate = (counter: string, operation: 'Pause' | 'Resume' | 'Reset') => {
    push(counter, 'RateOperate', { operate: operation });
    changed();
  };
  const listenTo = <Listener>(listeners: Set<Listener>, listener: Listener) => {
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
    };
  };
  const afterwards = <Value>(value: Value): Value => {
    changed();
    return value;
  };

  return {
    url: `${options.tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${server.port()}`,
    callNext(counter) {
      const ticket = hall.call(counter);
      tell(counter, 'called', ticket);
      return afterwards(ticket);
    },
    recall: (counter) => afterwards(tell(counter, 'recalled', hall.read(counter).ticket)),
    served(counter) {
      const ticket = tell(counter, 'served', hall.serve(counter));
      if (ticket) push(counter, 'RateQuest', rateQuest(ticket));
      return afterwards(ticket);
    },
    skip: (counter) => afterwards(tell(counter, 'skipped', hall.clear(counter))),
    transfer: (counter, to) => afterwards(tell(counter, 'transferred', hall.transfer(counter, to))),
    pause(counter) {
      hall.setPaused(counter, true);
      operate(counter, 'Pause');
    },
    resume(counter) {
      hall.setPaused(counter, false);
      operate(counter, 'Resume');
    },
    reset(counter) {
      hall.clear(counter);
      operate(counter, 'Reset');
    },
    state: (counter) => ({ counter, ...hall.read(counter), tablets: tabletsAt(counter).length }),
    onMessage: (listener) => listenTo(messageListeners, listener),
    onChange: (listener) => listenTo(changeListeners, listener),
    sendRaw(counter, data) {
      for (const tablet of tabletsAt(counter)) tablet.raw(data);
    },
    cut: (how = 'refuse') => server.cut(how),
    restore: () => server.restore(),
    restart: () => server.restart(),
    stop: () => server.stop(),
  };
}

/** Value under the code's or the document's spelling, as text. */
function textOf(param: Record<string, unknown>, ...spellings: readonly string[]): string {
  for (const spelling of spellings) {
    const value = param[spelling];
    if (typeof value === 'string' || typeof value === 'number') return String(value);
  }
  return '';
}
