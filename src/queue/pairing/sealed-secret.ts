import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/**
 * Secrets that came over the network, as they lie on disk: AES-256-GCM under a key that is derived from a random file
 * beside them, made anew for every pairing and gone with it. What that protects and what not: docs/threat-model.md.
 */
const PREFIX = 'yiping-sealed:1:';
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
export const SEAL_KEY_BYTES = 32;
/** Name of the file with the key, in the folder of what it seals. */
export const SEAL_KEY_FILE = 'seal-key';

export const isSealed = (text: string): boolean => text.startsWith(PREFIX);

export function newSealKey(): string {
  return randomBytes(SEAL_KEY_BYTES).toString('hex');
}

/** @param name of the file: a sealed text is worth nothing under another name. */
export function sealSecret(text: string, parts: { readonly key: string; readonly name: string }): string {
  const salt = randomBytes(SALT_BYTES);
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', derived(parts.key, salt), nonce);
  cipher.setAAD(Buffer.from(PREFIX + parts.name));
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return PREFIX + Buffer.concat([salt, nonce, cipher.getAuthTag(), sealed]).toString('base64');
}

/** @returns null if it was changed, is another file's, or the key is another one. */
export function unsealSecret(
  text: string,
  parts: { readonly key: string; readonly name: string },
): string | null {
  if (!isSealed(text)) return null;
  const bytes = Buffer.from(text.slice(PREFIX.length).trim(), 'base64');
  const head = SALT_BYTES + NONCE_BYTES;
  if (bytes.length < head + TAG_BYTES) return null;
  try {
    const cipher = createDecipheriv(
      'aes-256-gcm',
      derived(parts.key, bytes.subarray(0, SALT_BYTES)),
      bytes.subarray(SALT_BYTES, head),
      { authTagLength: TAG_BYTES },
    );
    cipher.setAAD(Buffer.from(PREFIX + parts.name));
    cipher.setAuthTag(bytes.subarray(head, head + TAG_BYTES));
    return Buffer.concat([cipher.update(bytes.subarray(head + TAG_BYTES)), cipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}

function derived(key: string, salt: Buffer): Buffer {
  return Buffer.from(hkdfSync('sha256', Buffer.from(key, 'hex'), salt, 'yiping/paired/1', 32));
}
