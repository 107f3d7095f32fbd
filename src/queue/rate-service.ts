import { randomUUID } from 'node:crypto';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import { QueueEventSchema } from '../shared/queue-event.ts';
import { assertNever } from '../shared/words.ts';
import { backoffMs } from './backoff.ts';
import { createCounters, type LinkParts, type QueueLink, type ServiceResult } from './queue-link.ts';
import { createQuietLog } from './quiet-log.ts';
import { type Connection, openConnection } from './rate-service/connection.ts';
import { createFollower } from './rate-service/follow.ts';
import { createResultBox } from './rate-service/result-box.ts';
import type { RateServiceSettings } from './rate-service/settings.ts';
import {
  type Incoming,
  type RateQuest,
  REPLY_CODES,
  readMessage,
  readState,
  readUserName,
  writeRequest,
} from './rate-service/wire.ts';
import { type FaultContext, faultReason, type LinkFault } from './reasons.ts';

/** A connection that stayed ready so long was a good one: the next loss starts again with the first wait. */
const GOOD_AFTER_MS = 10_000;
/** What somebody must correct first is tried again more slowly. */
const NEEDS_A_HAND: ReadonlySet<LinkFault> = new Set<LinkFault>([
  'loginRefused',
  'loginLost',
  'notThisService',
  'noExtensions',
  'flood',
  'oversized',
  'protocol',
  'tlsUntrusted',
  'tlsName',
  'tlsExpired',
  'tlsNotYet',
  'caFile',
]);
const SLOW_CAP_MS = 10_000;

/** Times a server may ask for a new login on one connection. */
const MAX_RELOGINS = 3;

/**
 * RateService (WebSocket, usually port 3348): we are the client of one counter. Logs in, follows, notices a dead
 * connection, comes back by itself and asks for the present state where the server can tell it.
 */
export function createRateServiceLink(parts: LinkParts<RateServiceSettings>): QueueLink {
  const { settings, clock } = parts;
  const random = parts.random ?? Math.random;
  const winNum = settings.winNum ?? parts.counter;
  const context: FaultContext = {
    address: new URL(settings.url).host,
    winNum,
    userCode: settings.userCode,
    caFile: settings.caFile,
  };
  const counters = createCounters();
  const quietLog = createQuietLog({ clock, log: parts.log });
  const follower = createFollower({
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    nowMs: () => clock.nowMs(),
    runId: randomUUID(),
  });
  const results = createResultBox();

  let state: LinkState = { state: 'connecting', sinceMs: clock.nowMs() };
  let connection: Connection | undefined;
  let started = false;
  let stopped = false;
  let attempt = 0;
  let relogins = 0;
  let loggedIn = false;
  /**
   * With our additions the present state is asked for after each login, and a request to rate that comes before
   * the answer waits for it: it names no ticket, and only the state says whose it is. Taken alone it would be a
   * service of its own, and a ticket could be rated twice across a restart.
   */
  let awaitingState: RateQuest[] | undefined;
  const cancels = new Map<string, () => void>();

  const arm = (name: string, ms: number, run: () => void) => {
    cancels.get(name)?.();
    cancels.set(name, clock.after(ms, run));
  };
  const disarm = (name: string) => cancels.get(name)?.();

  const setState = (next: { state: 'ready' } | { state: 'lost'; reason: string }) => {
    if (next.state === 'lost') {
      if (state.state === 'lost' && state.reason === next.reason) return;
      // Another reason is not another loss: the clerk sees since when the link is down.
      state = { ...next, sinceMs: state.state === 'lost' ? state.sinceMs : clock.nowMs() };
    } else {
      if (state.state === 'ready') return;
      state = { ...next, sinceMs: clock.nowMs() };
    }
    parts.onState(state);
  };

  const handOn = (events: readonly QueueEvent[]) => {
    for (const event of events) {
      const checked = QueueEventSchema.safeParse(event);
      if (!checked.success) {
        counters.count('malformed');
        quietLog('warn', 'queue.eventRefused', { kind: event.kind });
        continue;
      }
      counters.count('events');
      parts.onEvent(checked.data);
    }
  };

  const request = (method: string, param: Readonly<Record<string, string | number | boolean>>) =>
    connection?.send(writeRequest(method, param, settings.spelling));
  const heartbeat = () =>
    writeRequest('HeartBeat', { DateTime: localDateTime(clock.nowMs(), parts.timezone) }, settings.spelling);

  const login = () => {
    loggedIn = false;
    if (settings.extensions) awaitingState ??= [];
    arm('login', settings.loginLimitMs, () => connection?.fail('loginSilent'));
    request('Login', { winNum, userCode: settings.userCode });
  };

  const onEnded = (fault: LinkFault) => {
    connection = undefined;
    for (const cancel of cancels.values()) cancel();
    cancels.clear();
    loggedIn = false;
    awaitingState = undefined;
    if (stopped) return;
    quietLog('warn', 'queue.lost', { fault });
    setState({ state: 'lost', reason: faultReason(fault, context) });
    attempt += 1;
    const capMs = NEEDS_A_HAND.has(fault) ? Math.max(SLOW_CAP_MS, settings.retryCapMs) : settings.retryCapMs;
    const waitMs = backoffMs(attempt, { firstMs: settings.retryFirstMs, capMs }, random);
    arm('retry', waitMs, connect);
  };

  const connect = () => {
    if (stopped) return;
    relogins = 0;
    results.unsend();
    const opened = openConnection({
      ...settings,
      clock,
      probeMessage: heartbeat,
      onOpen: login,
      onText,
      onEnded,
      count: counters.count,
    });
    if (typeof opened === 'string') onEnded(opened);
    else connection = opened;
  };

  const onLoggedIn = () => {
    disarm('login');
    if (loggedIn) return;
    loggedIn = true;
    counters.count('logins');
    connection?.watch();
    arm('good', GOOD_AFTER_MS, () => {
      attempt = 0;
    });
    const beat = () => {
      connection?.send(heartbeat());
      arm('heartbeat', settings.heartbeatEveryMs, beat);
    };
    arm('heartbeat', settings.heartbeatEveryMs, beat);
    setState({ state: 'ready' });
    parts.log({ level: 'info', event: 'queue.ready' });
    const name = settings.clerkName;
    handOn(follower.clerkOn({ number: settings.userCode, ...(name === undefined ? {} : { name }) }));
    if (name === undefined) request('GetUserList', { winNum });
    if (settings.extensions) {
      // First what happened here, then what is so there: else the answer would open what is already rated.
      sendResults();
      request('GetState', {});
      arm('state', settings.loginLimitMs, () => connection?.fail('noExtensions'));
    }
  };

  const onState = (result: unknown) => {
    const now = readState(result);
    if (!now) {
      refuseMalformed();
      connection?.fail('noExtensions');
      return;
    }
    handOn(follower.state(now));
    takeHeld();
  };

  const takeHeld = () => {
    disarm('state');
    const held = awaitingState ?? [];
    awaitingState = undefined;
    for (const quest of held) push(follower.rateQuest(quest));
  };

  const sendResults = () => {
    if (!settings.extensions || !loggedIn) return;
    for (const result of results.unsent()) request('RateResult', result);
  };

  const onLoginReply = (code: number) => {
    switch (code) {
      case REPLY_CODES.ok:
        return onLoggedIn();
      case REPLY_CODES.wrongWindowOrUser:
      case REPLY_CODES.noPermission:
        return connection?.fail('loginRefused');
      case REPLY_CODES.unknownMethod:
        return connection?.fail('notThisService');
      default:
        return connection?.fail('loginRefused');
    }
  };

  const onReply = (reply: Extract<Incoming, { type: 'reply' }>) => {
    if (reply.request === 'login') return onLoginReply(reply.code);
    if (reply.code === REPLY_CODES.notLoggedIn) {
      relogins += 1;
      if (relogins > MAX_RELOGINS) return connection?.fail('loginLost');
      results.unsend();
      return login();
    }
    // The published server has no case for HeartBeat and says "unknown": it is alive, which is all we ask.
    if (reply.request === 'heartbeat') return;
    if (reply.code !== REPLY_CODES.ok) {
      if (reply.request === 'rateresult') results.answered();
      // A server that has no states has no ticket messages either: each request is a service of its own.
      if (reply.request === 'getstate' && settings.extensions) takeHeld();
      return quietLog('warn', 'queue.requestRefused', { code: reply.code });
    }
    switch (reply.request) {
      case 'getuserlist': {
        const name = readUserName(reply.result, settings.userCode);
        if (name !== undefined) handOn(follower.clerkOn({ number: settings.userCode, name }));
        return;
      }
      case 'getstate':
        return settings.extensions ? onState(reply.result) : undefined;
      case 'rateresult':
        return results.answered();
      default:
        return;
    }
  };

  const refuseMalformed = () => {
    counters.count('malformed');
    quietLog('warn', 'queue.malformed', {});
  };

  const push = (events: readonly QueueEvent[]) => {
    if (events.length === 0) counters.count('duplicates');
    handOn(events);
  };

  const onText = (text: string) => {
    const message = readMessage(text);
    switch (message.type) {
      case 'rateQuest':
        if (awaitingState) awaitingState.push(message.rateQuest);
        else push(follower.rateQuest(message.rateQuest));
        return;
      case 'operate':
        return push(follower.operate(message.operation));
      case 'ticketEvent':
        if (settings.extensions) return push(follower.ticketEvent(message.ticketEvent));
        counters.count('unknown');
        return quietLog('warn', 'queue.extensionOff', {});
      case 'reply':
        return onReply(message);
      case 'unknown':
        counters.count('unknown');
        return quietLog('warn', 'queue.unknown', { bytes: text.length });
      case 'malformed':
        return refuseMalformed();
      default:
        return assertNever(message);
    }
  };

  return {
    name: 'rate-service',
    start() {
      if (started || stopped) return;
      started = true;
      parts.onState(state);
      connect();
    },
    async stop() {
      stopped = true;
      for (const cancel of cancels.values()) cancel();
      cancels.clear();
      const closing = connection;
      connection = undefined;
      await closing?.close();
    },
    state: () => state,
    report(result: ServiceResult) {
      const reference = follower.finished(result.serviceKey);
      // Published: only RateSubmit, which holds the four scores. The queue side is never told a level.
      if (!settings.extensions || !reference) return;
      if (!results.put({ ...reference, rated: result.rated, at: result.atMs }))
        counters.count('resultsDropped');
      counters.count('resultsSent');
      sendResults();
    },
    counters: counters.read,
  };
}

/** `2026-05-06 09:30:00` at the hall. */
function localDateTime(atMs: number, timezone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: timezone,
    dateStyle: 'short',
    timeStyle: 'medium',
  }).format(atMs);
}
