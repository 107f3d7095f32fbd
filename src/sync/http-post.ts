/// <reference path="./undici-parts.d.ts" />
import type { Answer, Post, PostRequest, TransportFailure } from './answer.ts';

/** An acknowledgement is some hundred bytes; what is longer is not for us. */
const MAX_REPLY_BYTES = 64 * 1024;

/**
 * HTTP with limits on everything: connecting, headers, each pause in the body, the whole exchange, the size of
 * the reply. Redirects are not followed: a rating goes where the configuration says and nowhere else.
 *
 * @param baseUrl an origin (`https://host:port`); a path in it is a mistake in the configuration and thrown.
 * @param ca PEM of the authority that signs the province's certificate, if it is not a public one.
 * @param timeoutMs for the whole exchange.
 */
export function createHttpPost(parts: {
  readonly baseUrl: string;
  readonly ca?: string;
  readonly timeoutMs: number;
  /** Of one reply; an acknowledgement's measure unless told otherwise. */
  readonly maxReplyBytes?: number;
}): Post & { close(): Promise<void> } {
  const { timeoutMs, ca, maxReplyBytes = MAX_REPLY_BYTES } = parts;
  const base = new URL(parts.baseUrl);
  if (base.pathname !== '/' || base.search !== '')
    throw new Error(`the province's address ${parts.baseUrl} has a path; give only https://host:port`);
  // Loaded with the first delivery, for it is nothing on the way to a screen; and of the package these two parts alone:
  // the whole of it is 11 MB more and keeps a press waiting for a tenth of a second.
  const open = async () => {
    const [{ default: Agent }, { default: request }] = await Promise.all([
      import('undici/lib/dispatcher/agent.js'),
      import('undici/lib/api/api-request.js'),
    ]);
    const agent = new Agent({
      connect: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      keepAliveTimeout: 30_000,
      connections: 2,
      pipelining: 1,
    });
    return { agent, request: request.bind(agent) };
  };
  let opened: ReturnType<typeof open> | undefined;

  const post = async ({ path, headers, body, signal }: PostRequest): Promise<Answer> => {
    // Bounds a reply that drips byte by byte, which no limit on a single pause would.
    const deadline = AbortSignal.timeout(timeoutMs);
    try {
      opened ??= open();
      const { request } = await opened;
      const { origin, pathname, search } = new URL(path, base);
      const reply = await request({
        origin,
        path: pathname + search,
        method: 'POST',
        headers,
        body,
        signal: AbortSignal.any([signal, deadline]),
      });
      const text = await readReply(reply.body, maxReplyBytes);
      if (text === undefined)
        return failed('tooLong', `the reply is longer than ${maxReplyBytes} bytes`, base);
      const retryAfter = single(reply.headers['retry-after']);
      const date = single(reply.headers['date']);
      return {
        kind: 'reply',
        status: reply.statusCode,
        body: text,
        ...(retryAfter === undefined ? {} : { retryAfter }),
        ...(date === undefined ? {} : { date }),
      };
    } catch (error) {
      if (signal.aborted) return failed('aborted', 'the request was given up', base);
      if (deadline.aborted) return failed('timeout', `no whole reply within ${timeoutMs} ms`, base);
      return failed(failureOf(error), detailOf(error), base);
    }
  };
  return Object.assign(post, {
    async close() {
      await (await opened)?.agent.destroy();
    },
  });
}

async function readReply(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}

function failed(failure: TransportFailure, detail: string, base: URL): Answer {
  return { kind: 'failed', failure, message: `${SENTENCES[failure]} (${base.origin}: ${detail})` };
}

const SENTENCES: Readonly<Record<TransportFailure, string>> = {
  unreachable: 'The province cannot be reached. Check the network cable, the address and the firewall.',
  timeout: 'The province did not answer in time.',
  tls: "The province's certificate is not trusted. Check its authority in the configuration and the clock.",
  tooLong: "The province's address answers with something else than the province.",
  broken: 'The connection to the province broke off.',
  aborted: 'Sending was ended.',
};

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENETDOWN',
  'EADDRNOTAVAIL',
  'EACCES',
]);
const TIMEOUTS = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
]);

function failureOf(error: unknown): TransportFailure {
  const code = codeOf(error);
  if (UNREACHABLE.has(code)) return 'unreachable';
  if (TIMEOUTS.has(code)) return 'timeout';
  return /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/.test(code) ? 'tls' : 'broken';
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

function detailOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return [codeOf(error), message].filter((part) => part !== '').join(' ');
}
