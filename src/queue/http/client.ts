import { Agent, type IncomingMessage, request as plainRequest } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import type { Clock } from '../../shared/clock.ts';
import { faultOfError, type NetworkFault } from '../reasons.ts';

export interface HttpReply {
  readonly status: number;
  readonly header: (name: string) => string | undefined;
  readonly text: string;
}

export interface HttpQuestion {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly maxBytes: number;
}

/**
 * Asks one server, one question at a time, with limits on everything the other side decides: time from the first to
 * the last byte, and size. Follows no redirect, unpacks nothing. Never rejects.
 */
export function createHttpClient(parts: {
  readonly ca: string | undefined;
  readonly clock: Clock;
  readonly limitMs: number;
}) {
  const options = { keepAlive: true, maxSockets: 2 };
  const plain = new Agent(options);
  const tls = new TlsAgent({
    ...options,
    // Only this authority, not this one besides the public ones: the hall knows who signed its server.
    ...(parts.ca === undefined ? {} : { ca: parts.ca }),
    minVersion: 'TLSv1.2',
  });
  const giveUps = new Set<() => void>();

  const once = (question: HttpQuestion): Promise<HttpReply | { fault: NetworkFault; stale?: boolean }> =>
    new Promise((resolve) => {
      let over = false;
      const end = (result: HttpReply | { fault: NetworkFault; stale?: boolean }) => {
        if (over) return;
        over = true;
        cancel();
        giveUps.delete(giveUp);
        resolve(result);
      };
      const secure = question.url.startsWith('https:');
      const request = (secure ? tlsRequest : plainRequest)(question.url, {
        agent: secure ? tls : plain,
        method: question.method,
        maxHeaderSize: 16 * 1024,
        headers: {
          Accept: 'application/json',
          'Accept-Encoding': 'identity',
          ...question.headers,
          ...(question.body === undefined
            ? {}
            : {
                'Content-Type': 'application/json; charset=utf-8',
                'Content-Length': Buffer.byteLength(question.body),
              }),
        },
      });
      const stopWith = (fault: NetworkFault) => {
        end({ fault });
        request.destroy();
      };
      const giveUp = () => stopWith('closed');
      giveUps.add(giveUp);
      let connected = false;
      const cancel = parts.clock.after(parts.limitMs, () =>
        stopWith(connected ? 'silent' : 'connectTimeout'),
      );
      request.on('socket', (socket) => {
        if (socket.connecting) socket.once('connect', () => (connected = true));
        else connected = true;
      });
      request.on('response', (response) => {
        readAll(response, question.maxBytes)
          .then((text) => {
            if (text === undefined) return stopWith('oversized');
            return end({ status: response.statusCode ?? 0, header: headerOf(response), text });
          })
          .catch((error: unknown) => end({ fault: error instanceof Error ? faultOfError(error) : 'closed' }));
      });
      request.on('error', (error) =>
        end({ fault: faultOfError(error), stale: request.reusedSocket && !isTimeout(error) }),
      );
      request.end(question.body);
    });

  return {
    async ask(question: HttpQuestion): Promise<HttpReply | { readonly fault: NetworkFault }> {
      const first = await once(question);
      // A server may end a kept connection in the instant it is used again: that is no loss.
      return 'fault' in first && first.stale === true ? once(question) : first;
    },
    /** Every question under way ends with a fault. */
    close(): void {
      for (const giveUp of [...giveUps]) giveUp();
      plain.destroy();
      tls.destroy();
    },
  };
}
export type HttpClient = ReturnType<typeof createHttpClient>;

/** @returns undefined when there is more of it than allowed. */
async function readAll(response: IncomingMessage, maxBytes: number): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function headerOf(response: IncomingMessage) {
  return (name: string): string | undefined => {
    const value = response.headers[name];
    return typeof value === 'string' ? value : undefined;
  };
}

function isTimeout(error: Error): boolean {
  return 'code' in error && error.code === 'ETIMEDOUT';
}
