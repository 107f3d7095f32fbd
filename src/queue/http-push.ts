import { randomUUID } from 'node:crypto';
import { assertNever } from '../shared/words.ts';
import { createFollower } from './follow.ts';
import { type HttpAnswer, type HttpRequest, type Listener, openListener } from './http/listener.ts';
import { readPush } from './http/message.ts';
import { createProof } from './http/proof.ts';
import { PUSH_NEEDS_A_HAND, type PushFault, pushReason } from './http/reasons.ts';
import type { HttpPushSettings } from './http/settings.ts';
import { createShelf } from './http/shelf.ts';
import { createLifeline } from './lifeline.ts';
import type { LinkParts, QueueLink, ServiceResult } from './queue-link.ts';
import { readSecretFile } from './secret-file.ts';

/** A state older than the newest message by less than this was overtaken on its way; by more, their clock was set. */
const OVERTAKEN_WITHIN_MS = 60_000;

/**
 * HTTP push: the queue system sends, we listen. It says how the counter is at least once a second, which is also how
 * a loss is noticed; what it is told of ratings it fetches from us.
 */
export function createHttpPushLink(parts: LinkParts<HttpPushSettings>): QueueLink {
  const { settings, clock } = parts;
  const winNum = settings.winNum ?? parts.counter;
  const scheme = settings.tls ? 'https' : 'http';
  const host = settings.host.includes(':') ? `[${settings.host}]` : settings.host;
  const context = {
    listen: `${scheme}://${host}:${settings.port}${settings.path}`,
    keyFile: settings.keyFile,
    counter: winNum,
    silenceLimitMs: settings.silenceLimitMs,
    trial: parts.trial,
  };
  const lifeline = createLifeline<PushFault>({
    link: parts,
    retry: { firstMs: settings.retryFirstMs, capMs: settings.retryCapMs },
    needsAHand: PUSH_NEEDS_A_HAND,
    reason: (fault) => pushReason(fault, context),
    connect: () => connect(),
  });
  const runId = randomUUID();
  const follower = createFollower({
    system: 'http-push',
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    nowMs: () => clock.nowMs(),
    runId,
  });
  const shelf = createShelf(runId);
  let listener: Listener | undefined;
  let proof: ReturnType<typeof createProof> | undefined;
  let heard = false;
  /** From a loss on, until the queue side has said how the counter is. */
  let wantsState = true;
  /** Time of the newest message by their clock. */
  let newestAtMs = 0;

  const connect = () => {
    // Only what was to be heard is lost; the port is still ours.
    if (listener) return;
    const key = readSecretFile(settings.keyFile);
    if ('fault' in key) return lifeline.lost(key.fault);
    proof = createProof({ scheme: settings.auth, key: key.secret, clock });
    listener = openListener({
      ...settings,
      ports: parts.ports,
      trial: parts.trial,
      clock,
      count: lifeline.count,
      quietLog: lifeline.quietLog,
      refuse,
      answer,
      onListening: () => (settings.silenceLimitMs === 0 ? lifeline.ready() : watch()),
      onFault(fault) {
        listener = undefined;
        lose(fault);
      },
    });
  };

  const lose = (fault: PushFault) => {
    wantsState = true;
    lifeline.lost(fault);
  };
  const watch = () => {
    if (settings.silenceLimitMs === 0) return;
    lifeline.arm('silence', settings.silenceLimitMs, () => lose(heard ? 'pushSilent' : 'neverHeard'));
  };

  /** Turned away; while the system is not heard, the clerk reads why. */
  const turnAway = (status: number, error: PushFault): HttpAnswer => {
    lifeline.count('refused');
    lifeline.quietLog('warn', 'queue.refused', { error });
    if (lifeline.state().state === 'lost') lose(error);
    return { status, body: { error } };
  };

  const refuse = (head: Omit<HttpRequest, 'body'>): HttpAnswer | undefined => {
    if (!proof?.head(head)) return turnAway(401, 'wrongKey');
    if (head.path !== settings.path) return { status: 404, body: { error: 'notFound' } };
    if (head.method !== 'POST' && head.method !== 'GET') return { status: 405, body: { error: 'method' } };
    return undefined;
  };

  const answer = (request: HttpRequest): HttpAnswer => {
    if (!proof?.whole(request)) return turnAway(401, 'wrongKey');
    if (request.method === 'GET') {
      hear();
      return {
        status: 200,
        body: { ok: true, ...shelf.read(request.query.get('box'), request.query.get('after')) },
      };
    }
    const message = readPush(request.body.toString('utf8'));
    if (message.type === 'malformed' || message.type === 'version') {
      hear();
      lifeline.refuseMalformed();
      return { status: 400, body: { error: message.type } };
    }
    if (message.counter !== undefined && message.counter !== winNum) return turnAway(409, 'wrongCounter');
    hear();
    switch (message.type) {
      case 'ticket':
        if (typeof message.ticketEvent.at === 'number')
          newestAtMs = Math.max(newestAtMs, message.ticketEvent.at);
        lifeline.push(follower.ticketEvent(message.ticketEvent));
        break;
      case 'operation':
        lifeline.push(follower.operate(message.operation));
        break;
      case 'state':
        if (wasOvertaken(message.atMs)) {
          lifeline.count('duplicates');
          break;
        }
        wantsState = false;
        if (message.clerk) lifeline.handOn(follower.clerkOn(message.clerk));
        lifeline.handOn(follower.state(message.present));
        lifeline.stateTold();
        break;
      default:
        assertNever(message);
    }
    return {
      status: 200,
      body: { ok: true, results: shelf.waiting(), ...(wantsState ? { wants: 'state' } : {}) },
    };
  };

  const wasOvertaken = (atMs: number | undefined): boolean => {
    if (atMs === undefined) return false;
    const behindMs = newestAtMs - atMs;
    if (behindMs > 0 && behindMs < OVERTAKEN_WITHIN_MS) return true;
    newestAtMs = atMs;
    return false;
  };

  const hear = () => {
    heard = true;
    if (lifeline.state().state !== 'ready') lifeline.count('connections');
    lifeline.ready();
    watch();
  };

  return {
    name: 'http-push',
    start: lifeline.begin,
    async stop() {
      lifeline.end();
      const closing = listener;
      listener = undefined;
      await closing?.close();
    },
    state: lifeline.state,
    // One that is never missed has no time to say what is so.
    tellsState: settings.silenceLimitMs !== 0,
    report(result: ServiceResult) {
      const reference = follower.finished(result.serviceKey);
      if (!reference) return;
      if (!shelf.put({ ...reference, rated: result.rated, at: result.atMs })) {
        lifeline.count('resultsDropped');
      }
      lifeline.count('resultsSent');
    },
    counters: lifeline.counters,
  };
}
