import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Clock } from '../../shared/clock.ts';
import { type Ack, BATCH_MEDIA_TYPE, MAX_BATCH_BYTES } from '../../shared/protocol/batch.ts';
import { DeviceIdSchema } from '../../shared/words.ts';
import { type Db, isPassing } from '../db/db.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { type Refused, sendRefusal } from '../refusal.ts';
import type { BatchReader } from './batch-reader.ts';
import type { ChainedBatch, Link } from './chain-batch.ts';
import { type Ingested, ingestBatch } from './ingest.ts';
import { createPacing } from './pacing.ts';
import type { DeviceRequest, Prove } from './prove.ts';
import type { ReadPacked } from './read-thread.ts';
import { createThoughtHeads } from './thought-heads.ts';
import { createTurns, type Turn } from './turns.ts';

/** `POST /v1/devices/:id/entries`: bytes → proven → read → frozen → acknowledged. */
export function routeIngest(
  app: FastifyInstance,
  parts: {
    readonly db: Db;
    readonly clock: Clock;
    readonly prove: Prove;
    readonly reader: BatchReader;
    readonly log: ProvinceLog;
    readonly limits: ProvinceLimits;
    readonly onIngested: (ingested: Ingested) => void;
  },
): void {
  const { db, clock, log, limits, prove, reader } = parts;
  const pacing = createPacing(limits);
  const readings = createTurns();
  const freezings = createTurns();
  const heads = createThoughtHeads(db);

  app.addContentTypeParser(
    BATCH_MEDIA_TYPE,
    { parseAs: 'buffer', bodyLimit: MAX_BATCH_BYTES },
    (_request, body, done) => done(null, body),
  );

  const refuse = (reply: FastifyReply, refused: Refused, deviceId: string) => {
    log.warn({ deviceId, error: refused.error, seq: refused.seq ?? refused.expectedSeq }, 'upload refused');
    return sendRefusal(reply, refused, pacing.retryAfterS);
  };

  app.post<{ Params: { id: string }; Body: Buffer }>('/v1/devices/:id/entries', async (request, reply) => {
    const { id } = request.params;
    if (!DeviceIdSchema.safeParse(id).success)
      return refuse(reply, { error: 'unknownDevice', message: 'The address names no device.' }, '');
    if (!pacing.enter())
      return refuse(
        reply,
        {
          error: 'slowDown',
          message: `The province is working on ${pacing.working} uploads. Send again after ${pacing.retryAfterS} s.`,
        },
        id,
      );
    const turns = { reading: readings.take(id), freezing: freezings.take(id) };
    try {
      const ingested = await take(request, turns);
      if ('error' in ingested) return refuse(reply, ingested, id);
      parts.onIngested(ingested);
      const { answer } = ingested;
      if (!answer.ok) return refuse(reply, answer.refused, id);
      const ack: Ack = {
        ackedSeq: answer.ackedSeq,
        ackedHash: answer.ackedHash,
        serverTimeMs: clock.nowMs(),
        configVersion: 0,
        commands: [],
      };
      return reply.send(ack);
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.error({ deviceId: id, problem: String(error) }, 'the database cannot take an upload now');
      return refuse(
        reply,
        {
          error: 'slowDown',
          message: `The province's database cannot take the batch now. Send it again after ${pacing.retryAfterS} s; nothing of it was kept.`,
        },
        id,
      );
    } finally {
      turns.reading.end();
      turns.freezing.end();
      pacing.leave();
    }
  });

  async function take(
    request: DeviceRequest,
    turns: { readonly reading: Turn; readonly freezing: Turn },
  ): Promise<Ingested | Refused> {
    const { body } = request;
    if (!Buffer.isBuffer(body) || request.headers['content-encoding'] !== 'gzip')
      return {
        error: 'malformed',
        message: `Send ${BATCH_MEDIA_TYPE} with Content-Encoding: gzip.`,
        unreadable: true,
      };
    const proven = await prove(request);
    if ('error' in proven) return proven;
    const { device, nowMs, clockOffsetMs } = proven;
    const read = (link: Link) => reader.read(body, device, { link, nowMs, clockOffsetMs });
    await turns.reading.come;
    const first = await readThought(device.id, read);
    if (!first.ok) return unread(first);
    heads.read(device.id, first.batch);
    turns.reading.end();
    await turns.freezing.come;
    try {
      const readAgain = async (link: Link): Promise<ChainedBatch> => {
        const again = await read(link);
        if (!again.ok) throw new Error(`a batch of ${device.id} could be read once and not again`);
        return again.batch;
      };
      const ingested = await ingestBatch(db, { ...proven, read: first.batch, readAgain });
      if (!ingested.answer.ok) heads.forget(device.id);
      return ingested;
    } catch (error) {
      heads.forget(device.id);
      throw error;
    }
  }

  /** Chained to where the device is thought to stand, or to where the batch begins, if that is somewhere else. */
  async function readThought(
    deviceId: string,
    read: (link: Link) => Promise<ReadPacked>,
  ): Promise<ReadPacked> {
    const first = await read(await heads.linkOf(deviceId));
    if (!first.ok || first.batch.chained) return first;
    const link = await heads.linkBefore(deviceId, first.batch.firstSeq);
    return link ? await read(link) : first;
  }
}

function unread(read: Exclude<ReadPacked, { ok: true }>): Refused {
  if ('refused' in read) return read.refused;
  return read.problem === 'tooLarge'
    ? {
        error: 'tooLarge',
        message: `The batch unpacks to more than ${MAX_BATCH_BYTES} bytes. Send fewer entries at once.`,
      }
    : { error: 'malformed', message: 'The batch is not gzip. Pack it again.', unreadable: true };
}
