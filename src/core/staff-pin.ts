import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { PinSchema } from '../shared/screen/staff-contract.ts';
import { readSmallFile, writeWhole } from './whole-file.ts';

/**
 * The PIN of the staff screen: `staff-pin.json` in the data folder holds salt, parameters and hash, never the PIN.
 * scrypt makes each guess cost a tenth of a second and 32 MB, also for whoever has copied the file.
 */
export const STAFF_PIN_FILE = 'staff-pin.json';

const COST = { n: 2 ** 15, r: 8, p: 1 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Node's own ceiling is exactly what n and r above need. */
const MEMORY_BYTES = 96 * 1024 * 1024;

/** Parameters that somebody wrote in by hand must neither weaken the hash nor hang the core. */
const StoredPinSchema = z.strictObject({
  kdf: z.literal('scrypt'),
  n: z
    .int()
    .min(2 ** 14)
    .max(2 ** 16)
    .refine((n) => Math.log2(n) % 1 === 0, 'must be a power of two'),
  r: z.literal(8),
  p: z.literal(1),
  salt: z.base64().length(24),
  hash: z.base64().length(44),
});
type StoredPin = z.output<typeof StoredPinSchema>;

/** `unreadable`: there is a file and it is none of ours; it never lets anybody in. */
export type FoundPin =
  | { readonly state: 'set'; readonly salt: string; readonly isRight: (pin: string) => Promise<boolean> }
  | { readonly state: 'absent' }
  | { readonly state: 'unreadable' };

export function findPin(path: string): FoundPin {
  const read = readSmallFile(path);
  if (read.kind === 'absent') return { state: 'absent' };
  const stored = read.kind === 'text' ? parsed(read.text) : undefined;
  if (!stored) return { state: 'unreadable' };
  return {
    state: 'set',
    salt: stored.salt,
    isRight: async (pin) => timingSafeEqual(await derive(pin, stored), Buffer.from(stored.hash, 'base64')),
  };
}

export type SetPinResult = { readonly ok: true } | { readonly ok: false; readonly message: string };

/** Whole or not at all, readable by the kiosk's user only. */
export async function setPin(path: string, pin: string): Promise<SetPinResult> {
  if (!PinSchema.safeParse(pin).success)
    return { ok: false, message: '口令须为 4 至 12 位数字。(A PIN has 4 to 12 digits.)' };
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(pin, { ...COST, salt: salt.toString('base64') });
  const stored: StoredPin = {
    kdf: 'scrypt',
    ...COST,
    salt: salt.toString('base64'),
    hash: hash.toString('base64'),
  };
  const written = writeWhole(path, `${JSON.stringify(stored)}\n`);
  if (written.ok) return written;
  return {
    ok: false,
    message: `无法写入 ${path}：${written.detail}。请检查数据文件夹的所有者、权限与磁盘空间。`,
  };
}

function parsed(text: string): StoredPin | undefined {
  try {
    return StoredPinSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

function derive(pin: string, { n, r, p, salt }: Pick<StoredPin, 'n' | 'r' | 'p' | 'salt'>): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    scrypt(
      pin,
      Buffer.from(salt, 'base64'),
      HASH_BYTES,
      { N: n, r, p, maxmem: MEMORY_BYTES },
      (error, hash) => (error ? reject(error) : resolve(hash)),
    );
  });
}
