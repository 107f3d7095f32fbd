import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import type { SimTicket } from '../hall.ts';
import type { SimHappening, SimWire, SimWorld, StartWire } from '../wire.ts';
import { freePort } from './http-push.ts';

export interface PadOptions {
  /** Where the address to rate at leads; default a pinned one. */
  readonly ratingOrigin?: string;
  /** False: only the WebSocket, without the case. Default true. */
  readonly notify?: boolean;
  /** How the notify is sent. Default a form. */
  readonly notifyAs?: 'form' | 'json' | 'query';
  /** Whether an open address is sent again after a login. Default true. */
  readonly resend?: boolean;
}

export const PINNED_ORIGIN = 'https://rating.example';

/** A pad server as published, and a business system that notifies tablets of cases; written apart from the link. */
export function padWire(options: PadOptions = {}): StartWire {
  return (world) => start(world, options);
}

async function start(world: SimWorld, options: PadOptions): Promise<SimWire> {
  const { ratingOrigin = PINNED_ORIGIN, notifyAs = 'form' } = options;
  const folder = mkdtempSync(join(tmpdir(), 'queue-sim-pad-'));
  const keyFile = join(folder, 'key');
  const key = randomBytes(12).toString('hex');
  writeFileSync(keyFile, `${key}\n`, { mode: 0o600 });
  const ports = new Map<string, number>();
  for (const counter of world.hall.counters()) ports.set(counter, await freePort());

  const sockets = new Set<Socket>();
  const pads = new Map<WebSocket, string | null>();
  const lastAsked = new Map<string, SimTicket>();
  let mode: 'up' | 'refusing' | 'frozen' = 'up';
  let { port } = world;
  let http: Server;
  let notifying: Promise<void> = Promise.resolve();

  const workNoOf = (counter: string) =>
    world.users.find((user) => user.counters.includes(counter))?.code ?? '';
  const counterOf = (workNo: unknown) =>
    world.users.find((user) => user.code === workNo)?.counters[0] ?? null;

  const write = (pad: WebSocket, counter: string | null, text: string | Uint8Array) => {
    if (mode !== 'up' || pad.readyState !== pad.OPEN) return;
    pad.send(text);
    const shown = typeof text === 'string' ? text : `<${text.byteLength} bytes>`;
    world.onMessage({ direction: 'out', counter, text: shown, atMs: world.nowMs() });
  };
  const say = (pad: WebSocket, counter: string | null, message: object) =>
    write(pad, counter, JSON.stringify(message));
  const padsAt = (counter: string) =>
    [...pads].flatMap(([pad, itsCounter]) => (itsCounter === counter ? [pad] : []));

  const ask = (pad: WebSocket, counter: string, ticket: SimTicket) =>
    say(pad, counter, {
      code: 50100,
      state: 1,
      data: `${ratingOrigin}/frame.php?affairSerialNo=${ticket.projectNo}`,
      msg: '打开网址',
    });

  const onText = (pad: WebSocket, text: string) => {
    const said = parse(text);
    if (!said) return say(pad, null, { code: 40002, state: 0, msg: '数据包格式错误' });
    if (said.code === 40000)
      return say(pad, null, { code: 40000, state: 1, msg: '收到', data: world.nowMs() });
    if (said.code !== 40001) return say(pad, null, { code: 50000, state: 0, msg: '未知指令' });
    const counter = counterOf(said.data['work_no']);
    if (said.data['key'] !== key || counter === null) {
      return say(pad, null, { code: 40001, state: 0, msg: '通讯密钥错误' });
    }
    pads.set(pad, counter);
    say(pad, counter, { code: 40001, state: 1, msg: '登录成功' });
    const { phase, ticket } = world.hall.read(counter);
    if (options.resend !== false && phase === 'rating' && ticket) ask(pad, counter, ticket);
    return world.changed();
  };

  const attach = (pad: WebSocket) => {
    pads.set(pad, null);
    say(pad, null, { code: 40001, state: 0, msg: '请发送工号' });
    pad.on('message', (data) => {
      if (mode !== 'up') return;
      const text = data.toString();
      world.onMessage({ direction: 'in', counter: pads.get(pad) ?? null, text, atMs: world.nowMs() });
      onText(pad, text);
    });
    pad.on('error', () => pad.terminate());
    pad.on('close', () => {
      pads.delete(pad);
      world.changed();
    });
  };

  const listen = async () => {
    http = createServer();
    new WebSocketServer({ server: http, maxPayload: 256 * 1024 }).on('connection', attach);
    http.on('connection', (socket: Socket) => {
      if (mode !== 'up') return socket.destroy();
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      return undefined;
    });
    http.listen(port, world.host);
    await once(http, 'listening');
    port = (http.address() as AddressInfo).port;
  };
  const dropAll = () => {
    for (const socket of sockets) socket.destroy();
  };
  const unlisten = async () => {
    dropAll();
    await new Promise<void>((resolve) => http.close(() => resolve()));
  };

  const notify = async (counter: string, ticket: SimTicket, evalProcess: 1 | 2) => {
    const url = `http://127.0.0.1:${ports.get(counter) ?? 0}/notify`;
    const fields = caseFields(ticket, workNoOf(counter), evalProcess);
    const form = new URLSearchParams(fields).toString();
    const request: RequestInit =
      notifyAs === 'json'
        ? { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(fields) }
        : { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: form };
    const response = await (notifyAs === 'query'
      ? fetch(`${url}?${form}`, { signal: AbortSignal.timeout(5000) })
      : fetch(url, { ...request, signal: AbortSignal.timeout(5000) }));
    world.onMessage({ direction: 'in', counter, text: await response.text(), atMs: world.nowMs() });
  };
  /** The business system tells the tablet of the case, then the pad server asks it to open the address. */
  const tell = (counter: string, ticket: SimTicket, evalProcess: 1 | 2) => {
    if (mode !== 'up') return;
    notifying = notifying
      .then(() => (options.notify === false ? undefined : notify(counter, ticket, evalProcess)))
      .catch(() => undefined)
      .then(() => {
        if (evalProcess === 2) for (const pad of padsAt(counter)) ask(pad, counter, ticket);
      });
  };

  await listen();
  const url = () => `ws://${world.host}:${port}`;
  return {
    get url() {
      return url();
    },
    settings: (counter) => ({
      kind: 'pad',
      url: url(),
      workNo: workNoOf(counter),
      keyFile,
      pinnedOrigins: [PINNED_ORIGIN],
      ...(options.notify === false ? {} : { notify: { port: ports.get(counter) ?? 0 } }),
    }),
    tell({ kind, counter, ticket }: SimHappening) {
      // Without a notify an address is all that a pad server can send; a test call goes that way.
      if (kind === 'called')
        tell(counter, ticket, options.notify === false && ticket.queue === 'test' ? 2 : 1);
      if (kind !== 'served') return;
      lastAsked.set(counter, ticket);
      tell(counter, ticket, 2);
    },
    operate: () => undefined,
    repeat(counter) {
      const ticket = lastAsked.get(counter);
      if (ticket) tell(counter, ticket, 2);
    },
    tablets: (counter) => padsAt(counter).length,
    raw(counter, data) {
      for (const pad of padsAt(counter)) write(pad, counter, data);
    },
    /** A pong comes after whatever was sent before its ping was read. */
    async settled(counter) {
      await notifying;
      await Promise.all(
        padsAt(counter).map(async (pad) => {
          pad.ping();
          await once(pad, 'pong');
        }),
      );
    },
    cut(how) {
      mode = how === 'refuse' ? 'refusing' : 'frozen';
      if (how === 'refuse') dropAll();
      else for (const socket of sockets) socket.pause();
    },
    restore() {
      mode = 'up';
      for (const socket of sockets) socket.resume();
    },
    async restart() {
      await unlisten();
      mode = 'up';
      await listen();
    },
    async stop() {
      await unlisten();
      await notifying;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** With everything the published notify tells of a citizen; a tablet must not keep it. */
function caseFields(ticket: SimTicket, workNo: string, evalProcess: 1 | 2): Record<string, string> {
  const day = ticket.date.replaceAll('-', '');
  return {
    evalProcess: String(evalProcess),
    affairDealNo: workNo,
    affairSerialNo: ticket.projectNo,
    affairCode: `44${ticket.projectNo}`,
    affairName: ticket.item,
    affairDealOfficer: '李慧敏',
    affairApplyTime: `${day}090000`,
    ...(evalProcess === 2 ? { affairDoneTime: `${day}093000` } : {}),
    departmentCode: '440100',
    userName: ticket.transactor,
    contactPhone: '13800000000',
    passportName: ticket.transactor,
    userType: '0',
    certificateType: '111',
    certificateNo: '440100199001010000',
  };
}

function parse(text: string): { code: number; data: Record<string, unknown> } | undefined {
  try {
    const value = JSON.parse(text) as { code?: unknown; data?: unknown };
    if (typeof value.code !== 'number') return undefined;
    const data = typeof value.data === 'object' && value.data !== null ? { ...value.data } : {};
    return { code: value.code, data };
  } catch {
    return undefined;
  }
}
