/** One request and what came of it, before anybody says what it means. */
export interface PostRequest {
  /** Absolute path on the far end, the same that was signed. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Ends the request early; the answer is then `failed` with `aborted`. */
  readonly signal: AbortSignal;
}

export type TransportFailure = 'unreachable' | 'timeout' | 'tls' | 'tooLong' | 'broken' | 'aborted';

export type Answer =
  | {
      readonly kind: 'reply';
      readonly status: number;
      readonly body: string;
      /** The headers `Retry-After` and `Date`, as they came. */
      readonly retryAfter?: string;
      readonly date?: string;
    }
  | {
      /** No whole reply came. Whether the far end has taken the request is unknown. */
      readonly kind: 'failed';
      readonly failure: TransportFailure;
      readonly message: string;
    };

/** Sends and waits within time and size limits. Never rejects: a network that fails is an answer. */
export type Post = (request: PostRequest) => Promise<Answer>;
