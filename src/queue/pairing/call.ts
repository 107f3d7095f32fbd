import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { connect as connectPlain, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import type { Clock } from '../../shared/clock.ts';
import type { PairingFault } from './faults.ts';
import type { PairingAddress } from './offer.ts';

/** One answer of the pairing server is a page of text at most. */
export const MAX_ANSWER_BYTES = 64 * 1024;
/** From the first packet to the last byte: who drips is too slow. */
export const CALL_LIMIT_MS = 5_000;
const MAX_HEADER_BYTES = 8 * 1024;

export type PairingReply =
  | { readonly ok: true; readonly status: number; readonly text: string }
  | { readonly ok: false; readonly fault: PairingFault };

/** A call that is under way. */
export interface Underway<T> {
  readonly done: Promise<T>;
  abort(): void;
}

type Settle<T> = (result: T) => void;

/** SHA-256 of the certificate that a server shows. Nothing is sent to it. */
export function lookAtCertificate(parts: {
  readonly address: PairingAddress;
  readonly clock: Pick<Clock, 'after'>;
}): Underway<
  { readonly ok: true; readonly fingerprint: string } | { readonly ok: false; readonly fault: PairingFault }
> {
  return underway(parts.clock, (settle, keep) => {
    const socket = openTls(parts.address);
    keep(socket);
    socket.once('secureConnect', () => {
      const fingerprint = fingerprintOf(socket);
      settle(fingerprint === undefined ? { ok: false, fault: 'tls' } : { ok: true, fingerprint });
    });
    socket.once('error', (error) => settle({ ok: false, fault: faultOf(error) }));
  });
}

/**
 * Posts JSON and reads the answer, on a connection of its own: no redirect is followed, nothing is sent to a server whose
 * certificate is not the pinned one, and there is a limit on everything.
 */
export function callPairing(parts: {
  readonly address: PairingAddress;
  /** Required where the address is `https`. */
  readonly fingerprint?: string | undefined;
  readonly path: string;
  readonly body: string;
  readonly clock: Pick<Clock, 'after'>;
}): Underway<PairingReply> {
  const { address, fingerprint } = parts;
  return underway<PairingReply>(parts.clock, (settle, keep) => {
    const fail = (fault: PairingFault) => settle({ ok: false, fault });
    const send = (socket: Socket) => {
      const sent = request({
        createConnection: () => socket,
        host: address.host,
        port: address.port,
        method: 'POST',
        path: parts.path,
        maxHeaderSize: MAX_HEADER_BYTES,
        headers: {
          host: new URL(address.origin).host,
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(parts.body),
          accept: 'application/json',
          connection: 'close',
        },
      });
      hear(sent, settle);
      sent.end(parts.body);
    };
    const socket = address.secure
      ? openTls(address)
      : connectPlain({ host: address.host, port: address.port });
    keep(socket);
    socket.once('error', (error) => fail(faultOf(error)));
    if (!address.secure) {
      socket.once('connect', () => send(socket));
      return;
    }
    socket.once('secureConnect', () => {
      if (fingerprint === undefined || fingerprintOf(socket as TLSSocket) !== fingerprint)
        fail('otherCertificate');
      else send(socket);
    });
  });
}

function underway<T extends { readonly ok: boolean }>(
  clock: Pick<Clock, 'after'>,
  begin: (
    settle: Settle<T | { readonly ok: false; readonly fault: PairingFault }>,
    keep: (socket: Socket) => void,
  ) => void,
): Underway<T | { readonly ok: false; readonly fault: PairingFault }> {
  type Result = T | { readonly ok: false; readonly fault: PairingFault };
  let abort = () => {};
  const done = new Promise<Result>((resolve) => {
    const sockets: Socket[] = [];
    const settle = (result: Result) => {
      cancel();
      for (const socket of sockets) socket.destroy();
      resolve(result);
    };
    const cancel = clock.after(CALL_LIMIT_MS, () => settle({ ok: false, fault: 'silent' }));
    abort = () => settle({ ok: false, fault: 'silent' });
    begin(settle, (socket) => sockets.push(socket));
  });
  return { done, abort: () => abort() };
}

function openTls({ host, port }: PairingAddress): TLSSocket {
  return connectTls({
    host,
    port,
    // Whose certificate it is says the fingerprint, and nobody else.
    rejectUnauthorized: false,
    checkServerIdentity: () => undefined,
    minVersion: 'TLSv1.2',
    ...(isIP(host) === 0 ? { servername: host } : {}),
  });
}

function fingerprintOf(socket: TLSSocket): string | undefined {
  const { fingerprint256 } = socket.getPeerCertificate();
  return fingerprint256?.replace(/:/g, '').toLowerCase();
}

function hear(sent: ClientRequest, settle: Settle<PairingReply>): void {
  const fail = (fault: PairingFault) => settle({ ok: false, fault });
  sent.once('error', (error) => fail(faultOf(error)));
  sent.once('response', (answer: IncomingMessage) => {
    const status = answer.statusCode ?? 0;
    if (status >= 300 && status < 400) return fail('redirected');
    const pieces: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (piece: Buffer) => {
      bytes += piece.length;
      if (bytes > MAX_ANSWER_BYTES) fail('oversized');
      else pieces.push(piece);
    });
    answer.once('error', (error) => fail(faultOf(error)));
    answer.once('end', () => settle({ ok: true, status, text: Buffer.concat(pieces).toString('utf8') }));
  });
}

function faultOf(error: Error): PairingFault {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (code === 'HPE_HEADER_OVERFLOW') return 'oversized';
  if (code.startsWith('HPE_')) return 'notPairing';
  if (/^ERR_SSL|^ERR_TLS|^EPROTO$/.test(code)) return 'tls';
  return code === 'ECONNRESET' || code === 'EPIPE' ? 'silent' : 'unreachable';
}
