/** Bytes as people write them: `FF 68 03`. */
export function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');
}

/** @param text pairs of hexadecimal digits separated by spaces; checked before by the model's schema. */
export function fromHex(text: string): Uint8Array {
  return Uint8Array.from(text.split(' '), (pair) => Number.parseInt(pair, 16));
}
