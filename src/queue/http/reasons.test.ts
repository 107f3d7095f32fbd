import { describe, expect, it } from 'vitest';
import { PAD_FAULTS, padReason } from '../pad/reasons.ts';
import { POLL_FAULTS, PUSH_FAULTS, pollReason, pushReason } from './reasons.ts';

const address = '10.0.0.5:8473';
const context = {
  address,
  listen: address,
  counter: '3',
  workNo: '1001',
  keyFile: 'key',
  notifyKeyFile: 'nkey',
  silenceLimitMs: 1800,
  requestLimitMs: 1000,
};

describe('why a link over HTTP or to a pad server is lost', () => {
  it.each([
    ...PUSH_FAULTS.map((fault) => [`push ${fault}`, pushReason(fault, context)] as const),
    ...POLL_FAULTS.map((fault) => [`poll ${fault}`, pollReason(fault, context)] as const),
    ...PAD_FAULTS.map((fault) => [`pad ${fault}`, padReason(fault, context)] as const),
  ])('%s: says what happened and what to do', (_, sentence) => {
    expect(sentence).toMatch(/请|自动/);
    expect(sentence).toMatch(/。$/);
    expect(sentence).not.toMatch(/undefined|null|\[object/);
  });

  it('names the interval in which it has to be heard, for who sends or answers more slowly', () => {
    expect(pushReason('pushSilent', context)).toContain('1.8 秒');
    expect(pollReason('silent', context)).toContain('1 秒');
  });
});
