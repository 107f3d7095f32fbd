import { encode, type Packet } from 'dns-packet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  foundPairing,
  MAX_REPLY_BYTES,
  PAIRING_SERVICE,
  readReply,
  showable,
  writeSearch,
} from './announcement.ts';

const instance = (name: string) => `${name}.${PAIRING_SERVICE}`;

function reply(
  parts: {
    readonly name?: string;
    readonly txt?: readonly string[];
    readonly ttl?: number;
    readonly type?: Packet['type'];
  } = {},
): Buffer {
  const { name = '云溪叫号', txt = ['v=1'], ttl = 120, type = 'response' } = parts;
  return encode({
    type,
    answers: [
      { type: 'PTR', name: PAIRING_SERVICE, ttl, data: instance(name) },
      { type: 'SRV', name: instance(name), ttl, data: { port: 7348, target: 'elsewhere.example' } },
      { type: 'TXT', name: instance(name), ttl, data: [...txt] },
      { type: 'A', name: 'elsewhere.example', ttl, data: '203.0.113.9' },
    ],
  });
}

const found = (message: Buffer, from = '192.168.1.20') =>
  [...(readReply(message) ?? [])].map(([label, heard]) => foundPairing(label, heard, from));

describe('what a queue system says of itself on the local network', () => {
  it('names it and its port; the address is where it came from, whatever else it says', () => {
    expect(found(reply())).toEqual([
      { name: '云溪叫号', address: expect.objectContaining({ origin: 'https://192.168.1.20:7348' }) },
    ]);
    expect(found(reply({ txt: ['v=1', 'scheme=http', 'other=x'] }))[0]?.address.origin).toBe(
      'http://192.168.1.20:7348',
    );
  });

  it('is nothing in another version, with another scheme, taken back, or about something else', () => {
    for (const txt of [['v=2'], ['scheme=https'], [], ['v=1', 'scheme=file'], Array(40).fill('v=1')])
      expect(found(reply({ txt }))).toEqual([null]);
    expect(found(reply({ ttl: 0 }))).toEqual([]);
    const other = encode({
      type: 'response',
      answers: [{ type: 'PTR', name: '_ipp._tcp.local', ttl: 120, data: 'Printer._ipp._tcp.local' }],
    });
    expect(readReply(other)?.size).toBe(0);
    expect(readReply(writeSearch(['云溪叫号']))?.size).toBe(0);
    expect(readReply(reply({ type: 'query' }))?.size).toBe(0);
  });

  it('comes in pieces: what is still missing can be asked for', () => {
    const ptr = encode({
      type: 'response',
      answers: [{ type: 'PTR', name: PAIRING_SERVICE, ttl: 120, data: instance('Q') }],
    });
    expect([...(readReply(ptr) ?? [])]).toEqual([['Q', {}]]);
    expect(foundPairing('Q', {}, '192.168.1.20')).toBeNull();
    expect(foundPairing('Q', { scheme: 'https' }, '192.168.1.20')).toBeNull();
    expect(foundPairing('Q', { port: 0, scheme: 'https' }, '192.168.1.20')).toBeNull();
  });

  it('is refused when it is too large, has too many records, or is noise', () => {
    expect(readReply(Buffer.alloc(MAX_REPLY_BYTES + 1))).toBeNull();
    const record = { type: 'PTR', name: PAIRING_SERVICE, ttl: 120, data: instance('Q') } as const;
    expect(readReply(encode({ type: 'response', answers: Array(65).fill(record) }))).toBeNull();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const read = readReply(Buffer.from(bytes));
        return read === null || [...read.keys()].every((label) => label !== '');
      }),
    );
    const whole = reply();
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.nat(255), (at, byte) => {
        const bent = Buffer.from(whole);
        bent[at] = byte;
        for (const one of found(bent)) if (one) expect(one.address.host).toBe('192.168.1.20');
      }),
    );
  });

  it('shows its name without what hides, turns round or piles up', () => {
    expect(showable('  叫号\u202e系统\u200b\u0007\n  2 ')).toBe('叫号系统 2');
    expect(showable(`a${'\u0301'.repeat(50)}`)).toBe('á');
    expect(showable('x'.repeat(63))).toHaveLength(40);
    expect(showable('\u2066\u2069')).toBe('');
    fc.assert(
      fc.property(fc.array(fc.nat(0x10_ffff), { maxLength: 80 }), (signs) => {
        const name = String.fromCodePoint(...signs);
        const shown = showable(name);
        return [...shown].length <= 40 && shown.isWellFormed() && !/[\p{Cc}\p{Cf}]/u.test(shown);
      }),
    );
  });
});
