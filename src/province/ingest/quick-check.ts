import { type EntryEvent, EVENT_TYPE_PREFIX } from '../../shared/protocol/batch.ts';

/**
 * Whether a value is an entry event as devices of ours write them, seen without the schema: it is most of the
 * cost of a batch otherwise. It may only say yes where EntryEventSchema says yes (a property test holds that);
 * for everything else the schema is asked, and gives the verdict and the reason.
 */
export function isPlainEntryEvent(value: unknown): value is EntryEvent {
  if (!isObject(value) || Object.keys(value).length !== 6) return false;
  const { specversion, id, source, type, time, data } = value;
  return (
    specversion === '1.0' &&
    typeof id === 'string' &&
    UUID.test(id) &&
    typeof source === 'string' &&
    source.length <= 100 &&
    typeof type === 'string' &&
    type.length <= 80 &&
    type.startsWith(EVENT_TYPE_PREFIX) &&
    typeof time === 'string' &&
    TIME.test(time) &&
    isObject(data) &&
    isPlainData(data)
  );
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
/** Days up to 28 exist in every month; the schema looks at the others. */
const TIME = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;
const BOOT = /^[A-Za-z0-9._:-]{1,64}$/;

function isPlainData(data: Readonly<Record<string, unknown>>): boolean {
  const { seq, boot, mono, body, sig } = data;
  const signed = 'sig' in data;
  return (
    Object.keys(data).length === (signed ? 5 : 4) &&
    Number.isSafeInteger(seq) &&
    Number(seq) >= 1 &&
    typeof boot === 'string' &&
    BOOT.test(boot) &&
    Number.isSafeInteger(mono) &&
    Number(mono) >= 0 &&
    isObject(body) &&
    (!signed || (typeof sig === 'string' && isSignature(sig)))
  );
}

const SIGNATURE_LETTERS = 86;
const IS_BASE64 = new Uint8Array(128);
for (const letter of Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'))
  IS_BASE64[letter] = 1;

/** Base64 of 64 bytes. A batch holds hundreds, and a regular expression takes several times as long for one. */
function isSignature(text: string): boolean {
  if (text.length !== SIGNATURE_LETTERS + 2 || !text.endsWith('==')) return false;
  for (let at = 0; at < SIGNATURE_LETTERS; at++) if (IS_BASE64[text.charCodeAt(at)] !== 1) return false;
  return true;
}

/** Of JSON: an object that is no array. */
function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
