import { z } from 'zod';
import { InvitationIdSchema, LocaleSchema, outsideText } from '../words.ts';
import { PairingRequestSchema } from './staff-pairing.ts';
import { STAFF_PAGES, type StaffSnapshot, StaffSnapshotSchema } from './staff-snapshot.ts';
import {
  type BridgeOf,
  type CallNames,
  call,
  type HandlersOf,
  type PortMessageOf,
  push,
  type ReplyOf,
  type RequestOf,
} from './verbs.ts';

/** 4–12 digits: what a keypad on glass can ask of somebody who serves people. */
export const PinSchema = z.string().regex(/^\d{4,12}$/);

/** A refusal is an ordinary answer: the next snapshot shows the truth. */
export const StaffAnswerSchema = z.discriminatedUnion('accepted', [
  z.strictObject({ accepted: z.literal(true) }),
  z.strictObject({
    accepted: z.literal(false),
    reason: z.enum([
      /** No PIN has been given on this port. */
      'locked',
      'wrongPin',
      /** Too many wrong ones; the snapshot says for how long. */
      'lockedOut',
      /** One is being looked at already, or nothing can be set here. */
      'notNow',
      'staleInvitation',
      'alreadyRated',
      'notDurable',
      /** This counter has no link for that. */
      'notOffered',
      /** Asking the province and invitations by hand are limited in rate, and the latter never about a ticket that the queue system had served here. */
      'tooSoon',
      'tooMany',
      'alreadyServed',
      'badInput',
      /** Nor beside a ticket that the queue system has open, nor without it where the site pauses then. */
      'queueServes',
      'queueLost',
    ]),
  }),
]);
export type StaffAnswer = z.output<typeof StaffAnswerSchema>;

/**
 * The whole of what the staff screen and the core may say to each other. Until `unlock` was answered with yes on this very
 * port every verb but the first four is refused; that it was is kept at the core's end. Nothing here rates,
 * extends or repeats a rating, and none may be added.
 */
export const staffContract = {
  unlock: call(z.strictObject({ pin: PinSchema }), StaffAnswerSchema),
  /** Only where none is set and the site allows it. */
  setFirstPin: call(z.strictObject({ pin: PinSchema }), StaffAnswerSchema),
  speak: call(z.strictObject({ locale: LocaleSchema }), StaffAnswerSchema),
  leave: call(z.strictObject({}), StaffAnswerSchema),

  show: call(
    z.strictObject({ page: z.enum(STAFF_PAGES), leaf: z.int().min(0).max(1_000) }),
    StaffAnswerSchema,
  ),
  pause: call(z.strictObject({}), StaffAnswerSchema),
  resume: call(z.strictObject({}), StaffAnswerSchema),
  /** Asks the province now, where that ends a wait of ours. */
  tryNow: call(z.strictObject({}), StaffAnswerSchema),
  /** Takes back the open invitation. */
  recall: call(z.strictObject({ invitation: InvitationIdSchema }), StaffAnswerSchema),
  /** Pairs the tablet with its queue system: docs/pairing.md. */
  pair: call(PairingRequestSchema, StaffAnswerSchema),
  /** Asks for a rating where no queue system does: marked `manual` for ever. One of the two. */
  inviteByHand: call(
    z.union([
      z.strictObject({ ticketNumber: outsideText(20).min(1) }),
      z.strictObject({ projectNo: outsideText(50).min(1) }),
    ]),
    StaffAnswerSchema,
  ),
  snapshot: push(StaffSnapshotSchema),
} as const;
export type StaffContract = typeof staffContract;

export type StaffVerb = CallNames<StaffContract>;
export type StaffRequest<V extends StaffVerb> = RequestOf<StaffContract[V]>;
export type StaffReply<V extends StaffVerb> = ReplyOf<StaffContract[V]>;
export type StaffHandlers = HandlersOf<StaffContract>;

/** What the staff preload exposes as `window.yipingStaff`: verbs only. */
export type StaffBridge = BridgeOf<StaffContract, StaffSnapshot>;
export type StaffPortMessage = PortMessageOf<StaffSnapshot>;
