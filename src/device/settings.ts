import { z } from 'zod';
import { LevelSchema, outsideText } from '../shared/words.ts';

/**
 * What a site decides about its button box. There is no default for `levels`: a box with four keys cannot
 * express five levels, so somebody has to say what each key means (→ docs/device-protocols.md).
 */
export const ButtonSettingsSchema = z
  .strictObject({
    /** A file in `assets/device-models`, without `.json`. */
    model: z.string().regex(/^[a-z0-9][a-z0-9-]{1,39}$/, 'must name a device model, such as "ff68"'),
    /** Such as `/dev/serial/by-id/…`, which outlives replugging, or `/dev/ttyS0`. */
    path: outsideText(400).regex(/^\//, 'must be an absolute path, such as /dev/ttyUSB0'),
    /** The evaluator's address on its bus; boxes made for counter 1 usually have 129 (0x81). */
    address: z.int().min(0).max(255),
    /** Which acknowledgement the box understands (A with the grade, B without). */
    acknowledge: z.enum(['A', 'B']),
    /** Key code → level, for exactly the keys of the model. */
    levels: z.record(z.string().regex(/^(0|[1-9]\d{0,2})$/, 'must be a key code'), LevelSchema),
  })
  .readonly();
export type ButtonSettings = z.output<typeof ButtonSettingsSchema>;
