import type { SimTicket } from '../hall.ts';
import type { SimWire, SimWorld, StartWire } from '../wire.ts';
import { type SimTls, startRateServiceServer, type Tablet } from './rate-service-server.ts';

/** How faithful this server is; the defaults are the friendliest one. */
export interface RateServiceOptions {
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
}

/** The published RateService (docs/queue-links.md), with our extension unless told otherwise. */
export function rateServiceWire(options: RateServiceOptions = {}): StartWire {
  return (world) => start(world, options);
}

async function start(world: SimWorld, options: RateServiceOptions): Promise<SimWire> {
  const { hall, users, host } = world;
  const extensions = options.extensions ?? true;
  const lastRequest = new Map<string, string>();

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
    return world.changed();
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
        return world.changed();
      default:
    }
    return tablet.reply(method, 999, '未知指令');
  };

  const server = await startRateServiceServer({
    host,
    port: world.port,
    tls: options.tls,
    answerPings: options.answerPings ?? true,
    nowMs: world.nowMs,
    onRequest,
    onMessage: world.onMessage,
    onGone: world.changed,
  });

  const tabletsAt = (counter: string) => server.tablets().filter((tablet) => tablet.counter === counter);
  const push = (counter: string, method: string, param: object) => {
    for (const tablet of tabletsAt(counter)) tablet.push(method, param);
  };
  const url = `${options.tls ? 'wss' : 'ws'}://${host.includes(':') ? `[${host}]` : host}:${server.port()}`;

  return {
    url,
    settings(counter) {
      const clerk = users.find((user) => user.counters.includes(counter));
      return {
        kind: 'rate-service',
        url,
        userCode: clerk?.code ?? '',
        ...(clerk ? { clerkName: clerk.name } : {}),
        extensions,
        retryCapMs: 2_000,
      };
    },
    tell({ id, kind, counter, ticket, atMs }) {
      if (extensions) push(counter, 'TicketEvent', { eventId: id, kind, ...ticketParam(ticket), at: atMs });
      if (kind !== 'served') return;
      const request = rateQuest(ticket);
      lastRequest.set(counter, JSON.stringify({ method: 'RateQuest', param: request }));
      push(counter, 'RateQuest', request);
    },
    operate: (counter, operation) =>
      push(counter, 'RateOperate', {
        operate: ({ pause: 'Pause', resume: 'Resume', reset: 'Reset' } as const)[operation],
      }),
    repeat(counter) {
      const last = lastRequest.get(counter);
      if (last !== undefined) for (const tablet of tabletsAt(counter)) tablet.raw(last);
    },
    tablets: (counter) => tabletsAt(counter).length,
    raw(counter, data) {
      for (const tablet of tabletsAt(counter)) tablet.raw(data);
    },
    cut: server.cut,
    restore: server.restore,
    restart: server.restart,
    stop: server.stop,
  };
}

function rateQuest(ticket: SimTicket) {
  return {
    rateId: ticket.rateId,
    transactor: ticket.transactor,
    item: ticket.item,
    date: ticket.date,
    reserveSeq: '',
  };
}

function ticketParam(ticket: SimTicket) {
  return {
    ticketNo: ticket.number,
    queue: ticket.queue,
    serial: ticket.serial,
    handling: ticket.handling,
    rateId: ticket.rateId,
    item: ticket.item,
    projectNo: ticket.projectNo,
    date: ticket.date,
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
