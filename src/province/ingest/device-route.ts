import type { FastifyInstance } from 'fastify';
import { DeviceIdSchema } from '../../shared/words.ts';
import { isPassing } from '../db/db.ts';
import type { ProvinceLimits } from '../limits.ts';
import type { ProvinceLog } from '../log.ts';
import { type Refused, sendRefusal } from '../refusal.ts';
import type { DeviceRequest, Prove, Proven } from './prove.ts';

/**
 * `POST /v1/devices/:id/<name>` for what a device says in one small signed body: bytes → proven → `take` → answered.
 * A database that cannot be asked now is an answer too, and never a lost request.
 */
export function routeOfDevice<Answer extends object>(
  app: FastifyInstance,
  parts: {
    readonly name: string;
    readonly mediaType: string;
    readonly maxBytes: number;
    readonly log: ProvinceLog;
    readonly limits: ProvinceLimits;
    readonly prove: Prove;
    /** For the log and for the device: what is refused, and what to do again when the database is busy. */
    readonly words: { readonly refused: string; readonly busy: string; readonly again: string };
    readonly take: (proven: Proven, body: Buffer) => Promise<Answer | Refused>;
    readonly onAnswered?: (deviceId: string, answer: Answer) => void;
  },
): void {
  const { name, mediaType, maxBytes, log, limits, prove, words } = parts;
  app.addContentTypeParser(mediaType, { parseAs: 'buffer', bodyLimit: maxBytes }, (_request, body, done) =>
    done(null, body),
  );

  app.post<{ Params: { id: string }; Body: Buffer }>(`/v1/devices/:id/${name}`, async (request, reply) => {
    const deviceId = DeviceIdSchema.safeParse(request.params.id).success ? request.params.id : '';
    try {
      const answer = await answerTo(request);
      if ('error' in answer) {
        log.warn({ deviceId, error: answer.error, seq: answer.seq ?? answer.expectedSeq }, words.refused);
        return sendRefusal(reply, answer, limits.retryAfterS);
      }
      parts.onAnswered?.(deviceId, answer);
      return reply.send(answer);
    } catch (error) {
      if (!isPassing(error)) throw error;
      log.error({ deviceId, problem: String(error) }, words.busy);
      const message = `The province's database is busy. ${words.again} after ${limits.retryAfterS} s.`;
      return sendRefusal(reply, { error: 'slowDown', message }, limits.retryAfterS);
    }
  });

  async function answerTo(request: DeviceRequest): Promise<Answer | Refused> {
    if (!DeviceIdSchema.safeParse(request.params.id).success)
      return { error: 'unknownDevice', message: 'The address names no device.' };
    if (!Buffer.isBuffer(request.body))
      return { error: 'malformed', message: `Send ${mediaType}.`, unreadable: true };
    const proven = await prove(request);
    return 'error' in proven ? proven : parts.take(proven, request.body);
  }
}

/** @returns undefined for bytes that are no JSON; a schema says the rest. */
export function parsedJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
