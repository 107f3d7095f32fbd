import { type Answer, decode, encode } from 'dns-packet';
import { type PairingAddress, readPairingAddress } from './offer.ts';

/**
 * What a queue system says of itself while it offers pairing: DNS-SD over multicast DNS (RFC 6763, RFC 6762), as in
 * docs/pairing.md. Everything here comes from whoever is on the network and is a proposal: it fills in an address and
 * proves nothing.
 */
export const PAIRING_SERVICE = '_yiping-queue._tcp.local';

export interface FoundPairing {
  /** As it names itself, made fit to be shown; '' if nothing of it is. */
  readonly name: string;
  readonly address: PairingAddress;
}

/** What is known of one instance so far: a reply may bring the records in any order, or only some. */
export interface Heard {
  readonly port?: number;
  readonly scheme?: 'http' | 'https' | 'other';
}

/** More than fits into one Ethernet frame, less than the 9,000 bytes that multicast DNS allows. */
export const MAX_REPLY_BYTES = 4_096;
const MAX_RECORDS = 64;
const MAX_TXT_STRINGS = 16;
const MAX_NAME_CHARS = 40;
const MAX_LABEL_BYTES = 63;

/** Asks who offers pairing, and for what is still missing of those who answered. */
export function writeSearch(incomplete: readonly string[]): Buffer {
  return encode({
    type: 'query',
    id: 0,
    questions: [
      { type: 'PTR', class: 'IN', name: PAIRING_SERVICE },
      ...incomplete.flatMap((label) =>
        (['SRV', 'TXT'] as const).map(
          (type) => ({ type, class: 'IN', name: `${label}.${PAIRING_SERVICE}` }) as const,
        ),
      ),
    ],
  });
}

/**
 * What one message says of our service, by the label of the instance: mostly nothing, as others ask and answer there too.
 * @returns null for what cannot be read.
 */
export function readReply(message: Buffer): ReadonlyMap<string, Heard> | null {
  if (message.length > MAX_REPLY_BYTES) return null;
  const heard = new Map<string, Heard>();
  try {
    const packet = decode(message);
    if (packet.type !== 'response') return heard;
    const records = [...(packet.answers ?? []), ...(packet.additionals ?? [])];
    if (records.length > MAX_RECORDS) return null;
    for (const record of records) {
      const said = readRecord(record);
      if (said) heard.set(said.label, { ...heard.get(said.label), ...said.heard });
    }
  } catch {
    return null;
  }
  return heard;
}

function readRecord(record: Answer): { readonly label: string; readonly heard: Heard } | null {
  // A time to live of nothing: it takes back what it said.
  if (!('ttl' in record) || record.ttl === 0) return null;
  if (record.type === 'PTR')
    return record.name.toLowerCase() === PAIRING_SERVICE ? labelled(record.data, {}) : null;
  if (record.type === 'SRV') return labelled(record.name, { port: record.data.port });
  if (record.type === 'TXT') return labelled(record.name, { scheme: schemeOf(record.data) });
  return null;
}

function labelled(name: unknown, heard: Heard) {
  if (typeof name !== 'string' || !name.toLowerCase().endsWith(`.${PAIRING_SERVICE}`)) return null;
  const label = name.slice(0, -PAIRING_SERVICE.length - 1);
  return label === '' || Buffer.byteLength(label) > MAX_LABEL_BYTES ? null : { label, heard };
}

function schemeOf(data: unknown): NonNullable<Heard['scheme']> {
  const strings: readonly unknown[] = Array.isArray(data) ? data : [data];
  if (strings.length > MAX_TXT_STRINGS) return 'other';
  const fields = new Map(
    strings.map((one) => {
      const text = String(one);
      const at = text.indexOf('=');
      return [text.slice(0, Math.max(0, at)).toLowerCase(), text.slice(at + 1)] as const;
    }),
  );
  if (fields.get('v') !== '1') return 'other';
  const scheme = fields.get('scheme') ?? 'https';
  return scheme === 'https' || scheme === 'http' ? scheme : 'other';
}

/** @param from the sender: a reply speaks for the machine that it came from and for no other. */
export function foundPairing(label: string, heard: Heard, from: string): FoundPairing | null {
  const { port, scheme } = heard;
  if (port === undefined || scheme === undefined || scheme === 'other') return null;
  const address = readPairingAddress(`${scheme}://${from}:${port}`, 'none');
  return address ? { name: showable(label), address } : null;
}

/** Nothing that hides, turns round or piles up: what is left looks like what it is. */
export function showable(name: string): string {
  const plain = name
    .normalize('NFC')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '')
    .replace(/\p{M}{3,}/gu, '')
    .replace(/\s+/gu, ' ')
    .trim();
  return [...plain].slice(0, MAX_NAME_CHARS).join('');
}
