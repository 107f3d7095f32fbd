/**
 * Looks at the frames of MQTT before any library does: a broker may announce a packet of 256 MB and send it slowly, and
 * what reads it would keep every byte. Only the fixed header is read here: kind, then a length of up to four bytes.
 */
export interface PacketGuard {
  /** @returns how many packets began in these bytes, or why there will be no next. */
  readonly take: (bytes: Uint8Array) => number | 'oversized' | 'protocol';
}

export function createPacketGuard(maxBytes: number): PacketGuard {
  let reading: 'kind' | 'length' | 'body' = 'kind';
  let length = 0;
  let factor = 1;
  let left = 0;

  const take = (bytes: Uint8Array): number | 'oversized' | 'protocol' => {
    let packets = 0;
    let at = 0;
    while (at < bytes.length) {
      if (reading === 'body') {
        const step = Math.min(left, bytes.length - at);
        at += step;
        left -= step;
        if (left === 0) reading = 'kind';
        continue;
      }
      const byte = bytes[at] ?? 0;
      at += 1;
      if (reading === 'kind') {
        packets += 1;
        reading = 'length';
        length = 0;
        factor = 1;
        continue;
      }
      length += (byte & 0x7f) * factor;
      factor *= 128;
      if (length > maxBytes) return 'oversized';
      if ((byte & 0x80) !== 0) {
        if (factor > 128 ** 3) return 'protocol';
        continue;
      }
      left = length;
      reading = left === 0 ? 'kind' : 'body';
    }
    return packets;
  };
  return { take };
}
