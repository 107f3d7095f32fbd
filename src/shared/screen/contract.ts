import { z } from 'zod';
import { InvitationIdSchema, LevelSchema, LocaleSchema } from '../words.ts';
import { type Snapshot, SnapshotSchema } from './snapshot.ts';
import {
  type BridgeOf,
  type CallNames,
  call,
  type PortMessageOf,
  push,
  type ReplyOf,
  type RequestOf,
} from './verbs.ts';

export { type PortRequest, PortRequestSchema } from './verbs.ts';

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

/** The whole of what the citizen screen and the core may say to each other. */
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
  /** A finger rests on the corner that leads to the staff screen, or has left it. The answer tells nothing. */
  corner: call(z.strictObject({ held: z.boolean() }), AnswerSchema),
  snapshot: push(SnapshotSchema),
} as const;
export type CitizenContract = typeof citizenContract;

export type CitizenVerb = CallNames<CitizenContract>;
export type CitizenRequest<V extends CitizenVerb> = RequestOf<CitizenContract[V]>;
export type CitizenReply<V extends CitizenVerb> = ReplyOf<CitizenContract[V]>;

/** What the core must offer. Each is answered at once: nothing of a citizen waits. */
export type CitizenHandlers = {
  readonly [V in CitizenVerb]: (request: CitizenRequest<V>) => CitizenReply<V>;
};

/** The verbs that are about the session; the corner is not. */
export type SessionHandlers = Omit<CitizenHandlers, 'corner'>;

/** What preload exposes as `window.yiping`: verbs only. */
export type CitizenBridge = BridgeOf<CitizenContract, Snapshot>;

export type PortMessage = PortMessageOf<Snapshot>;
