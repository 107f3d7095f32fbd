import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';

/** Splits a byte stream into whole HTTP/1.1 messages with a Content-Length; bytes are kept as they came. */
export function createMessageReader(): { push(chunk: Buffer): readonly Buffer[] } {
  let held = Buffer.alloc(0);
  return {
    push(chunk) {
      held = Buffer.concat([held, chunk]);
      const whole: Buffer[] = [];
      for (let end = endOfMessage(held); end !== undefined; end = endOfMessage(held)) {
        whole.push(held.subarray(0, end));
        held = held.subarray(end);
      }
      return whole;
    },
  };
}

export function bodyStart(message: Buffer): number {
  const at = message.indexOf('\r\n\r\n');
  return at < 0 ? message.length : at + 4;
}

function endOfMessage(bytes: Buffer): number | undefined {
  if (!bytes.includes('\r\n\r\n')) return undefined;
  const start = bodyStart(bytes);
  const length = /^content-length: *(\d+)/im.exec(bytes.subarray(0, start).toString('latin1'))?.[1] ?? '0';
  const end = start + Number(length);
  return bytes.length >= end ? end : undefined;
}

/**
 * One exchange with the far end, on a connection of its own.
 *
 * @param send writes the request; by default at once and whole.
 * @returns the whole reply, or undefined when none came.
 */
export function exchangeWith(
  target: { readonly host: string; readonly port: number },
  request: Buffer,
  send: (socket: Socket, request: Buffer) => void = (socket) => socket.write(request),
): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ ...target, noDelay: true }, () => send(socket, request));
    const reader = createMessageReader();
    socket.on('data', (chunk) => {
      const [reply] = reader.push(chunk);
      if (!reply) return;
      resolve(reply);
      socket.destroy();
    });
    // Its end is told by 'close'; an error without a listener would end the process.
    socket.on('error', () => {});
    socket.on('close', () => resolve(undefined));
  });
}

export function httpReply(
  status: number,
  body: string,
  headers: Readonly<Record<string, string>> = {},
): Buffer {
  const lines = Object.entries({ 'content-length': String(Buffer.byteLength(body)), ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`HTTP/1.1 ${status} Said by the proxy\r\n${head}\r\n${body}`);
}

/** Writes a little now and then until everything is out or nobody reads any more. */
export function drip(to: Duplex, bytes: Buffer, step: { readonly size: number; readonly ms: number }): void {
  let at = 0;
  const timer = setInterval(() => {
    if (to.destroyed || at >= bytes.length) {
      clearInterval(timer);
      return;
    }
    to.write(bytes.subarray(at, at + step.size));
    at += step.size;
  }, step.ms);
  to.once('close', () => clearInterval(timer));
}
