import { z } from 'zod';
import { IndicatorSchema } from '../indicators.ts';
import {
  ClerkSchema,
  InvitationIdSchema,
  LevelSchema,
  LocaleSchema,
  NameSchema,
  outsideText,
} from '../words.ts';

/**
 * All the citizen screen ever knows. The renderer is a function of this and nothing else; it never counts,
 * decides or remembers. Times are spans (`endsInMs` of `totalMs`, at the moment of sending), because the
 * renderer's clock is nobody's clock.
 */
const spanSchema = z.strictObject({ endsInMs: z.number().min(0), totalMs: z.number().min(1) });
export type Span = z.output<typeof spanSchema>;

/** A QR code as an SVG path in a square of `size` modules, so that the renderer needs no QR library. */
const qrSchema = z.strictObject({ size: z.int().min(1).max(200), path: z.string().max(60_000) });

export const FAULTS = ['store', 'diskFull', 'core', 'config', 'queue', 'starting'] as const;
export type Fault = (typeof FAULTS)[number];

const invitingSchema = {
  invitation: InvitationIdSchema,
  ticketNumber: outsideText(20).optional(),
  taskName: outsideText(200).optional(),
};

export const ScreenSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('idle') }),
  z.strictObject({
    name: z.literal('serving'),
    ticketNumber: outsideText(20).optional(),
    queueName: outsideText(60).optional(),
  }),
  z.strictObject({ name: z.literal('inviting'), ...invitingSchema, span: spanSchema }),
  /** Frozen on the disk already; may be changed with one press until the span ends. */
  z.strictObject({ name: z.literal('chosen'), ...invitingSchema, level: LevelSchema, span: spanSchema }),
  z.strictObject({
    name: z.literal('details'),
    ...invitingSchema,
    level: LevelSchema,
    indicators: z.array(IndicatorSchema),
    ticked: z.array(z.string()),
    /** Frozen on the disk already. */
    helpRequested: z.boolean(),
    /** Which indicator the keys of a box are at, once one was used. */
    focus: z.int().min(0).max(99).optional(),
    /** The last act came from a key: the page says what each key does. */
    keys: z.boolean(),
    span: spanSchema,
  }),
  z.strictObject({
    name: z.literal('thanks'),
    ticketNumber: outsideText(20).optional(),
    /** `qr`: the address of its page; null where there is none to look at. */
    receipt: z.strictObject({ code: z.string(), qr: qrSchema.nullable() }),
    span: spanSchema,
  }),
  z.strictObject({ name: z.literal('paused') }),
  z.strictObject({ name: z.literal('outOfService'), fault: z.enum(FAULTS) }),
]);
export type Screen = z.output<typeof ScreenSchema>;

export const SnapshotSchema = z.strictObject({
  /** Grows with every snapshot of this start of the core. */
  revision: z.int().min(0),
  locale: LocaleSchema,
  hall: NameSchema,
  counter: z.strictObject({ number: outsideText(32), name: NameSchema.optional() }),
  clerk: ClerkSchema.optional(),
  /** Whether the site has a button box and whether it is there. */
  buttons: z.enum(['none', 'ready', 'lost']),
  screen: ScreenSchema,
});
export type Snapshot = z.output<typeof SnapshotSchema>;
