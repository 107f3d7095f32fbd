import { randomUUID } from 'node:crypto';
import { createBoundedMap } from './bounded.ts';
import { readCa } from './ca-file.ts';
import { createFollower } from './follow.ts';
import { createHttpClient, type HttpClient, type HttpReply } from './http/client.ts';
import { compareFqm, type FqmLook, type FqmTicket, readFqmTickets } from './http/fqm.ts';
import { type PollEvent, readPoll } from './http/message.ts';
import { POLL_NEEDS_A_HAND, type PollFault, pollReason } from './http/reasons.ts';
import { retryAfterMs } from './http/retry-after.ts';
import type { HttpPollSettings } from './http/settings.ts';
import { createLifeline } from './lifeline.ts';
import type { LinkParts, QueueLink, ServiceResult } from './queue-link.ts';
import { createResultBox } from './result-box.ts';
import { readSecretFile } from './secret-file.ts';

const MAX_BYTES = { yiping: 64 * 1024, fqm: 512 * 1024 } as const;
/** FQM gives its list in chunks; more than these cannot be looked at within a second. */
const MAX_CHUNKS = 20;
/** No chunk is smaller than this unless it is the last. */
const SMALLEST_CHUNK = 10;
/** Some days of a busy counter. */
const MEMORY = 4000;

type Looked =
  | 'same'
  | { readonly fault: PollFault; readonly waitMs?: number }
  | { readonly take: () => void };

/**
 * HTTP polling: asks every 0.8 s how the counter is. Each answer is the present state; what happened between two
 * answers is told besides, where the system can tell it.
 */
export function createHttpPollLink(parts: LinkParts<HttpPollSettings>): QueueLink {
  const { settings, clock } = parts;
  const random = parts.random ?? Math.random;
  const winNum = settings.winNum ?? parts.counter;
  const url = settings.url.replaceAll('{counter}', encodeURIComponent(winNum));
  const resultUrl = settings.resultUrl?.replaceAll('{counter}', encodeURIComponent(winNum));
  const lifeline = createLifeline<PollFault>({
    link: parts,
    retry: { firstMs: settings.retryFirstMs, capMs: settings.retryCapMs },
    needsAHand: POLL_NEEDS_A_HAND,
    reason: (fault) =>
      pollReason(fault, {
        address: new URL(url).host,
        counter: winNum,
        requestLimitMs: settings.requestLimitMs,
        caFile: settings.caFile,
        keyFile: settings.keyFile,
        service: '叫号接口',
        scheme: 'https',
      }),
    connect: () => connect(),
  });
  const follower = createFollower({
    system: 'http-poll',
    hall: parts.hall,
    counter: parts.counter,
    timezone: parts.timezone,
    nowMs: () => clock.nowMs(),
    runId: randomUUID(),
  });
  const results = createResultBox();
  const passed = createBoundedMap<string, true>(MEMORY);
  let client: HttpClient | undefined;
  let authorization: string | undefined;
  let etag: string | undefined;
  let fqm: { readonly look: FqmLook; readonly lookedAtMonoMs: number } | undefined;
  /** The first answer after a start or a loss is the present and nothing else: what happened meanwhile is over. */
  let fresh = true;
  let notBeforeMonoMs = Number.NEGATIVE_INFINITY;

  const connect = () => {
    // The server said itself when it wants to be asked again: that lengthens our own wait and never shortens it.
    const tooEarlyMs = notBeforeMonoMs - clock.monoMs();
    if (tooEarlyMs > 0) return lifeline.arm('retry', tooEarlyMs, connect);
    const ca = readCa(settings.caFile);
    if (ca === 'caFile') return lose('caFile');
    if (settings.keyFile !== undefined) {
      const key = readSecretFile(settings.keyFile);
      if ('fault' in key) return lose(key.fault);
      authorization = settings.profile === 'fqm' ? key.secret : `Bearer ${key.secret}`;
    }
    client ??= createHttpClient({ ca, clock, limitMs: settings.requestLimitMs });
    void poll(client);
  };

  const lose = (fault: PollFault, waitMs?: number) => {
    if (fault === 'oversized') lifeline.count('oversized');
    client?.close();
    client = undefined;
    etag = undefined;
    fresh = true;
    results.unsend();
    notBeforeMonoMs = clock.monoMs() + (waitMs ?? 0);
    lifeline.lost(fault);
  };

  const poll = async (asking: HttpClient): Promise<void> => {
    // First what happened here, then what is so there: else the answer would open what is already rated.
    const looked = (await sendResults(asking)) ?? (await lookAt(asking));
    if (lifeline.ended() || asking !== client) return;
    if (looked !== 'same' && 'fault' in looked) return lose(looked.fault, looked.waitMs);
    if (lifeline.state().state !== 'ready') lifeline.count('connections');
    lifeline.ready();
    if (looked !== 'same') {
      looked.take();
      lifeline.stateTold();
    }
    fresh = false;
    // Never all tablets of a hall at the same instant.
    const waitMs = settings.pollEveryMs * (0.9 + 0.1 * random());
    lifeline.arm('poll', waitMs, () => void poll(asking));
  };

  const sendResults = async (asking: HttpClient): Promise<Looked | undefined> => {
    if (resultUrl === undefined) return undefined;
    for (const result of results.unsent()) {
      const reply = await asking.ask({
        method: 'POST',
        url: resultUrl,
        headers: credentials(),
        body: JSON.stringify({ counter: winNum, ...result }),
        maxBytes: MAX_BYTES.yiping,
      });
      const fault = faultOf(reply);
      // What it does not want of this one result it will not want later either.
      const unwanted = 'status' in reply && [400, 404, 409, 410, 422].includes(reply.status);
      if (fault && !unwanted) return fault;
      if (fault)
        lifeline.quietLog('warn', 'queue.requestRefused', { code: 'status' in reply ? reply.status : 0 });
      results.answered();
    }
    return undefined;
  };

  const credentials = (): Readonly<Record<string, string>> =>
    authorization === undefined ? {} : { Authorization: authorization };

  const lookAt = (asking: HttpClient) =>
    settings.profile === 'fqm' ? lookAtFqm(asking) : lookAtOurs(asking);

  const lookAtOurs = async (asking: HttpClient): Promise<Looked> => {
    const reply = await asking.ask({
      method: 'GET',
      url,
      headers: { ...credentials(), ...(etag === undefined ? {} : { 'If-None-Match': etag }) },
      maxBytes: MAX_BYTES.yiping,
    });
    if ('status' in reply && reply.status === 304 && etag !== undefined) return 'same';
    const fault = faultOf(reply);
    if (fault) return fault;
    if (!('status' in reply)) return reply;
    lifeline.count('messages');
    const message = readPoll(reply.text);
    if (message.type !== 'state') {
      lifeline.refuseMalformed();
      return { fault: 'notReadable' };
    }
    if (message.counter !== undefined && message.counter !== winNum) {
      lifeline.count('refused');
      return { fault: 'wrongCounter' };
    }
    etag = reply.header('etag');
    return {
      take() {
        if (message.clerk) lifeline.handOn(follower.clerkOn(message.clerk));
        take(message.events);
        lifeline.handOn(follower.state(message.present));
      },
    };
  };

  const take = (events: readonly PollEvent[]) => {
    const here = new Set<string>();
    for (const event of events) {
      // Each answer holds the last events once more; twice in one answer was said twice.
      if (here.has(event.eventId)) lifeline.count('duplicates');
      else if (!fresh && !passed.has(event.eventId)) lifeline.push(happened(event));
      here.add(event.eventId);
      passed.set(event.eventId, true);
    }
  };

  const happened = (event: PollEvent) =>
    'ticketNo' in event ? follower.ticketEvent(event) : follower.operate(event.kind);

  const lookAtFqm = async (asking: HttpClient): Promise<Looked> => {
    const tickets: FqmTicket[] = [];
    let size = 0;
    for (let chunk = 1; ; chunk += 1) {
      if (chunk > MAX_CHUNKS) return { fault: 'tooManyTickets' };
      const page = new URL(url);
      page.searchParams.set('processed', 'true');
      page.searchParams.set('chunk', String(chunk));
      const reply = await asking.ask({
        method: 'GET',
        url: page.href,
        headers: credentials(),
        maxBytes: MAX_BYTES.fqm,
      });
      const fault = faultOf(reply);
      if (fault) return fault;
      if (!('status' in reply)) return reply;
      lifeline.count('messages');
      const read = readFqmTickets(reply.text);
      if (!read) {
        lifeline.refuseMalformed();
        return { fault: 'notReadable' };
      }
      // A server that knows no chunks gives the same list again.
      const again = read.length > 0 && tickets.some((one) => one.id === read[0]?.id);
      if (again) break;
      tickets.push(...read);
      // The first chunk shows how large a full one is; a smaller one is the last.
      size = Math.max(size, read.length);
      if (read.length < size || read.length < SMALLEST_CHUNK) break;
    }
    return {
      take() {
        const lookedAtMonoMs = clock.monoMs();
        const before = fqm && {
          look: fqm.look,
          lookedBeforeMs: lookedAtMonoMs - fqm.lookedAtMonoMs,
          ...(fresh ? { wasLost: true as const } : {}),
        };
        const compared = compareFqm(before, tickets, {
          offices: settings.offices ?? {},
          tasks: settings.tasks ?? {},
          processedMeans: settings.processedMeans,
          counter: parts.counter,
        });
        fqm = { look: compared.look, lookedAtMonoMs };
        for (const event of compared.happened) lifeline.push(follower.ticketEvent(event));
        lifeline.handOn(follower.state(compared.present));
      },
    };
  };

  const faultOf = (
    reply: HttpReply | { readonly fault: PollFault },
  ): { fault: PollFault; waitMs?: number } | undefined => {
    if ('fault' in reply) return reply;
    const { status } = reply;
    if (status >= 200 && status < 300) return undefined;
    if (status === 429 || status === 503) {
      const waitMs = retryAfterMs(reply.header('retry-after'), clock.nowMs());
      return { fault: 'busy', ...(waitMs === undefined ? {} : { waitMs }) };
    }
    if (status === 401 || status === 403) return { fault: 'unauthorized' };
    if (status === 404 || status === 405 || status === 410) return { fault: 'notFound' };
    return { fault: status >= 300 && status < 400 ? 'redirected' : 'badStatus' };
  };

  return {
    name: 'http-poll',
    start: lifeline.begin,
    async stop() {
      lifeline.end();
      client?.close();
      client = undefined;
    },
    state: lifeline.state,
    tellsState: true,
    report(result: ServiceResult) {
      const reference = follower.finished(result.serviceKey);
      if (resultUrl === undefined || !reference) return;
      if (!results.put({ ...reference, rated: result.rated, at: result.atMs }))
        lifeline.count('resultsDropped');
      lifeline.count('resultsSent');
    },
    counters: lifeline.counters,
  };
}
