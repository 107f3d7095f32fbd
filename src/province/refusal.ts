import type { FastifyReply } from 'fastify';
import type { Refusal } from '../shared/protocol/batch.ts';
import { assertNever } from '../shared/words.ts';

/** A refusal as a value: what the sender is told. The statuses are those of the journal protocol. */
export interface Refused extends Refusal {
  /** 400 when the bytes cannot be read at all, otherwise what `error` stands for. */
  readonly unreadable?: true;
}

export function statusOf(refused: Refused): number {
  const { error } = refused;
  switch (error) {
    case 'malformed':
      return refused.unreadable ? 400 : 422;
    case 'badSignature':
    case 'clockSkew':
      return 401;
    case 'revoked':
      return 403;
    case 'unknownDevice':
      return 404;
    case 'gap':
    case 'fork':
      return 409;
    case 'tooLarge':
      return 413;
    case 'slowDown':
      return 503;
    case 'internal':
      return 500;
    default:
      return assertNever(error);
  }
}

export function sendRefusal(reply: FastifyReply, refused: Refused, retryAfterS: number): FastifyReply {
  const { unreadable: _, ...body } = refused;
  if (refused.error === 'slowDown') reply.header('retry-after', String(retryAfterS));
  return reply.code(statusOf(refused)).send({ ...body, message: body.message.slice(0, 500) });
}
