import { z } from 'zod';
import { InvitationIdSchema, LevelSchema, outsideText, SourceSchema } from './words.ts';

/** What a key means, whatever kind of key it is. */
export const ControlSchema = z.union([
  LevelSchema,
  z.enum(['confirm', 'cancel', 'repeat', 'invite', 'help']),
]);
export type Control = z.output<typeof ControlSchema>;

/**
 * Touch, serial, HID and keyboard all become this one event (→ src/device, src/core): on the edge, debounced.
 * `invitation` is known only to a press on the screen; a stale one is dropped, never applied to the next citizen.
 */
export const PressSchema = z.strictObject({
  source: SourceSchema,
  deviceId: outsideText(120).min(1),
  control: ControlSchema,
  atMs: z.int(),
  invitation: InvitationIdSchema.optional(),
});
export type Press = z.output<typeof PressSchema>;
