import { z } from 'zod';
import { outsideText } from '../../shared/words.ts';
import type { PairingFault } from './faults.ts';

/** What goes over the wire of docs/pairing.md, version 1; every answer is read here and nowhere else. */
export const PAIRING_VERSION = 1;
export const PAIRING_PATHS = {
  pair: '/yiping/v1/pair',
  test: '/yiping/v1/pair/test',
  accept: '/yiping/v1/pair/accept',
} as const;
export type PairingStep = keyof typeof PAIRING_PATHS;

/** Who asks: what a queue system needs to know of a tablet. */
export interface PairingAsk {
  readonly code: string;
  readonly hall: string;
  readonly counter: string;
  readonly deviceId: string;
  /** Raw public key of the device, base64. */
  readonly devicePublicKey: string;
  readonly software: string;
}

/** Files that a link may be given; everything else that names a file on this tablet is refused. */
export const PAIRED_FILES = ['passwordFile', 'keyFile', 'caFile', 'certFile'] as const;
export type PairedFile = (typeof PAIRED_FILES)[number];

/** A key or certificate chain; sealed it must still fit into a file that a link reads. */
const fileText = z
  .string()
  .min(1)
  .refine((text) => Buffer.byteLength(text) <= 11_000, 'must be at most 11,000 bytes')
  .refine((text) => text.isWellFormed() && text.trim() !== '' && !text.includes('\u0000'), 'must be text');

const grantSchema = z.object({
  v: z.literal(PAIRING_VERSION),
  /** The queue system's name for this pairing, said again at every later step. */
  pairing: z.string().regex(/^[\w.-]{8,100}$/),
  system: outsideText(60).min(1),
  counter: outsideText(60).min(1).optional(),
  /** One entry of `queue` in kiosk.json. */
  queue: z.record(z.string().max(60), z.unknown()),
  files: z.partialRecord(z.enum(PAIRED_FILES), fileText).default({}),
  /** It can make a test call. */
  testCall: z.boolean(),
  /** Its clock, UTC ms. */
  nowMs: z.int().min(0),
});
export type PairingGrant = z.output<typeof grantSchema>;

/** The queue system's refusals, and what each is to us. */
const REFUSALS = {
  codeWrong: 'codeWrong',
  codeExpired: 'codeExpired',
  tooManyTries: 'tooManyTries',
  counterUnknown: 'counterUnknown',
  counterTaken: 'counterTaken',
  versionUnknown: 'otherVersion',
  refused: 'refused',
} as const satisfies Readonly<Record<string, PairingFault>>;

const refusalSchema = z.object({
  error: z.enum(Object.keys(REFUSALS) as [keyof typeof REFUSALS]),
  /** Counters it knows, or which tablet is at this one: for people. */
  detail: outsideText(200).optional(),
});

export type PairAnswer =
  | { readonly ok: true; readonly grant: PairingGrant }
  | { readonly ok: false; readonly fault: PairingFault; readonly detail?: string };

export function writePairAsk(ask: PairingAsk): string {
  return JSON.stringify({ v: PAIRING_VERSION, ...ask });
}

export function writePairStep(step: { readonly pairing: string; readonly ticketNo?: string }): string {
  return JSON.stringify({ v: PAIRING_VERSION, ...step });
}

/** Reads the answer to `pair`; whatever is not exactly one is a fault with a name. */
export function readPairAnswer(status: number, text: string): PairAnswer {
  const value = parsed(text);
  if (typeof value !== 'object' || value === null) return { ok: false, fault: 'notPairing' };
  if (status !== 200) {
    const refusal = refusalSchema.safeParse(value);
    if (!refusal.success) return { ok: false, fault: 'notPairing' };
    const { error, detail } = refusal.data;
    return { ok: false, fault: REFUSALS[error], ...(detail === undefined ? {} : { detail }) };
  }
  if ('v' in value && value.v !== PAIRING_VERSION) return { ok: false, fault: 'otherVersion' };
  const grant = grantSchema.safeParse(value);
  if (!grant.success) return { ok: false, fault: 'notPairing' };
  // A path on this tablet is ours to name: over the network it could be any file's.
  return namesFile(grant.data.queue) ? { ok: false, fault: 'settings' } : { ok: true, grant: grant.data };
}

function namesFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([name, inner]) =>
    /file$|path$/i.test(name) && name !== 'path' ? true : namesFile(inner),
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
