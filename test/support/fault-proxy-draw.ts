/** Chance that can be repeated: the same seed draws the same numbers (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** What may happen to one exchange. Where nothing else is said, the client's connection stays usable. */
export const EXCHANGE_FAULTS = [
  /** Never forwarded, never answered. */
  'drop',
  /** Forwarded; the reply never comes. */
  'dropReply',
  /** Forwarded twice, at the same time; one of the replies comes back. */
  'double',
  /** Waits for the next exchange to pass first, then goes on as if nothing had been. */
  'reorder',
  /** Given up before the client, and forwarded all the same after a later exchange: a ghost. */
  'ghost',
  'delay',
  /** Half of the request reaches the far end. */
  'truncateRequest',
  'truncateReply',
  /** Never forwarded: a client error of something that stands between. */
  'status4xx',
  'status5xx',
  /** Forwarded, and still answered with a gateway's error. */
  'status5xxAfter',
  'busy429',
  'busy503',
  /** The reply comes byte by byte, for as long as the client waits. */
  'dripReply',
  /** The request reaches the far end in small pieces. */
  'dripRequest',
  /** 200 with something that is not the far end's. */
  'wrongBody',
  /** The far end's previous reply, to whomever that was. */
  'staleReply',
  /** One byte of the body is another on its way. */
  'flipRequest',
  'resetBefore',
  'resetAfter',
] as const;
/** What may happen to a connection before a request is on it; only where the proxy speaks TLS. */
export const TLS_FAULTS = ['tlsCut', 'tlsPlain', 'tlsUntrusted'] as const;

export type ExchangeFault = (typeof EXCHANGE_FAULTS)[number];
export type TlsFault = (typeof TLS_FAULTS)[number];
export type Fault = ExchangeFault | TlsFault;

/** Those that cost the client its whole patience or a second of waiting are drawn less often. */
const SLOW: readonly Fault[] = ['drop', 'dropReply', 'dripReply', 'busy429', 'busy503'];

export interface FaultPlan {
  /** What happens to the next exchange; undefined lets it pass. */
  exchange(): ExchangeFault | undefined;
  connection(): TlsFault | undefined;
}

/** @param share how many of the exchanges meet a fault, 0…1. */
export function drawFaults(random: () => number, share: number): FaultPlan {
  const weighted = EXCHANGE_FAULTS.flatMap((fault) =>
    Array.from({ length: SLOW.includes(fault) ? 1 : 4 }, () => fault),
  );
  const pick = <T>(from: readonly T[]): T | undefined => from[Math.floor(random() * from.length)];
  return {
    exchange: () => (random() < share ? pick(weighted) : undefined),
    connection: () => (random() < share / 2 ? pick(TLS_FAULTS) : undefined),
  };
}
