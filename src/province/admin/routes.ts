import { Readable } from 'node:stream';
import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { RegistrationSchema } from '../../shared/protocol/batch.ts';
import { DeviceIdSchema } from '../../shared/words.ts';
import type { Db } from '../db/db.ts';
import { gapReport, silentSinceMs } from '../live/gap-report.ts';
import type { ProvinceLog } from '../log.ts';
import {
  DEVICES_LISTED,
  exportLedger,
  listDevices,
  readEntries,
  registerDevice,
  revokeDevice,
} from './devices.ts';
import { listSites, SiteSchema, setSite } from './sites.ts';
import { bearsToken } from './token.ts';

const PAGE = 1000;
const EntriesQuerySchema = z.object({
  device: DeviceIdSchema,
  afterSeq: z.coerce.number().int().min(0).default(0),
  limit: z.coerce.number().int().min(1).max(PAGE).default(PAGE),
});

const DevicesQuerySchema = z.object({
  after: DeviceIdSchema.optional(),
  limit: z.coerce.number().int().min(1).max(DEVICES_LISTED).default(DEVICES_LISTED),
});

/** What an administrator may do, behind the bearer token. */
export function routeAdmin(
  app: FastifyInstance,
  parts: {
    readonly db: Db;
    readonly clock: Clock;
    readonly log: ProvinceLog;
    readonly adminToken: string;
    readonly onChanged: () => void;
  },
): void {
  const { db, clock, log } = parts;
  void app.register((admin, _options, done) => {
    admin.addHook('onRequest', async (request, reply) => {
      if (bearsToken(request.headers.authorization, parts.adminToken)) return;
      return reply
        .code(401)
        .header('www-authenticate', 'Bearer')
        .send({ error: 'unauthorized', message: 'Send Authorization: Bearer with the administrator token.' });
    });

    admin.post('/v1/devices', async (request, reply) => {
      const registration = RegistrationSchema.safeParse(request.body);
      if (!registration.success)
        return reply.code(422).send({
          error: 'malformed',
          message: `The registration is refused: ${z.prettifyError(registration.error)}`.slice(0, 500),
        });
      const outcome = await registerDevice(db, registration.data, clock.nowMs());
      if (!outcome.ok)
        return reply.code(outcome.status).send({ error: outcome.error, message: outcome.message });
      log.info({ deviceId: registration.data.deviceId, added: outcome.added }, 'device registered');
      parts.onChanged();
      return reply.code(outcome.added ? 201 : 200).send({ deviceId: registration.data.deviceId });
    });

    admin.post<{ Params: { id: string } }>('/v1/devices/:id/revoke', async (request, reply) => {
      const found = await revokeDevice(db, request.params.id);
      if (!found)
        return reply.code(404).send({ error: 'unknownDevice', message: 'No such device is registered.' });
      log.warn({ deviceId: request.params.id }, 'device revoked');
      parts.onChanged();
      return reply.send({ deviceId: request.params.id, state: 'revoked' });
    });

    admin.post('/v1/sites', async (request, reply) => {
      const site = SiteSchema.safeParse(request.body);
      if (!site.success)
        return reply.code(422).send({
          error: 'malformed',
          message: `The site is refused: ${z.prettifyError(site.error)}`.slice(0, 500),
        });
      const outcome = await setSite(db, site.data, clock.nowMs());
      if (!outcome.ok)
        return reply.code(outcome.status).send({ error: outcome.error, message: outcome.message });
      const { hall, requireTicketToken, ticketKeys } = site.data;
      log.info({ hall, requireTicketToken, ticketKeys: ticketKeys.length }, 'site set');
      parts.onChanged();
      return reply.code(outcome.added ? 201 : 200).send({ hall });
    });

    admin.get('/v1/sites', async () => ({ sites: await listSites(db) }));

    admin.get('/v1/devices', async (request, reply) => {
      const query = DevicesQuerySchema.safeParse(request.query);
      if (!query.success)
        return reply.code(422).send({
          error: 'malformed',
          message: `Ask with ?after=ID&limit=1…${DEVICES_LISTED}, or without both: ${z.prettifyError(query.error)}`,
        });
      const listed = await listDevices(db, query.data);
      if (!listed)
        return reply.code(404).send({ error: 'unknownDevice', message: 'No such device is registered.' });
      const nowMs = clock.nowMs();
      return {
        left: listed.left,
        devices: listed.devices.map((device) => ({
          ...device,
          report: gapReport(device),
          silentSinceMs: silentSinceMs(device, nowMs),
        })),
      };
    });

    admin.get<{ Params: { id: string } }>('/v1/devices/:id/export', async (request, reply) => {
      const lines = await exportLedger(db, request.params.id, clock.nowMs());
      if (!lines)
        return reply.code(404).send({ error: 'unknownDevice', message: 'No such device is registered.' });
      return reply.type('application/x-ndjson').send(Readable.from(lines));
    });

    admin.get('/v1/entries', async (request, reply) => {
      const query = EntriesQuerySchema.safeParse(request.query);
      if (!query.success)
        return reply.code(422).send({
          error: 'malformed',
          message: `Ask with ?device=ID&afterSeq=NUMBER&limit=1…${PAGE}: ${z.prettifyError(query.error)}`,
        });
      return { entries: await readEntries(db, query.data) };
    });
    done();
  });
}
