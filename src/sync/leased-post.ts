import type { Clock } from '../shared/clock.ts';
import type { Answer, Post, PostRequest } from './answer.ts';

/** When a request left and when its answer came, by our monotonic clock. */
export interface Trip {
  readonly sentMonoMs: number;
  readonly cameMonoMs: number;
}

export type LeasedPost = (
  request: Omit<PostRequest, 'signal'>,
  abort: AbortController,
) => Promise<[Answer, Trip]>;

/**
 * A request under way holds the link for the time of a lease and no longer: a transport that never answers
 * costs one lease, not the delivery. It is then given up and counts as lost; what it carried is sent again.
 */
export function createLeasedPost(parts: {
  readonly post: Post;
  readonly clock: Clock;
  readonly leaseMs: number;
}): LeasedPost {
  const { post, clock, leaseMs } = parts;
  return async (request, abort) => {
    const sentMonoMs = clock.monoMs();
    let endLease = () => {};
    const expired = new Promise<Answer>((resolve) => {
      endLease = clock.after(leaseMs, () => {
        abort.abort();
        resolve({
          kind: 'failed',
          failure: 'timeout',
          message: `Sending was given up after ${Math.round(leaseMs / 1000)} s without any answer.`,
        });
      });
    });
    try {
      const answer = await Promise.race([post({ ...request, signal: abort.signal }), expired]);
      return [answer, { sentMonoMs, cameMonoMs: clock.monoMs() }];
    } finally {
      endLease();
    }
  };
}
