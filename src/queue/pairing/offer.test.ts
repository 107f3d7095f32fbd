import { describe, expect, it } from 'vitest';
import { isOwnMachine, readPairingAddress, readPairingOffer, shortFingerprint } from './offer.ts';

const PIN = Buffer.alloc(32, 0xa1).toString('base64url');
const scanned = (fields: string) => readPairingOffer(`yiping-pair:1?${fields}`);

describe('what a QR code offers', () => {
  it('is an address, a code and the fingerprint of its certificate', () => {
    expect(scanned(`a=https%3A%2F%2F10.0.0.5%3A7400&c=482913&f=${PIN}`)).toEqual({
      address: { origin: 'https://10.0.0.5:7400', host: '10.0.0.5', port: 7400, secure: true },
      code: '482913',
      fingerprint: 'a1'.repeat(32),
    });
    expect(scanned('a=http%3A%2F%2Fqueue.local&c=000001')).toEqual({
      address: { origin: 'http://queue.local:7348', host: 'queue.local', port: 7348, secure: false },
      code: '000001',
    });
  });

  it.each([
    ['nothing', ''],
    ['another scheme', 'https://10.0.0.5/?c=482913'],
    ['another version', `yiping-pair:2?a=https%3A%2F%2F10.0.0.5&c=482913`],
    ['no code', 'yiping-pair:1?a=https%3A%2F%2F10.0.0.5'],
    ['five digits', 'yiping-pair:1?a=https%3A%2F%2F10.0.0.5&c=48291'],
    ['a field twice', 'yiping-pair:1?a=https%3A%2F%2F10.0.0.5&c=482913&c=482914'],
    ['a field more', 'yiping-pair:1?a=https%3A%2F%2F10.0.0.5&c=482913&x=1'],
    ['a file', 'yiping-pair:1?a=file%3A%2F%2F%2Fetc%2Fpasswd&c=482913'],
    ['a path', 'yiping-pair:1?a=https%3A%2F%2F10.0.0.5%2Fadmin&c=482913'],
    ['a user', 'yiping-pair:1?a=https%3A%2F%2Fu%3Ap%4010.0.0.5&c=482913'],
    ['half a fingerprint', 'yiping-pair:1?a=https%3A%2F%2F10.0.0.5&c=482913&f=abc'],
    ['a fingerprint without TLS', `yiping-pair:1?a=http%3A%2F%2F10.0.0.5&c=482913&f=${PIN}`],
    ['too much', `yiping-pair:1?a=https%3A%2F%2F10.0.0.5&c=482913&f=${'a'.repeat(2_000)}`],
  ])('is refused: %s', (_what, text) => {
    expect(readPairingOffer(text)).toBeNull();
  });
});

describe('an address that is typed', () => {
  it('is given the scheme the site says, and our port', () => {
    expect(readPairingAddress('192.168.1.20', 'https')?.origin).toBe('https://192.168.1.20:7348');
    expect(readPairingAddress('192.168.1.20:80', 'http')?.origin).toBe('http://192.168.1.20:80');
    expect(readPairingAddress('https://queue:443', 'http')).toMatchObject({ port: 443, secure: true });
    expect(readPairingAddress('[::1]', 'http')).toMatchObject({ host: '::1', port: 7348 });
    expect(readPairingAddress('[::1]:9', 'http')).toMatchObject({ host: '::1', port: 9 });
  });

  it('is refused when it is more than that', () => {
    for (const text of [
      '',
      ':',
      'a b',
      'h/x',
      'h?x',
      'h#x',
      'u@h',
      'ftp://h',
      'h:0',
      'h:70000',
      'x'.repeat(300),
    ])
      expect(readPairingAddress(text, 'https'), text).toBeNull();
  });
});

it('knows its own machine, and says a fingerprint so that people can compare it', () => {
  expect(['127.0.0.1', '127.9.9.9', '::1'].every(isOwnMachine)).toBe(true);
  expect(['127.evil.example', '10.0.0.1', 'localhost'].some(isOwnMachine)).toBe(false);
  expect(shortFingerprint('a1b2c3d4e5f60718ffff')).toBe('A1B2 C3D4 E5F6 0718');
});
