import { z } from 'zod';
import { parseJson } from '../fields.ts';

/** The pad server's text messages `{code, state, msg, data}` ↔ plain values, pure. docs/queue-links.md, "pad". */

export const PAD_CODES = {
  heartbeat: 40_000,
  login: 40_001,
  badPacket: 40_002,
  unknownCommand: 50_000,
  openAddress: 50_100,
} as const;

const numeric = z.union([
  z.int(),
  z
    .string()
    .regex(/^\d{1,6}$/)
    .transform(Number),
]);
/** `msg` is for people at the server and is not read. */
const MessageSchema = z.object({ code: numeric, state: numeric.nullish(), data: z.unknown().optional() });

export type PadMessage =
  /** A request for the clerk's number, or the answer to it: whoever asked knows which. */
  | { readonly type: 'login'; readonly ok: boolean }
  | { readonly type: 'heartbeat' }
  | { readonly type: 'openAddress'; readonly address: URL }
  /** It did not understand us. */
  | { readonly type: 'complaint'; readonly code: number }
  | { readonly type: 'unknown' }
  | { readonly type: 'malformed' };

/** One text frame as the server sent it. Never throws. */
export function readPadMessage(text: string): PadMessage {
  const read = MessageSchema.safeParse(parseJson(text));
  if (!read.success) return { type: 'malformed' };
  const { code, state, data } = read.data;
  switch (code) {
    case PAD_CODES.login:
      return { type: 'login', ok: state === 1 };
    case PAD_CODES.heartbeat:
      return { type: 'heartbeat' };
    case PAD_CODES.openAddress: {
      const address = readAddress(data);
      return address ? { type: 'openAddress', address } : { type: 'malformed' };
    }
    case PAD_CODES.badPacket:
    case PAD_CODES.unknownCommand:
      return { type: 'complaint', code };
    default:
      return { type: 'unknown' };
  }
}

function readAddress(data: unknown): URL | undefined {
  if (typeof data !== 'string' || data.length > 2000 || !URL.canParse(data)) return undefined;
  const address = new URL(data);
  const plain = address.username === '' && address.password === '';
  return plain && /^https?:$/.test(address.protocol) ? address : undefined;
}

export const writeLogin = (workNo: string, key: string): string =>
  JSON.stringify({ code: PAD_CODES.login, data: { work_no: workNo, key } });

/** @param atMs UTC ms. */
export const writeHeartbeat = (atMs: number): string =>
  JSON.stringify({ code: PAD_CODES.heartbeat, data: atMs });

/** The case number in an address, under the first of the names that is there and fits. */
export function caseInAddress(address: URL, names: readonly string[]): string | undefined {
  for (const name of names) {
    const value = address.searchParams.get(name)?.trim() ?? '';
    if (/^[\w-]{1,50}$/.test(value)) return value;
  }
  return undefined;
}
