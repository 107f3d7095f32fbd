import { describe, expect, it } from 'vitest';
import type { Refusal } from '../shared/protocol/batch.ts';
import type { Answer } from './answer.ts';
import { type Sent, type Verdict, verdict } from './verdict.ts';

const NOW = Date.UTC(2026, 4, 6, 1, 0, 0);
const hashOf = (seq: number) => String(seq).padStart(64, '0');
const sent: Sent = { firstSeq: 11, lastSeq: 20, headSeq: 30, divisible: true, nowMs: NOW, hashOf };

const reply = (
  status: number,
  body: unknown,
  headers: { retryAfter?: string; date?: string } = {},
): Answer => ({
  kind: 'reply',
  status,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...headers,
});
const ack = (ackedSeq: number) => ({ ackedSeq, serverTimeMs: NOW + 5, configVersion: 0, commands: [] });
const refusal = (error: Refusal['error'], more: Partial<Refusal> = {}): Refusal => ({
  error,
  message: `it is ${error}`,
  ...more,
});

describe('the table of answers', () => {
  it.each<[string, Answer, Partial<Verdict>]>([
    ['all of it taken', reply(200, ack(20)), { kind: 'delivered', ackedSeq: 20, serverTimeMs: NOW + 5 }],
    ['a part of it taken', reply(200, ack(14)), { kind: 'delivered', ackedSeq: 14 }],
    [
      'more held from earlier: no more than was sent counts',
      reply(200, ack(25)),
      { kind: 'delivered', ackedSeq: 20 },
    ],
    [
      'taken, and the hash is ours',
      reply(200, { ...ack(14), ackedHash: hashOf(14) }),
      { kind: 'delivered', ackedSeq: 14 },
    ],
    [
      'no reply',
      { kind: 'failed', failure: 'unreachable', message: 'gone' },
      { kind: 'retry', offline: true, reason: 'gone' },
    ],
    [
      'no reply in time',
      { kind: 'failed', failure: 'timeout', message: 'late' },
      { kind: 'retry', offline: true, reason: 'late', late: true },
    ],
    ['nobody waited longer', reply(408, '<html>'), { kind: 'retry', offline: false, late: true }],
    ['malformed, 400', reply(400, refusal('malformed')), { kind: 'split' }],
    ['malformed, 422', reply(422, refusal('malformed', { seq: 12 })), { kind: 'split' }],
    ['not proven', reply(401, refusal('badSignature')), { kind: 'retry', offline: false }],
    [
      'our clock is wrong',
      reply(401, refusal('clockSkew'), { date: 'Wed, 06 May 2026 02:00:00 GMT' }),
      { kind: 'retry', serverTimeMs: NOW + 3_600_000 },
    ],
    ['revoked', reply(403, refusal('revoked')), { kind: 'stop', why: 'revoked' }],
    ['not registered', reply(404, refusal('unknownDevice')), { kind: 'retry', offline: false }],
    ['a gap before', reply(409, refusal('gap', { expectedSeq: 4 })), { kind: 'gap', expectedSeq: 4 }],
    [
      'a gap beyond the journal',
      reply(409, refusal('gap', { expectedSeq: 32 })),
      { kind: 'stop', why: 'ahead' },
    ],
    ['a fork', reply(409, refusal('fork', { seq: 12 })), { kind: 'stop', why: 'fork' }],
    ['too large', reply(413, refusal('tooLarge')), { kind: 'split' }],
    ['too large for a proxy', reply(413, '<html>'), { kind: 'split' }],
    ['busy, seconds', reply(429, refusal('slowDown'), { retryAfter: '7' }), { kind: 'slowDown', ms: 7000 }],
    [
      'busy, a date by their clock',
      reply(503, 'busy', {
        retryAfter: 'Wed, 06 May 2026 09:00:30 GMT',
        date: 'Wed, 06 May 2026 09:00:00 GMT',
      }),
      { kind: 'slowDown', ms: 30_000 },
    ],
    ['busy for days', reply(503, 'busy', { retryAfter: '900000' }), { kind: 'slowDown', ms: 3_600_000 }],
    ['busy for no time', reply(503, 'busy', { retryAfter: '0' }), { kind: 'slowDown', ms: 1_000 }],
    ['busy, without a time', reply(503, refusal('slowDown')), { kind: 'retry', offline: false }],
    ['broken inside', reply(500, refusal('internal')), { kind: 'retry', offline: false }],
    ['a bad gateway', reply(502, '<html>'), { kind: 'retry', offline: false }],
  ])('%s', (_name, answer, expected) => {
    expect(verdict(answer, sent)).toMatchObject(expected);
  });

  it.each<[string, Answer]>([
    ['malformed', reply(422, refusal('malformed', { seq: 12 }))],
    ['too large', reply(413, '')],
  ])('a single commit that is %s is parked', (_name, answer) => {
    expect(verdict(answer, { ...sent, divisible: false })).toMatchObject({ kind: 'park', seq: 11 });
  });
});

describe('nonsense is tried again later and never delivers, stops or parks', () => {
  it.each<[string, Answer, RegExp]>([
    ['a portal page', reply(200, '<html>Log in</html>'), /not an acknowledgement/],
    ['nothing', reply(200, ''), /not an acknowledgement/],
    ['a number', reply(200, 7), /not an acknowledgement/],
    ['an ack without time', reply(200, { ackedSeq: 20 }), /not an acknowledgement/],
    ['an ack of a fraction', reply(200, ack(14.5)), /not an acknowledgement/],
    ['an ack of what was never written', reply(200, ack(31)), /never written/],
    ['an ack before what was sent', reply(200, ack(10)), /before what was sent/],
    ['an ack of nothing', reply(200, ack(0)), /before what was sent/],
    ['an ack of another journal', reply(200, { ...ack(20), ackedHash: hashOf(21) }), /not ours/],
    ['another success', reply(202, ack(20)), /202/],
    ['a redirection', reply(302, ''), /redirection/],
    ['revoked with another status', reply(500, refusal('revoked')), /500/],
    ['fork with another status', reply(400, refusal('fork')), /400/],
    ['malformed with another status', reply(409, refusal('malformed')), /409/],
    ['a bare 400 of a proxy', reply(400, 'Bad Request'), /400/],
    ['a bare 403 of a firewall', reply(403, '<html>'), /403/],
    ['a bare 409', reply(409, {}), /409/],
    ['a gap without a place', reply(409, refusal('gap')), /no entry/],
    ['a gap that asks for entry 0', reply(409, { ...refusal('gap'), expectedSeq: 0 }), /409/],
    ['a gap that asks for what was sent', reply(409, refusal('gap', { expectedSeq: 11 })), /asks for 11/],
    ['a gap that asks for what comes after', reply(409, refusal('gap', { expectedSeq: 21 })), /asks for 21/],
    ['a busy without a readable time', reply(429, '', { retryAfter: 'soon' }), /busy/],
  ])('%s', (_name, answer, reason) => {
    const found = verdict(answer, sent);
    expect(found.kind).toBe('retry');
    expect(found.kind === 'retry' && found.reason).toMatch(reason);
  });
});
