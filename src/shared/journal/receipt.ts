/**
 * The receipt code: the first 60 bits of the hash of the entry that settled the rating, as 12 characters of
 * Crockford's base 32 in three groups. It proves "frozen, unchanged, delivered" and says nothing of the level:
 * the hash covers a random id, so it cannot be guessed back.
 */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
export const RECEIPT_PATTERN = /^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){2}$/;

/** @param hashHex hash of the `rating.settled` entry, hex. */
export function receiptCode(hashHex: string): string {
  let bits = BigInt(`0x${hashHex.slice(0, 15)}`);
  let code = '';
  for (let i = 0; i < 12; i++) {
    code = ALPHABET.charAt(Number(bits & 31n)) + code;
    bits >>= 5n;
  }
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;
}
