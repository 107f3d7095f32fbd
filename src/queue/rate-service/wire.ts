import { z } from 'zod';
import { display, id, parseJson, scalar } from '../fields.ts';
import {
  type Operation,
  type Present,
  presentShape,
  type RateRequest,
  requestShape,
  type TicketEvent,
  ticketEventShape,
  ticketShape,
} from '../ticket.ts';

/**
 * RateService text messages ↔ plain values, pure. Published (code and document of JackQChen/QueueSystem):
 *
 *   request, push   {"method": "Login", "param": {…}}
 *   reply           {"request": "Login", "code": "0", "result": …}
 *
 * Read tolerantly: code and document spell keys differently, codes come as text or number. Every value is
 * bounded and cleaned here, so that nothing behind this file sees raw text from outside.
 */

export const REPLY_CODES = {
  ok: 0,
  unknownMethod: 999,
  notLoggedIn: 1000,
  noPermission: 1001,
  wrongWindowOrUser: 1002,
  ratingFailed: 1003,
} as const;

/** Our name of a key ← the spellings seen, in lower case. Reading compares without regard to case. */
const ALIASES = {
  winNum: ['winnum', 'windownumber', 'windowno', 'winno'],
  userCode: ['usercode', 'usernumber', 'userno'],
  userName: ['username'],
  rateId: ['rateid'],
  item: ['item', 'itemname'],
  date: ['date', 'workdate'],
  operate: ['operate', 'operation'],
  eventId: ['eventid'],
  kind: ['kind'],
  ticketNo: ['ticketno', 'ticketnumber'],
  queue: ['queue', 'queuename'],
  serial: ['serial'],
  handling: ['handling'],
  projectNo: ['projectno'],
  taskCode: ['taskcode'],
  at: ['at'],
  token: ['token'],
  paused: ['paused'],
  phase: ['phase'],
  ticket: ['ticket'],
} as const satisfies Record<string, readonly string[]>;
type Key = keyof typeof ALIASES;

const KEY_BY_SPELLING = new Map<string, Key>(
  Object.entries(ALIASES).flatMap(([key, spellings]) => spellings.map((one) => [one, key as Key] as const)),
);

/** Keys we write that the document spells differently from the code. */
const DOCUMENT_SPELLING: Readonly<Record<string, string>> = {
  winNum: 'WindowNumber',
  userCode: 'UserNumber',
  rateId: 'RateID',
};

export type Spelling = 'code' | 'document';

/** One message to the server. */
export function writeRequest(
  method: string,
  param: Readonly<Record<string, string | number | boolean>>,
  spelling: Spelling,
): string {
  const spelt = Object.entries(param).map(([key, value]) => [
    spelling === 'document' ? (DOCUMENT_SPELLING[key] ?? key) : key,
    value,
  ]);
  return JSON.stringify({ method, param: Object.fromEntries(spelt) });
}

/** Only keys we know; the first of several spellings of one key counts. `transactor` is no key of ours. */
function knownKeys(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const known = new Map<string, unknown>();
  for (const [spelling, one] of Object.entries(value)) {
    const key = KEY_BY_SPELLING.get(spelling.toLowerCase());
    if (key !== undefined && !known.has(key)) known.set(key, one);
  }
  return Object.fromEntries(known);
}

const aliased = <Shape extends z.ZodType>(shape: Shape) => z.preprocess(knownKeys, shape);

const OPERATION_NAMES = {
  pause: 'pause',
  resume: 'resume',
  reset: 'reset',
  '0': 'pause',
  '1': 'resume',
  '2': 'reset',
} as const;
const operationNames = Object.keys(OPERATION_NAMES) as (keyof typeof OPERATION_NAMES)[];

const RateQuestSchema = aliased(z.object(requestShape));
const RateOperateSchema = aliased(
  z.object({
    operate: scalar
      .transform((text) => text.trim().toLowerCase())
      .pipe(z.enum(operationNames))
      .transform((name) => OPERATION_NAMES[name]),
  }),
);

const StateSchema = aliased(
  z.object({
    ...presentShape,
    ticket: aliased(z.object(ticketShape))
      .nullish()
      .transform((ticket) => ticket ?? undefined),
  }),
);
const TicketMessageSchema = aliased(z.object(ticketEventShape));
const UserListSchema = z.array(aliased(z.object({ userCode: id(32), userName: display(40) }))).max(1000);

export type Incoming =
  | { readonly type: 'rateQuest'; readonly rateQuest: RateRequest }
  | { readonly type: 'operate'; readonly operation: Operation }
  | { readonly type: 'ticketEvent'; readonly ticketEvent: TicketEvent }
  | { readonly type: 'reply'; readonly request: string; readonly code: number; readonly result: unknown }
  | { readonly type: 'unknown' }
  | { readonly type: 'malformed' };

/** What there is nothing to say in may be left out: some serializers drop what is null. */
const EnvelopeSchema = z.union([
  z.object({ method: z.string().min(1).max(100), param: z.unknown().optional() }),
  z.object({
    request: z
      .string()
      .max(100)
      .nullish()
      .transform((request) => request ?? ''),
    code: z.union([
      z.int(),
      z
        .string()
        .regex(/^\d{1,6}$/)
        .transform(Number),
    ]),
    result: z.unknown().optional(),
  }),
]);

/** One text frame as the server sent it. Never throws, never returns text that was not bounded and cleaned. */
export function readMessage(text: string): Incoming {
  const envelope = EnvelopeSchema.safeParse(parseJson(text));
  if (!envelope.success) return { type: 'malformed' };
  if (!('method' in envelope.data)) {
    const { request, code, result } = envelope.data;
    return { type: 'reply', request: request.trim().toLowerCase(), code, result };
  }
  const { method, param } = envelope.data;
  switch (method.trim().toLowerCase()) {
    case 'ratequest': {
      const read = RateQuestSchema.safeParse(param);
      return read.success ? { type: 'rateQuest', rateQuest: read.data } : { type: 'malformed' };
    }
    case 'rateoperate': {
      const read = RateOperateSchema.safeParse(param);
      return read.success ? { type: 'operate', operation: read.data.operate } : { type: 'malformed' };
    }
    case 'ticketevent': {
      const read = TicketMessageSchema.safeParse(param);
      return read.success ? { type: 'ticketEvent', ticketEvent: read.data } : { type: 'malformed' };
    }
    default:
      return { type: 'unknown' };
  }
}

/** Result of GetState. */
export function readState(result: unknown): Present | undefined {
  const read = StateSchema.safeParse(result);
  return read.success ? read.data : undefined;
}

/** The name of one user in the result of GetUserList, if it is there. */
export function readUserName(result: unknown, userCode: string): string | undefined {
  const read = UserListSchema.safeParse(result);
  return read.success ? read.data.find((user) => user.userCode === userCode)?.userName : undefined;
}
