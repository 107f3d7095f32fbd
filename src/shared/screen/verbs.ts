import { z } from 'zod';

/**
 * What a screen's contract is made of: a table verb → direction → request → reply. Preload, handlers and fakes are
 * derived from it; a verb without a schema does not compile, and a handler cannot be registered past its schema
 * (src/core/screen-port.ts).
 */
export interface CallVerb<Request extends z.ZodType, Reply extends z.ZodType> {
  readonly direction: 'call';
  readonly request: Request;
  readonly reply: Reply;
}
export interface PushVerb<Body extends z.ZodType> {
  readonly direction: 'push';
  readonly body: Body;
}
export type Contract = Readonly<Record<string, CallVerb<z.ZodType, z.ZodType> | PushVerb<z.ZodType>>>;

export function call<Request extends z.ZodType, Reply extends z.ZodType>(
  request: Request,
  reply: Reply,
): CallVerb<Request, Reply> {
  return { direction: 'call', request, reply };
}

export function push<Body extends z.ZodType>(body: Body): PushVerb<Body> {
  return { direction: 'push', body };
}

export type CallNames<C> = { [V in keyof C]: C[V] extends { direction: 'call' } ? V : never }[keyof C] &
  string;
export type RequestOf<V> = V extends CallVerb<infer Request, z.ZodType> ? z.output<Request> : never;
export type ReplyOf<V> = V extends CallVerb<z.ZodType, infer Reply> ? z.output<Reply> : never;

/** What the core must offer for a contract: one handler a verb, none missing, none extra. */
export type HandlersOf<C> = {
  readonly [V in CallNames<C>]: (request: RequestOf<C[V]>) => ReplyOf<C[V]> | Promise<ReplyOf<C[V]>>;
};

/** What a page gets of a contract: its verbs as functions, and the snapshots. */
export type BridgeOf<C, Snapshot> = {
  readonly [V in CallNames<C>]: (request: RequestOf<C[V]>) => Promise<ReplyOf<C[V]>>;
} & {
  /** Called with every snapshot, and with `null` when the core is gone; returns nothing and stays for life. */
  readonly onSnapshot: (listener: (snapshot: Snapshot | null) => void) => void;
};

/** Frames on the port. Requests come from a hostile place and are checked whole. */
export const PortRequestSchema = z.strictObject({
  id: z.int().min(1),
  verb: z.string().max(40),
  request: z.unknown(),
});
export type PortRequest = z.output<typeof PortRequestSchema>;

export type PortMessageOf<Snapshot> =
  | { readonly type: 'reply'; readonly id: number; readonly reply: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly error: string }
  | { readonly type: 'push'; readonly verb: 'snapshot'; readonly body: Snapshot };
