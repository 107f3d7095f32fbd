/**
 * TICKETS IN. Links to queue-calling systems of every make; what comes out is always the same `QueueEvent`.
 *
 * Here live: the registry of makes, one folder or file a make, and the rules of ticket identity (identity.ts).
 * Not here: deciding what an event means for the citizen (session), storing anything (store), knowing a level.
 * May import only shared, `node:`, mqtt, mysql2, pg, ws and zod.
 *
 * To add a make: settings schema with its own `kind`, a `CreateLink`, one line in `QueueSettingsSchema` and one in
 * `createQueueLink`, its contract test through `queueLinkContract`, its section in docs/queue-links.md.
 */
import { z } from 'zod';
import { assertNever } from '../shared/words.ts';
import { DatabaseSettingsSchema } from './database/settings.ts';
import { createDatabaseLink } from './database.ts';
import { Ff68CallerSettingsSchema } from './ff68-caller/settings.ts';
import { createFf68CallerLink } from './ff68-caller.ts';
import { HttpPollSettingsSchema, HttpPushSettingsSchema } from './http/settings.ts';
import { createHttpPollLink } from './http-poll.ts';
import { createHttpPushLink } from './http-push.ts';
import { ManualSettingsSchema } from './manual/settings.ts';
import { createManualLink } from './manual.ts';
import { MqttSettingsSchema } from './mqtt/settings.ts';
import { createMqttLink } from './mqtt.ts';
import { PadSettingsSchema } from './pad/settings.ts';
import { createPadLink } from './pad.ts';
import { withoutTestCalls } from './pairing/test-ticket.ts';
import type { LinkParts, QueueLink } from './queue-link.ts';
import { RateServiceSettingsSchema } from './rate-service/settings.ts';
import { createRateServiceLink } from './rate-service.ts';

export { createConductor, type Passed, type Unheeded, underKeys } from './conductor.ts';
export type { CallerBus } from './ff68-caller.ts';
export { createSharedPorts, type SharedPorts } from './http/shared-ports.ts';
export { localDate } from './identity.ts';
export { type HandAnswer, type HandInvite, type HandMemory, handKeysOf, sameNumber } from './manual/hand.ts';
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
  HttpPushSettingsSchema,
  HttpPollSettingsSchema,
  PadSettingsSchema,
  DatabaseSettingsSchema,
  MqttSettingsSchema,
  ManualSettingsSchema,
  Ff68CallerSettingsSchema,
]);
export type QueueSettings = z.output<typeof QueueSettingsSchema>;
export type QueueKind = QueueSettings['kind'];

/** Its system tells who was called, and has no word for the end of a service: FQM as published. Nobody is asked by it. */
export function callsOnly(settings: QueueSettings): boolean {
  return settings.kind === 'http-poll' && settings.profile === 'fqm' && settings.processedMeans === 'called';
}

/** Makes the link its settings name. It does nothing before `start()`. */
export function createQueueLink(parts: LinkParts<QueueSettings>): QueueLink {
  return createLink(withoutTestCalls(parts));
}

/** The same to be looked at before it is accepted, beside the one in service: test calls are handed on. */
export function createTrialLink(parts: Omit<LinkParts<QueueSettings>, 'trial'>): QueueLink {
  return createLink({ ...parts, trial: true });
}

function createLink(parts: LinkParts<QueueSettings>): QueueLink {
  const { settings } = parts;
  switch (settings.kind) {
    case 'rate-service':
      return createRateServiceLink({ ...parts, settings });
    case 'http-push':
      return createHttpPushLink({ ...parts, settings });
    case 'http-poll':
      return createHttpPollLink({ ...parts, settings });
    case 'pad':
      return createPadLink({ ...parts, settings });
    case 'mqtt':
      return createMqttLink({ ...parts, settings });
    case 'manual':
      return createManualLink({ ...parts, settings });
    case 'ff68-caller':
      return createFf68CallerLink({ ...parts, settings });
    case 'database':
      return createDatabaseLink({ ...parts, settings });
    default:
      return assertNever(settings);
  }
}
