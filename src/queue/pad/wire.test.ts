import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNotify } from './notify.ts';
import { caseInAddress, readPadMessage } from './wire.ts';

describe('the pad server’s messages', () => {
  it.each([
    ['{"code":40001,"state":0,"msg":"请发送工号"}', { type: 'login', ok: false }],
    ['{"code":"40001","state":"1"}', { type: 'login', ok: true }],
    ['{"code":40000,"state":1,"msg":"收到","data":1603780718130}', { type: 'heartbeat' }],
    ['{"code":40002,"state":0}', { type: 'complaint', code: 40002 }],
    ['{"code":1,"data":{}}', { type: 'unknown' }],
    ['{"code":50100,"data":"file:///etc/passwd"}', { type: 'malformed' }],
    ['{"code":50100,"data":"https://user:pass@rating.example/"}', { type: 'malformed' }],
    ['{"state":1}', { type: 'malformed' }],
  ])('%s', (text, expected) => {
    expect(readPadMessage(text)).toEqual(expected);
  });

  it('an address names a case under the first name that fits', () => {
    const address = new URL('https://rating.example/f?id=<script>&projectNo=440100-7');
    expect(caseInAddress(address, ['id', 'projectNo'])).toBe('440100-7');
    expect(caseInAddress(address, ['other'])).toBeUndefined();
  });

  it('whatever comes is read or refused, never thrown at us', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.json(), fc.webUrl()), (text) => {
        expect(readPadMessage(text).type).toBeTypeOf('string');
        expect(readPadMessage(JSON.stringify({ code: 50100, data: text })).type).toBeTypeOf('string');
        for (const contentType of ['application/json', 'text/plain']) {
          readNotify({ contentType, query: new URLSearchParams(text), body: text });
        }
      }),
    );
  });
});
