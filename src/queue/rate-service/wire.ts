import { z } from 'zod';

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

const scalar = z.union([z.string(), z.number().transform(String)]);

/** An id of theirs: kept as it came, bounded; keys encode it. */
const id = (maxLength: number) => scalar.pipe(z.string().trim().min(1).max(maxLength));

/** Text for people: control characters become spaces, too long is cut, empty is absent. */
const display = (maxLength: number) =>
  scalar
    .nullish()
    .transform((text) => cleanText(text ?? '', maxLength))
    .transform((text) => (text === '' ? undefined : text));

/** Codes of cases and items; wrong length means wrong code, so it is left out and not cut. */
const optionalCode = (maxLength: number) =>
  display(1000).transform((text) => (text !== undefined && text.length <= maxLength ? text : undefined));

// biome-ignore lint/suspicious/noControlCharactersInRegex: taking control characters out is the point
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]+/g;

/** Fit to be shown: well-formed, without control characters, at most `maxLength` UTF-16 units. */
export function cleanText(text: string, maxLength: number): string {
  const clean = text.toWellFormed().replace(CONTROL_CHARACTERS, ' ').trim();
  const cut = clean.slice(0, maxLength);
  // Never half a character at the cut.
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

const aliased = <Shape extends z.ZodType>(shape: Shape) => z.preprocess(knownKeys, shape);

const OPERATIONS = {
  pause: 'pause',
  resume: 'resume',
  reset: 'reset',
  '0': 'pause',
  '1': 'resume',
  '2': 'reset',
} as const;
const operationNames = Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[];

const RateQuestSchema = aliased(z.object({ rateId: id(100), item: display(200), date: display(40) }));
const RateOperateSchema = aliased(
  z.object({
    operate: scalar
      .transform((text) => text.trim().toLowerCase())
      .pipe(z.enum(operationNames))
      .transform((name) => OPERATIONS[name]),
  }),
);

const ticketShape = {
  ticketNo: id(40),
  queue: display(60),
  serial: scalar
    .nullish()
    .transform((text) => text ?? '')
    .pipe(z.string().max(100)),
  handling: z
    .int()
    .min(1)
    .max(9999)
    .nullish()
    .transform((count) => count ?? 1),
  rateId: id(100)
    .nullish()
    .transform((one) => one ?? undefined),
  item: display(200),
  projectNo: optionalCode(50),
  taskCode: optionalCode(33),
  date: display(40),
};
const TicketSchema = aliased(z.object(ticketShape));
const TicketEventSchema = aliased(
  z.object({
    ...ticketShape,
    eventId: id(100),
    kind: z.enum(['called', 'recalled', 'served', 'skipped', 'transferred']),
    at: z.union([z.number(), z.string().max(40)]).nullish(),
  }),
);
const StateSchema = aliased(
  z.object({
    paused: z.boolean(),
    phase: z.enum(['idle', 'serving', 'rating']),
    ticket: TicketSchema.nullish().transform((ticket) => ticket ?? undefined),
  }),
);
const UserListSchema = z.array(aliased(z.object({ userCode: id(32), userName: display(40) }))).max(1000);

export type RateQuest = z.output<typeof RateQuestSchema>;
export type Ticket = z.output<typeof TicketSchema>;
export type TicketEvent = z.output<typeof TicketEventSchema>;
export type HallState = z.output<typeof StateSchema>;

export type Incoming =
  | { readonly type: 'rateQuest'; readonly rateQuest: RateQuest }
  | { readonly type: 'operate'; readonly operation: 'pause' | 'resume' | 'reset' }
  | { readonly type: 'ticketEvent'; readonly ticketEvent: TicketEvent }
  | { readonly type: 'reply'; readonly request: string; readonly code: number; readonly result: unknown }
  | { readonly type: 'unknown' }
  | { readonly type: 'malformed' };

const EnvelopeSchema = z.union([
  z.object({ method: z.string().min(1).max(100), param: z.unknown() }),
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
    result: z.unknown(),
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
      const read = TicketEventSchema.safeParse(param);
      return read.success ? { type: 'ticketEvent', ticketEvent: read.data } : { type: 'malformed' };
    }
    default:
      return { type: 'unknown' };
  }
}

/** Result of GetState. */
export function readState(result: unknown): HallState | undefined {
  const read = StateSchema.safeParse(result);
  return read.success ? read.data : undefined;
}

/** The name of one user in the result of GetUserList, if it is there. */
export function readUserName(result: unknown, userCode: string): string | undefined {
  const read = UserListSchema.safeParse(result);
  return read.success ? read.data.find((user) => user.userCode === userCode)?.userName : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
