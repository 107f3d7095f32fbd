import { z } from 'zod';
import { InvitationIdSchema, LevelSchema, LocaleSchema } from '../words.ts';
import { SnapshotSchema } from './snapshot.ts';

/**
 * The whole of what the citizen screen and the core may say to each other: verb → direction → request → reply.
 * Preload, handlers and fakes are derived from this table; a verb without a schema does not compile, and a
 * handler cannot be registered past its schema (src/core/screen-port.ts).
 */
interface CallVerb<Request extends z.ZodType, Reply extends z.ZodType> {
  readonly direction: 'call';
  readonly request: Request;
  readonly reply: Reply;
}
interface PushVerb<Body extends z.ZodType> {
  readonly direction: 'push';
  readonly body: Body;
}

function call<Request extends z.ZodType, Reply extends z.ZodType>(
  request: Request,
  reply: Reply,
): CallVerb<Request, Reply> {
  return { direction: 'call', request, reply };
}
function push<Body extends z.ZodType>(body: Body): PushVerb<Body> {
  return { direction: 'push', body };
}

/** A refusal is an ordinary answer: the next snapshot shows the truth. */
export const AnswerSchema = z.discriminatedUnion('accepted', [
  z.strictObject({ accepted: z.literal(true) }),
  z.strictObject({
    accepted: z.literal(false),
    reason: z.enum(['staleInvitation', 'alreadyRated', 'notNow', 'notDurable']),
  }),
]);
export type Answer = z.output<typeof AnswerSchema>;

const forInvitation = z.strictObject({ invitation: InvitationIdSchema });

export const citizenContract = {
  choose: call(z.strictObject({ invitation: InvitationIdSchema, level: LevelSchema }), AnswerSchema),
  /** "That is what I meant": ends the time in which the choice can be changed. */
  confirm: call(forInvitation, AnswerSchema),
  tick: call(
    z.strictObject({ invitation: InvitationIdSchema, code: z.string().regex(/^\d{3}$/) }),
    AnswerSchema,
  ),
  /** Ends the details, with whatever is ticked. */
  finish: call(forInvitation, AnswerSchema),
  /** "Somebody is to come now": frozen at once, while the details are asked for. */
  help: call(forInvitation, AnswerSchema),
  decline: call(forInvitation, AnswerSchema),
  speak: call(z.strictObject({ locale: LocaleSchema }), AnswerSchema),
  snapshot: push(SnapshotSchema),
} as const;

export type CitizenContract = typeof citizenContract;

type CallNames<C> = { [V in keyof C]: C[V] extends { direction: 'call' } ? V : never }[keyof C];
type RequestOf<V> = V extends CallVerb<infer Request, z.ZodType> ? z.output<Request> : never;
type ReplyOf<V> = V extends CallVerb<z.ZodType, infer Reply> ? z.output<Reply> : never;

export type CitizenVerb = CallNames<CitizenContract>;
export type CitizenRequest<V extends CitizenVerb> = RequestOf<CitizenContract[V]>;
export type CitizenReply<V extends CitizenVerb> = ReplyOf<CitizenContract[V]>;

/** What the core must offer: one handler a verb, none missing, none extra. */
export type CitizenHandlers = {
  readonly [V in CitizenVerb]: (request: CitizenRequest<V>) => CitizenReply<V>;
};

/** What preload exposes as `window.yiping`: verbs only. */
export type CitizenBridge = {
  readonly [V in CitizenVerb]: (request: CitizenRequest<V>) => Promise<CitizenReply<V>>;
} & {
  /** Called with every snapshot, and with `null` when the core is gone; returns nothing and stays for life. */
  readonly onSnapshot: (listener: (snapshot: z.output<typeof SnapshotSchema> | null) => void) => void;
};

/** Frames on the port. Requests come from a hostile place and are checked whole. */
export const PortRequestSchema = z.strictObject({
  id: z.int().min(1),
  verb: z.string().max(40),
  request: z.unknown(),
});
export type PortRequest = z.output<typeof PortRequestSchema>;
export type PortMessage =
  | { readonly type: 'reply'; readonly id: number; readonly reply: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly error: string }
  | { readonly type: 'push'; readonly verb: 'snapshot'; readonly body: z.output<typeof SnapshotSchema> };
