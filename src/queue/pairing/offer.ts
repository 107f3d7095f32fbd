import { isIP } from 'node:net';

/**
 * Where a queue system offers to be paired, and how: read from its QR code, or from what a technician typed. What is
 * not exactly so is refused; nothing here is opened, followed or shown.
 */
export interface PairingAddress {
  /** Scheme, host and port, nothing else. */
  readonly origin: string;
  readonly host: string;
  readonly port: number;
  readonly secure: boolean;
}

export interface PairingOffer {
  readonly address: PairingAddress;
  /** Six digits, single use. */
  readonly code: string;
  /** SHA-256 of the pairing server's certificate, lower-case hex. */
  readonly fingerprint?: string;
}

/** A QR code holds more; nothing of ours does. */
export const MAX_OFFER_CHARS = 1024;
/** Where no port is named. */
export const PAIRING_PORT = 7348;
export const CODE_PATTERN = /^\d{6}$/;

const SCHEME = 'yiping-pair:1?';
const MAX_ADDRESS_CHARS = 200;

/** @returns null for whatever is not an offer of ours. */
export function readPairingOffer(text: string): PairingOffer | null {
  if (text.length > MAX_OFFER_CHARS || !text.startsWith(SCHEME)) return null;
  const fields = [...new URLSearchParams(text.slice(SCHEME.length))];
  const known = new Map(fields);
  if (known.size !== fields.length || [...known.keys()].some((name) => !/^[acf]$/.test(name))) return null;
  const address = readPairingAddress(known.get('a') ?? '', 'none');
  const code = known.get('c') ?? '';
  if (!address || !CODE_PATTERN.test(code)) return null;
  const pin = known.get('f');
  if (pin === undefined) return { address, code };
  if (!address.secure || !/^[\w-]{43}$/.test(pin)) return null;
  return { address, code, fingerprint: Buffer.from(pin, 'base64url').toString('hex') };
}

/** @param otherwise the scheme of an address without one; `none`: it must have one. */
export function readPairingAddress(
  text: string,
  otherwise: 'http' | 'https' | 'none',
): PairingAddress | null {
  const hasScheme = /^https?:\/\//i.test(text);
  const whole = hasScheme || otherwise === 'none' ? text : `${otherwise}://${text}`;
  if (text.length > MAX_ADDRESS_CHARS || /[\s\\@?#]/.test(text) || !URL.canParse(whole)) return null;
  const url = new URL(whole);
  if (!/^https?:$/.test(url.protocol) || url.pathname !== '/' || url.hostname === '') return null;
  const secure = url.protocol === 'https:';
  const typed = /:(\d{1,5})\/?$/.exec(whole.replace(/^https?:\/\//i, ''))?.[1];
  // `[::1]` ends like a port; its bracket tells them apart.
  const port = typed === undefined ? PAIRING_PORT : Number(typed);
  if (port < 1 || port > 65_535) return null;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { origin: `${url.protocol}//${url.hostname}:${port}`, host, port, secure };
}

/** Without encryption only where nobody else can listen, or where the site says so. */
export function isOwnMachine(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/** What two people can compare: the first eight bytes, in groups. */
export function shortFingerprint(fingerprint: string): string {
  return (fingerprint.slice(0, 16).toUpperCase().match(/.{4}/g) ?? []).join(' ');
}
