import { createHash, timingSafeEqual } from 'node:crypto';

/** Whether an Authorization header carries the administrator's token; takes the same time either way. */
export function bearsToken(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`));
}
