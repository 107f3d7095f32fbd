/**
 * TICKETS IN. Links to queue-calling systems of every make; what comes out is always the same `QueueEvent`.
 *
 * Here live: the registry of makes, one folder or file a make, and the rules of ticket identity (identity.ts).
 * Not here: deciding what an event means for the citizen (session), storing anything (store), knowing a level.
 * May import only shared, `node:`, mqtt, ws and zod.
 *
 * To add a make: settings schema with its own `kind`, a `CreateLink`, one line in `QueueSettingsSchema` and one in
 * `createQueueLink`, its contract test through `queueLinkContract`, its section in docs/queue-links.md.
 */
import { z } from 'zod';
import { assertNever } from '../shared/words.ts';
import { Ff68CallerSettingsSchema } from './ff68-caller/settings.ts';
import { createFf68CallerLink } from './ff68-caller.ts';
import { MqttSettingsSchema } from './mqtt/settings.ts';
import { createMqttLink } from './mqtt.ts';
import type { LinkParts, QueueLink } from './queue-link.ts';
import { RateServiceSettingsSchema } from './rate-service/settings.ts';
import { createRateServiceLink } from './rate-service.ts';

export type { CallerBus } from './ff68-caller.ts';
export type {
  CounterName,
  CreateLink,
  LinkCounters,
  LinkLog,
  LinkParts,
  QueueLink,
  ServiceResult,
} from './queue-link.ts';

/** Settings of one link as they stand in the device's configuration; `kind` names the make. */
export const QueueSettingsSchema = z.discriminatedUnion('kind', [
  RateServiceSettingsSchema,
  MqttSettingsSchema,
  Ff68CallerSettingsSchema,
]);
export type QueueSettings = z.output<typeof QueueSettingsSchema>;
export type QueueKind = QueueSettings['kind'];

/** Makes the link its settings name. It does nothing before `start()`. */
export function createQueueLink(parts: LinkParts<QueueSettings>): QueueLink {
  const { settings } = parts;
  switch (settings.kind) {
    case 'rate-service':
      return createRateServiceLink({ ...parts, settings });
    case 'mqtt':
      return createMqttLink({ ...parts, settings });
    case 'ff68-caller':
      return createFf68CallerLink({ ...parts, settings });
    default:
      return assertNever(settings);
  }
}
