import { randomUUID } from 'node:crypto';
import { assertNever } from '../shared/words.ts';
import { createFollower } from './follow.ts';
import { createLifeline } from './lifeline.ts';
import type { LinkParts, QueueLink, ServiceResult } from './queue-link.ts';
import {
  NEEDS_A_HAND,
  type RateServiceContext,
  type RateServiceFault,
  rateServiceReason,
} from './rate-service/reasons.ts';
import type { RateServiceSettings } from './rate-service/settings.ts';
import {
  type Incoming,
  REPLY_CODES,
  readMessage,
  readState,
  readUserName,
  writeRequest,
} from './rate-service/wire.ts';
import { createResultBox } from './result-box.ts';
import type { RateRequest } from './ticket.ts';
import { type Connection, openConnection } from './web-socket.ts';

/** Times a server may ask for a new login on one connection. */
const MAX_RELOGINS = 3;

/**
 * RateService (WebSocket, usually port 3348): we are the client of one counter. Logs in, follows, notices a dead
 * connection, comes back by itself and asks for the present state where the server can tell it.
 */
export function createRateServiceLink(parts: LinkParts<RateServiceSettings>): QueueLink {
  const { settings, clock } = parts;
  const winNum = settings.winNum ?? parts.counter;
  const context: RateServiceContext = {
    address: new URL(settings.url).host,
    winNum,
    userCode: settings.userCode,
    caFile: settings.caFile,
  };
  const lifeline = createLifeline<RateServiceFault>({
    link: parts,
    retry: { firstMs: settings.retryFirstMs, capMs: settings.retryCapMs },
    needsAHand: NEEDS_A_HAND,
    reason: (fault) => rateServiceReason(fault, context),
    connect: () => connect(),
  });
  const { arm, disarm, handOn, push, quietLog } = lifeline;
  const follower = createFollower({
    system: 'rate-service',
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    nowMs: () => clock.nowMs(),
    runId: randomUUID(),
  });
  const results = createResultBox();

  let connection: Connection<RateServiceFault> | undefined;
  let relogins = 0;
  let loggedIn = false;
  /**
   * With our additions the present state is asked for after each login, and a request to rate that comes before
   * the answer waits for it: it names no ticket, and only the state says whose it is. Taken alone it would be a
   * service of its own, and a ticket could be rated twice across a restart.
   */
  let awaitingState: RateRequest[] | undefined;
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

  const onEnded = (fault: RateServiceFault) => {
    connection = undefined;
    loggedIn = false;
    awaitingState = undefined;
    lifeline.lost(fault);
  };

  const connect = () => {
    relogins = 0;
    results.unsend();
    const opened = openConnection<RateServiceFault>({
      ...settings,
      clock,
      probeMessage: heartbeat,
      onOpen: login,
      onText,
      onEnded,
      count: lifeline.count,
    });
    if (typeof opened === 'string') onEnded(opened);
    else connection = opened;
  };

  const onLoggedIn = () => {
    disarm('login');
    if (loggedIn) return;
    loggedIn = true;
    lifeline.count('logins');
    connection?.watch();
    const beat = () => {
      connection?.send(heartbeat());
      arm('heartbeat', settings.heartbeatEveryMs, beat);
    };
    arm('heartbeat', settings.heartbeatEveryMs, beat);
    lifeline.ready();
    const name = settings.clerkName;
    handOn(follower.clerkOn({ number: settings.userCode, ...(name === undefined ? {} : { name }) }));
    if (name === undefined) request('GetUserList', { winNum });
    if (settings.extensions) {
      // First what happened here, then what is so there: else the answer would open what is already rated.
      sendResults();
      askState();
    }
  };

  /** Again and again: a message that never came would leave the ticket before on the screen. */
  const askState = () => {
    request('GetState', {});
    arm('state', settings.loginLimitMs, () => connection?.fail('noExtensions'));
    arm('nextState', settings.stateEveryMs, askState);
  };

  const onState = (result: unknown) => {
    const now = readState(result);
    if (!now) {
      lifeline.refuseMalformed();
      connection?.fail('noExtensions');
      return;
    }
    handOn(follower.state(now));
    // What was asked before the answer and is not what the counter is at now has been overtaken by the next call.
    takeHeld((quest) => now.phase === 'rating' || quest.rateId === now.ticket?.rateId);
    lifeline.stateTold();
  };

  const takeHeld = (isStillOpen: (quest: RateRequest) => boolean) => {
    disarm('state');
    const held = awaitingState ?? [];
    awaitingState = undefined;
    for (const quest of held) push(isStillOpen(quest) ? follower.request(quest) : []);
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
      if (reply.request === 'getstate' && settings.extensions) {
        disarm('nextState');
        takeHeld(() => true);
      }
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

  const onText = (text: string) => {
    const message = readMessage(text);
    switch (message.type) {
      case 'rateQuest':
        if (awaitingState) awaitingState.push(message.rateQuest);
        else push(follower.request(message.rateQuest));
        return;
      case 'operate':
        return push(follower.operate(message.operation));
      case 'ticketEvent':
        if (settings.extensions) return push(follower.ticketEvent(message.ticketEvent));
        lifeline.count('unknown');
        return quietLog('warn', 'queue.extensionOff', {});
      case 'reply':
        return onReply(message);
      case 'unknown':
        return lifeline.refuseUnknown(text.length);
      case 'malformed':
        return lifeline.refuseMalformed();
      default:
        return assertNever(message);
    }
  };

  return {
    name: 'rate-service',
    start: lifeline.begin,
    async stop() {
      lifeline.end();
      const closing = connection;
      connection = undefined;
      await closing?.close();
    },
    state: lifeline.state,
    tellsState: settings.extensions,
    report(result: ServiceResult) {
      const reference = follower.finished(result.serviceKey);
      // Published: only RateSubmit, which holds the four scores. The queue side is never told a level.
      if (!settings.extensions || !reference) return;
      if (!results.put({ ...reference, rated: result.rated, at: result.atMs }))
        lifeline.count('resultsDropped');
      lifeline.count('resultsSent');
      sendResults();
    },
    counters: lifeline.counters,
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
