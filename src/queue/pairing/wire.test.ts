import { describe, expect, it } from 'vitest';
import { readPairAnswer } from './wire.ts';

const GRANT = {
  v: 1,
  pairing: 'abcdefgh',
  system: '叫号系统',
  queue: { kind: 'rate-service', url: 'ws://10.0.0.5:3348', userCode: '1003' },
  testCall: true,
  nowMs: 1_777_777_777_000,
};
const read = (value: unknown, status = 200) => readPairAnswer(status, JSON.stringify(value));

describe('the answer of a queue system', () => {
  it('is settings and secrets', () => {
    expect(read({ ...GRANT, files: { passwordFile: 's3cret' }, more: 1 })).toMatchObject({
      ok: true,
      grant: { files: { passwordFile: 's3cret' } },
    });
  });

  it('is a refusal with a name', () => {
    expect(read({ v: 1, error: 'counterTaken', detail: 'tablet-7' }, 403)).toEqual({
      ok: false,
      fault: 'counterTaken',
      detail: 'tablet-7',
    });
    expect(read({ error: 'versionUnknown' }, 400)).toEqual({ ok: false, fault: 'otherVersion' });
  });

  it('never names a file of this tablet', () => {
    for (const more of [
      { passwordFile: '/data/device-key.pem' },
      { tls: { keyFile: '/data/device-key.pem' } },
      { deep: [{ caFile: 'x' }] },
      { socketPath: '/run/x' },
    ])
      expect(read({ ...GRANT, queue: { ...GRANT.queue, ...more } })).toEqual({
        ok: false,
        fault: 'settings',
      });
  });

  it.each([
    ['no JSON', 200, 'hello'],
    ['null', 200, 'null'],
    ['a list', 200, '[]'],
    ['an unknown error', 403, '{"error":"nope"}'],
    ['an error page', 502, '<html>'],
    ['a secret of another name', 200, JSON.stringify({ ...GRANT, files: { authorizedKeys: 'x' } })],
    ['a secret too long', 200, JSON.stringify({ ...GRANT, files: { keyFile: 'x'.repeat(20_000) } })],
    ['control characters', 200, JSON.stringify({ ...GRANT, system: 'a\u0007' })],
    ['a strange name', 200, JSON.stringify({ ...GRANT, pairing: '../../etc' })],
  ])('is not one: %s', (_what, status, text) => {
    expect(readPairAnswer(status, text)).toEqual({ ok: false, fault: 'notPairing' });
  });

  it('of another version says so', () => {
    expect(read({ ...GRANT, v: 2 })).toEqual({ ok: false, fault: 'otherVersion' });
  });
});
