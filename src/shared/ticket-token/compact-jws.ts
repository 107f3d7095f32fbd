import { MAX_TOKEN_CHARS } from './claims.ts';

/** A compact JWS taken apart and read, nothing of it believed. */
export interface CompactJws {
  readonly header: unknown;
  readonly payload: unknown;
  /** What the signature covers: header and payload as they came, with the dot between them. */
  readonly signed: Buffer;
  readonly signature: Buffer;
}

const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;

/**
 * RFC 7515, 7.1, and stricter: base64url in its one canonical form, so that no token has a second spelling, and JSON
 * without duplicate members, so that no two readers can read it differently.
 *
 * @returns undefined for whatever else comes.
 */
export function readCompactJws(text: string): CompactJws | undefined {
  if (text.length > MAX_TOKEN_CHARS) return undefined;
  const [, header, payload, signature] = COMPACT.exec(text) ?? [];
  if (header === undefined || payload === undefined || signature === undefined) return undefined;
  const bytes = canonicalBytes(signature);
  const read = [header, payload].map(readObject);
  const [readHeader, readPayload] = read;
  if (!bytes || !readHeader || !readPayload) return undefined;
  const signed = Buffer.from(`${header}.${payload}`, 'ascii');
  return { header: readHeader.value, payload: readPayload.value, signed, signature: bytes };
}

function canonicalBytes(encoded: string): Buffer | undefined {
  const bytes = Buffer.from(encoded, 'base64url');
  return bytes.toString('base64url') === encoded ? bytes : undefined;
}

function readObject(encoded: string): { readonly value: unknown } | undefined {
  const bytes = canonicalBytes(encoded);
  if (!bytes) return undefined;
  try {
    // Throws at what is not UTF-8, and keeps a byte order mark, at which JSON.parse throws.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    const value: unknown = JSON.parse(text);
    return hasDuplicateMember(text) ? undefined : { value };
  } catch {
    return undefined;
  }
}

const JSON_MARKS = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/** @param json what JSON.parse has read: it keeps the last of several members of one name and does not say so. */
export function hasDuplicateMember(json: string): boolean {
  const open: Set<string>[] = [];
  let text: string | undefined;
  for (const [mark] of json.matchAll(JSON_MARKS)) {
    switch (mark) {
      case '{':
      case '[':
        open.push(new Set());
        break;
      case '}':
      case ']':
        open.pop();
        break;
      case ':': {
        const names = open.at(-1);
        // Unescaped first: "\u0061" is the name "a".
        const name: unknown = JSON.parse(text ?? '""');
        if (names?.has(String(name))) return true;
        names?.add(String(name));
        break;
      }
      default:
        text = mark;
    }
  }
  return false;
}
