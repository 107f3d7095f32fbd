import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { createBoundedMap } from '../bounded.ts';
import type { HttpRequest } from './listener.ts';

/** A signed request that is older or newer than this by our clock is not believed. */
const SIGNED_WITHIN_MS = 5 * 60_000;
const MAX_SIGNATURES = 20_000;

export type Scheme = 'bearer' | 'hmac';

/**
 * Whether a request comes from somebody who has the key. `bearer`: the key itself in `Authorization`. `hmac`:
 * `X-Yiping-Time` (UTC ms) and `X-Yiping-Signature`, the HMAC-SHA-256 in hex over method, target, time and the body's
 * SHA-256; the key never goes over the wire and a request counts once.
 */
export function createProof(parts: { readonly scheme: Scheme; readonly key: string; readonly clock: Clock }) {
  const used = createBoundedMap<string, true>(MAX_SIGNATURES);

  const signed = (request: HttpRequest): boolean => {
    const time = request.header('x-yiping-time') ?? '';
    const signature = request.header('x-yiping-signature') ?? '';
    if (!/^\d{13}$/.test(time) || !/^[0-9a-f]{64}$/.test(signature)) return false;
    if (Math.abs(parts.clock.nowMs() - Number(time)) > SIGNED_WITHIN_MS) return false;
    if (!same(signature, signatureOf(parts.key, { ...request, time }))) return false;
    if (used.has(signature)) return false;
    used.set(signature, true);
    return true;
  };

  return {
    /** By the head alone; a signature needs the body. */
    head: (request: Omit<HttpRequest, 'body'>): boolean =>
      parts.scheme === 'hmac' || same(request.header('authorization') ?? '', `Bearer ${parts.key}`),
    whole: (request: HttpRequest): boolean => parts.scheme === 'bearer' || signed(request),
  };
}

/** What `X-Yiping-Signature` has to say. */
export function signatureOf(
  key: string,
  request: {
    readonly method: string;
    readonly target: string;
    readonly time: string;
    readonly body: Buffer;
  },
): string {
  const digest = createHash('sha256').update(request.body).digest('hex');
  return createHmac('sha256', key)
    .update([request.method, request.target, request.time, digest].join('\n'))
    .digest('hex');
}

/** Takes the same time whatever the texts are. */
function same(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
