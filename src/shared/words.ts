import { z } from 'zod';

/**
 * The words of the house (docs/glossary.md) as types and schemas. Every name here is the only name for its
 * thing; adapters at the edges convert other people's scales and spellings into these.
 */

/** The one internal scale: 5 = 非常满意 … 1 = 非常不满意 (interface field `satisfaction`). Adapters convert. */
export const LEVELS = [5, 4, 3, 2, 1] as const;
export type Level = (typeof LEVELS)[number];
export const LevelSchema = z.union([z.literal(5), z.literal(4), z.literal(3), z.literal(2), z.literal(1)]);

/** 差评: levels 1 and 2, in every policy that defines it. */
export function isBad(level: Level): boolean {
  return level <= 2;
}

/** Text that came from outside: well-formed Unicode, no control characters, bounded. */
export function outsideText(maxLength: number) {
  return (
    z
      .string()
      .max(maxLength)
      .refine((text) => text.isWellFormed(), 'must be well-formed Unicode')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: refusing control characters is the point
      .refine((text) => !/[\u0000-\u001f\u007f]/.test(text), 'must not hold control characters')
  );
}

/** Unique for ever: hall + business date + queue + number + serial (design: ticketKey). */
export const TicketKeySchema = outsideText(200).min(1).brand<'TicketKey'>();
export type TicketKey = z.output<typeof TicketKeySchema>;

/** One handling of one ticket at one counter. One service, one rating. */
export const ServiceKeySchema = outsideText(240).min(1).brand<'ServiceKey'>();
export type ServiceKey = z.output<typeof ServiceKeySchema>;

/** One time in which a service may be rated; a UUIDv7. */
export const InvitationIdSchema = z.uuid().brand<'InvitationId'>();
export type InvitationId = z.output<typeof InvitationIdSchema>;

/** The device as the province knows it: letters, digits, dash; part of addresses. */
export const DeviceIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9-]{2,63}$/, 'must be 3–64 letters, digits or dashes')
  .brand<'DeviceId'>();
export type DeviceId = z.output<typeof DeviceIdSchema>;

/** How an invitation ended. Silence is never a rating. */
export const OUTCOMES = ['rated', 'declined', 'timedOut', 'superseded', 'interrupted', 'notInvited'] as const;
export const OutcomeSchema = z.enum(OUTCOMES);
export type Outcome = z.output<typeof OutcomeSchema>;

/** Where a press came from. */
export const SOURCES = ['touch', 'serial', 'hid', 'keyboard', 'phone'] as const;
export const SourceSchema = z.enum(SOURCES);
export type Source = z.output<typeof SourceSchema>;

export const LOCALES = ['zh-CN', 'en'] as const;
export const LocaleSchema = z.enum(LOCALES);
export type Locale = z.output<typeof LocaleSchema>;

/** A name shown to people in both languages; `en` falls back to the Chinese one. */
export const NameSchema = z.strictObject({
  'zh-CN': outsideText(60).min(1),
  en: outsideText(120).optional(),
});
export type Name = z.output<typeof NameSchema>;

/** The clerk as the queue-calling system or the site's settings name them. `stars` is the clerk's own grade. */
export const ClerkSchema = z.strictObject({
  name: outsideText(40).optional(),
  number: outsideText(32).min(1),
  stars: z.int().min(0).max(5).optional(),
});
export type Clerk = z.output<typeof ClerkSchema>;

/** 办件 and 事项; both optional on a service. */
export const CaseSchema = z.strictObject({
  projectNo: outsideText(50).optional(),
  taskCode: outsideText(33).optional(),
  taskName: outsideText(200).optional(),
});
export type Case = z.output<typeof CaseSchema>;

/** Names a served-ticket token (`jti`), which proves one service and no other. */
export const TokenIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9_-]{16,64}$/, 'must be 16–64 letters, digits, dashes or underscores');

/**
 * Why a served-ticket token proves nothing.
 * - `malformed` no token of this make · `unknownKey` of a key this site does not trust · `forged` not signed by that key
 * - `otherCounter`, `otherTicket` good, and for somebody else · `notYet`, `expired` by the clock
 * - `replayed` it has proven another service
 */
export const TOKEN_REASONS = [
  'malformed',
  'unknownKey',
  'forged',
  'otherCounter',
  'otherTicket',
  'notYet',
  'expired',
  'replayed',
] as const;
export type TokenReason = (typeof TOKEN_REASONS)[number];

/** What the tablet found of the served-ticket token that came with a service, or did not. */
export const TokenCheckSchema = z.discriminatedUnion('result', [
  z.strictObject({ result: z.literal('valid'), tokenId: TokenIdSchema }),
  z.strictObject({ result: z.literal('absent') }),
  z.strictObject({ result: z.literal('refused'), reason: z.enum(TOKEN_REASONS) }),
]);
export type TokenCheck = z.output<typeof TokenCheckSchema>;

/** What is being rated, as every queue link delivers it. In the order of the canonical text (./journal/entry.ts). */
export const ServiceSchema = z.strictObject({
  case: CaseSchema.optional(),
  clerk: ClerkSchema.optional(),
  /** Opened by a clerk's hand and not by the queue-calling system; never silently equal to a served ticket. */
  manual: z.boolean(),
  queueName: outsideText(60).optional(),
  /** Signed single-use proof from the queue side that this ticket was served here. */
  servedToken: outsideText(4096).optional(),
  serviceKey: ServiceKeySchema,
  ticketKey: TicketKeySchema.optional(),
  ticketNumber: outsideText(20).optional(),
  /** Set by the core alone, and only at a site that names the keys of its queue system; never by a link. */
  tokenCheck: TokenCheckSchema.optional(),
});
export type Service = z.output<typeof ServiceSchema>;

/** A `switch` over a closed union ends here; a new member then fails to compile. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
