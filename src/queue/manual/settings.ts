import { z } from 'zod';

/** Settings of the manual link (docs/queue-links/manual.md): how often a clerk may ask for a rating by hand. */
export const ManualSettingsSchema = z.strictObject({
  kind: z.literal('manual'),
  /** Between one and the next at least so long. */
  apartMs: z.int().min(1000).max(600_000).default(10_000),
  /** No more in any hour. */
  perHour: z.int().min(1).max(360).default(30),
});
export type ManualSettings = z.output<typeof ManualSettingsSchema>;
