import { createHash, randomUUID } from 'node:crypto';
import { assertNever, type ServiceKey } from '../shared/words.ts';
import { createBoundedMap } from './bounded.ts';
import { createFollower } from './follow.ts';
import { type HttpAnswer, type HttpRequest, type Listener, openListener } from './http/listener.ts';
import { createProof } from './http/proof.ts';
import { createLifeline } from './lifeline.ts';
import { createFinishes } from './pad/finishes.ts';
import { type NotifiedCase, readNotify } from './pad/notify.ts';
import { NEEDS_A_HAND, NOTIFY_SECRET, type PadFault, padReason } from './pad/reasons.ts';
import type { PadSettings } from './pad/settings.ts';
import { caseInAddress, readPadMessage, writeHeartbeat, writeLogin } from './pad/wire.ts';
import { isTestNumber } from './pairing/test-ticket.ts';
import type { LinkParts, QueueLink, ServiceResult } from './queue-link.ts';
import { readSecretFile } from './secret-file.ts';
import type { TicketEvent } from './ticket.ts';
import { type Connection, openConnection } from './web-socket.ts';

/** Times a server may ask for a new login on one connection. */
const MAX_RELOGINS = 3;
/** Some days of a busy counter. */
const MEMORY = 2000;

/**
 * Guangdong-style pad: the pad server says by WebSocket that there is something to rate, the business system says by
 * HTTP which case. The address the server wants to have opened is never opened (docs/adr/0017-pad-addresses.md): it is
 * a request to rate, and the citizen rates on our own page.
 */
export function createPadLink(parts: LinkParts<PadSettings>): QueueLink {
  const { settings, clock } = parts;
  const { notify } = settings;
  const context = {
    address: settings.url === undefined ? '' : new URL(settings.url).host,
    caFile: settings.caFile,
    workNo: settings.workNo,
    keyFile: settings.keyFile ?? '',
    listen: notify ? `${notify.tls ? 'https' : 'http'}://${notify.host}:${notify.port}${notify.path}` : '',
    notifyKeyFile: notify?.keyFile ?? '',
    trial: parts.trial,
  };
  const lifeline = createLifeline<PadFault>({
    link: parts,
    retry: { firstMs: settings.retryFirstMs, capMs: settings.retryCapMs },
    needsAHand: NEEDS_A_HAND,
    reason: (fault) => padReason(fault, context),
    connect: () => connect(),
  });
  const follower = createFollower({
    system: 'pad',
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    // An address tells a case and no day, and comes again after each login, also the next morning's.
    serialsForEver: true,
    nowMs: () => clock.nowMs(),
    runId: randomUUID(),
  });
  /** Cases that were notified for this counter, by number; an address that names one of them is about it. */
  const cases = createBoundedMap<string, NotifiedCase>(MEMORY);
  const rated = createBoundedMap<string, true>(MEMORY);
  const finishes = createFinishes({ nowMs: clock.nowMs });

  let listener: Listener | undefined;
  let listening = false;
  let proof: ReturnType<typeof createProof> | undefined;
  let connection: Connection<PadFault> | undefined;
  let relogins = 0;
  let loginSent = false;
  let loggedIn = false;

  const connect = () => {
    if (notify && !listener && !listen()) return;
    if (settings.url !== undefined) openSocket(settings.url);
    else if (listening) lifeline.ready();
  };

  /** @returns false if it could not even be tried. */
  const listen = (): boolean => {
    if (!notify) return true;
    if (notify.keyFile !== undefined) {
      const key = readSecretFile(notify.keyFile);
      if ('fault' in key) {
        lose(NOTIFY_SECRET[key.fault]);
        return false;
      }
      proof = createProof({ scheme: 'bearer', key: key.secret, clock });
    }
    listener = openListener({
      ...notify,
      ports: parts.ports,
      trial: parts.trial,
      clock,
      count: lifeline.count,
      quietLog: lifeline.quietLog,
      refuse,
      answer: onNotify,
      onListening() {
        listening = true;
        readyWhenWhole();
      },
      onFault(fault) {
        listener = undefined;
        listening = false;
        lose(fault);
      },
    });
    return true;
  };

  const readyWhenWhole = () => {
    const heard = settings.url === undefined || loggedIn;
    if (heard && (notify === undefined || listening)) lifeline.ready();
  };

  const lose = (fault: PadFault) => {
    const closing = connection;
    connection = undefined;
    loggedIn = false;
    void closing?.close();
    lifeline.lost(fault);
  };

  const refuse = (head: Omit<HttpRequest, 'body'>): HttpAnswer | undefined => {
    if (proof && !proof.head(head)) {
      lifeline.count('refused');
      lifeline.quietLog('warn', 'queue.refused', { error: 'wrongKey' });
      return { status: 401, body: { code: 401, msg: '密钥错误' } };
    }
    if (head.path !== notify?.path) return { status: 404, body: { code: 404, msg: '没有这个接口' } };
    if (head.method === 'POST' || head.method === 'GET') return undefined;
    return { status: 405, body: { code: 405, msg: '请用 POST 或 GET' } };
  };

  const onNotify = (request: HttpRequest): HttpAnswer => {
    const one = readNotify({
      contentType: request.header('content-type') ?? '',
      query: request.query,
      body: request.body.toString('utf8'),
    });
    if (!one) {
      lifeline.refuseMalformed();
      return { status: 400, body: { code: 40_002, msg: '数据包格式错误' } };
    }
    if (one.dealNo !== settings.workNo) {
      lifeline.count('refused');
      lifeline.quietLog('warn', 'queue.refused', { error: 'wrongCounter' });
      return { status: 409, body: { code: 409, msg: '工号不属于本窗口' } };
    }
    if (isTestNumber(one.serialNo)) {
      lifeline.push(follower.ticketEvent(eventOf(one.serialNo, 'called', one)));
      return { status: 200, body: { code: 0, msg: '成功' } };
    }
    if (!cases.has(one.serialNo)) finishes.began(one.serialNo);
    cases.set(one.serialNo, one);
    if (rated.has(one.serialNo)) {
      lifeline.count('duplicates');
      return { status: 200, body: { code: 1, msg: '该办件已评价' } };
    }
    if (!one.done) finishes.called(one.serialNo);
    else if (finishes.isOvertaken(one.serialNo)) {
      passOver();
      return { status: 200, body: { code: 0, msg: '成功' } };
    }
    const name = one.officer ?? settings.clerkName;
    if (name !== undefined) lifeline.handOn(follower.clerkOn({ number: settings.workNo, name }));
    const event = one.done
      ? servedOf(one.serialNo, finishes.notified(one.serialNo), one)
      : eventOf(one.serialNo, 'called', one);
    lifeline.push(follower.ticketEvent(event));
    return { status: 200, body: { code: 0, msg: '成功' } };
  };

  /** Why nobody was asked about it is in the journal since the next was called. */
  const passOver = () => lifeline.quietLog('warn', 'queue.finishOvertaken', {});

  const openSocket = (url: string) => {
    if (connection) return;
    const key = readSecretFile(settings.keyFile ?? '');
    if ('fault' in key) return lose(key.fault);
    relogins = 0;
    loginSent = false;
    const opened = openConnection<PadFault>({
      ...settings,
      url,
      clock,
      probeMessage: () => writeHeartbeat(clock.nowMs()),
      // The server asks for the login, we wait to be asked.
      onOpen: () => lifeline.arm('login', settings.loginLimitMs, () => connection?.fail('loginSilent')),
      onText: (text) => onText(text, key.secret),
      onEnded(fault) {
        connection = undefined;
        loggedIn = false;
        lifeline.lost(fault);
      },
      count: lifeline.count,
    });
    if (typeof opened === 'string') lose(opened);
    else connection = opened;
  };

  const onText = (text: string, key: string) => {
    const message = readPadMessage(text);
    switch (message.type) {
      case 'login':
        return onLogin(message.ok, key);
      case 'openAddress':
        return onAddress(message.address);
      case 'heartbeat':
        return;
      case 'complaint':
        // In answer to a probe it is alive, which is all we ask.
        return lifeline.quietLog('warn', 'queue.requestRefused', { code: message.code });
      case 'unknown':
        return lifeline.refuseUnknown(text.length);
      case 'malformed':
        return lifeline.refuseMalformed();
      default:
        return assertNever(message);
    }
  };

  const onLogin = (ok: boolean, key: string) => {
    if (ok) return loginSent ? onLoggedIn() : lifeline.refuseMalformed();
    if (loginSent && !loggedIn) return connection?.fail('loginRefused');
    if (loggedIn) {
      relogins += 1;
      if (relogins > MAX_RELOGINS) return connection?.fail('loginLost');
    }
    loggedIn = false;
    loginSent = true;
    lifeline.arm('login', settings.loginLimitMs, () => connection?.fail('loginSilent'));
    return connection?.send(writeLogin(settings.workNo, key));
  };

  const onLoggedIn = () => {
    lifeline.disarm('login');
    if (loggedIn) return;
    loggedIn = true;
    lifeline.count('logins');
    connection?.watch();
    const beat = () => {
      connection?.send(writeHeartbeat(clock.nowMs()));
      lifeline.arm('heartbeat', settings.heartbeatEveryMs, beat);
    };
    lifeline.arm('heartbeat', settings.heartbeatEveryMs, beat);
    readyWhenWhole();
    const { clerkName: name } = settings;
    lifeline.handOn(follower.clerkOn({ number: settings.workNo, ...(name === undefined ? {} : { name }) }));
  };

  /** It is never opened: it says that somebody may rate now, and at best which case. */
  const onAddress = (address: URL) => {
    // Before the login it comes from nobody we know.
    if (!loggedIn) return lifeline.refuseMalformed();
    const serialNo = caseInAddress(address, settings.caseKeys);
    const notified = serialNo === undefined ? undefined : cases.get(serialNo);
    if (!notified && !settings.pinnedOrigins.includes(address.origin)) {
      lifeline.count('refused');
      return lifeline.quietLog('warn', 'queue.addressNotPinned', { origin: address.origin.slice(0, 200) });
    }
    if (serialNo !== undefined && rated.has(serialNo)) return lifeline.count('duplicates');
    if (serialNo !== undefined && finishes.isOvertaken(serialNo)) return passOver();
    if (serialNo !== undefined)
      return lifeline.push(follower.ticketEvent(servedOf(serialNo, finishes.latest(serialNo), notified)));
    // The same address again is the same request.
    address.hash = '';
    const rateId = createHash('sha256').update(address.href).digest('hex').slice(0, 32);
    return lifeline.push(follower.request({ rateId, item: undefined, date: undefined, token: undefined }));
  };

  return {
    name: 'pad',
    start: lifeline.begin,
    async stop() {
      lifeline.end();
      const [closing, silenced] = [connection, listener];
      connection = undefined;
      listener = undefined;
      await Promise.all([closing?.close(), silenced?.close()]);
    },
    state: lifeline.state,
    report(result: ServiceResult) {
      noteRated(result.serviceKey, result.rated);
    },
    counters: lifeline.counters,
  };

  /** Who notifies of the case again is told that it is rated; nothing else goes to that side. */
  function noteRated(serviceKey: ServiceKey, isRated: boolean): void {
    const serialNo = follower.finished(serviceKey)?.serial;
    if (serialNo && isRated) rated.set(serialNo, true);
    else if (serialNo) finishes.notRated(serialNo);
  }
}

/** @param finish 1, and one more each time the clerk finished it again. */
function servedOf(serialNo: string, finish: number, one: NotifiedCase | undefined): TicketEvent {
  const event = eventOf(serialNo, 'served', one);
  return finish === 1 ? event : { ...event, eventId: `${event.eventId}-${finish}` };
}

/**
 * A case has no ticket number; its own number, given once for ever, is all its identity. A test call's is both, so that it
 * is known for one.
 */
function eventOf(serialNo: string, kind: 'called' | 'served', one: NotifiedCase | undefined): TicketEvent {
  return {
    eventId: `${kind}-${serialNo}`,
    kind,
    at: undefined,
    ticketNo: isTestNumber(serialNo) ? serialNo : '',
    queue: undefined,
    serial: serialNo,
    handling: 1,
    rateId: serialNo,
    item: one?.item,
    projectNo: serialNo,
    taskCode: one?.taskCode,
    date: undefined,
    token: undefined,
  };
}
