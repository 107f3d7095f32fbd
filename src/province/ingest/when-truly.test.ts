import { describe, expect, it } from 'vitest';
import type { WireEntry } from './read-batch.ts';
import { believe, withTrueTimes } from './when-truly.ts';

const NOW_MS = Date.UTC(2026, 8, 1, 8);
const HOUR_MS = 3_600_000;
const NOTHING = { fromMs: null, toMs: null };

function entry(
  seq: number,
  said: { at: number; mono: number; boot?: string; kind?: string; body?: Record<string, unknown> },
): WireEntry {
  const { body = {}, kind = 'rating.settled', ...times } = said;
  return {
    seq,
    id: `e-${seq}`,
    kind,
    boot: 'boot-1',
    body,
    bodyText: JSON.stringify(body),
    sig: undefined,
    ...times,
  };
}

/** What the province believes of an invitation with a token, a rating and a request for help at `seq`. */
function judged(entries: readonly WireEntry[], seq: number, clockOffsetMs = 0) {
  const at = entries[seq - 1]?.at ?? 0;
  const one = { seq, serviceKey: 's', invitation: 'i' };
  const rating = { ...one, level: 4, settledAtMs: at, receipt: '', codes: null, invited: undefined } as const;
  const help = { ...one, askedAtMs: at, sinceMs: at, latestMs: at };
  const place = { counter: '', ticketNumber: null, clerkNumber: null } as const;
  const invitation = { ...one, ...place, openedAtMs: at, servedToken: 'token', tokenCheck: null } as const;
  const nothing = { lateDetails: [], alarms: [], restored: [] };
  const said = { ...nothing, invitations: [invitation], ratings: [rating], help: [help] };
  const found = withTrueTimes(said, entries, { nowMs: NOW_MS, clockOffsetMs });
  const { openedTrulyMs } = found.invitations[0] ?? {};
  return { ...found.help[0], settledAtMs: found.ratings[0]?.settledAtMs, openedTrulyMs };
}

describe('what the province believes of a time', () => {
  it('is what the device says, never later than now, and now where its clock was never set', () => {
    const behindMs = NOW_MS - 2 * HOUR_MS;
    expect(believe(behindMs, NOTHING, NOW_MS)).toEqual({ believedMs: behindMs, latestMs: NOW_MS });
    expect(believe(NOW_MS + HOUR_MS, NOTHING, NOW_MS).believedMs).toBe(NOW_MS);
    for (const saidMs of [0, -50 * 365 * 24 * HOUR_MS, Date.UTC(2015, 0, 1)])
      expect(believe(saidMs, NOTHING, NOW_MS).believedMs).toBe(NOW_MS);
  });

  it('lies within what is known of it', () => {
    const within = { fromMs: NOW_MS - HOUR_MS, toMs: NOW_MS - HOUR_MS / 2 };
    expect(believe(NOW_MS - 2 * HOUR_MS, within, NOW_MS).believedMs).toBe(within.fromMs);
    expect(believe(NOW_MS, within, NOW_MS).believedMs).toBe(within.toMs);
    expect(believe(0, within, NOW_MS).believedMs).toBe(within.toMs);
  });

  it('of a clock that nobody doubts is the entry’s own, to the millisecond', () => {
    const at = NOW_MS - 30 * HOUR_MS;
    expect(judged([entry(1, { at, mono: 5 })], 1, -1_400).settledAtMs).toBe(at);
  });

  it.each([-30_000, -20_000, 20_000, 30_000])(
    'is not moved by %i ms of the way, jump or token or not',
    (offMs) => {
      const at = NOW_MS - HOUR_MS;
      const jump = entry(1, { at: at - 1_000, mono: 1_000, kind: 'clock.jumped', body: { byMs: 5_000 } });
      const entries = [jump, entry(2, { at, mono: 2_000 })];
      expect(judged(entries, 2, offMs)).toMatchObject({ settledAtMs: at, sinceMs: at, openedTrulyMs: at });
    },
  );

  it('is moved by what a clock is off that no way explains', () => {
    const at = NOW_MS - HOUR_MS;
    const trulyMs = at + 30_001;
    const found = judged([entry(1, { at, mono: 5 })], 1, -30_001);
    expect(found).toMatchObject({ settledAtMs: trulyMs, sinceMs: trulyMs, openedTrulyMs: trulyMs });
  });

  it('is moved by what a clock is off in every start, as far as it can have been off by that', () => {
    const yesterday = NOW_MS - 26 * HOUR_MS;
    const believed = (offMs: number) =>
      judged(
        [
          entry(1, { at: yesterday, mono: 5 * HOUR_MS, boot: 'boot-0' }),
          entry(2, { at: NOW_MS + offMs, mono: 60_000 }),
        ],
        1,
        offMs,
      ).settledAtMs;
    // Set to local time by mistake, and never right.
    expect(believed(8 * HOUR_MS)).toBe(yesterday - 8 * HOUR_MS);
    expect(believed(-8 * HOUR_MS)).toBe(yesterday + 8 * HOUR_MS);
    // The battery is empty since.
    for (const days of [2, 20, 2_000]) expect(believed(-days * 24 * HOUR_MS)).toBe(yesterday);
  });

  it('is not moved by the hours that a machine slept', () => {
    const evening = NOW_MS - 16 * HOUR_MS;
    const entries = [
      entry(1, { at: evening, mono: 0 }),
      entry(2, { at: NOW_MS, mono: HOUR_MS, kind: 'clock.jumped', body: { byMs: 15 * HOUR_MS } }),
    ];
    expect(judged(entries, 1).settledAtMs).toBe(evening);
  });

  it('is bound by what came later in the same start', () => {
    const entries = [
      entry(1, { at: NOW_MS + 20 * HOUR_MS, mono: 0 }),
      entry(2, { at: NOW_MS, mono: 3 * HOUR_MS, kind: 'clock.jumped', body: { byMs: -23 * HOUR_MS } }),
    ];
    const { latestMs, sinceMs, settledAtMs } = judged(entries, 1);
    expect([sinceMs, settledAtMs]).toEqual([latestMs, latestMs]);
    expect(Math.abs((latestMs ?? 0) - (NOW_MS - 3 * HOUR_MS))).toBeLessThan(20_000);
  });

  it('is exact where the province’s clock was seen in the same start', () => {
    const theirMs = NOW_MS - HOUR_MS;
    const body = { link: 'province', mono: 60_000, theirMs, errorMs: 20, offsetMs: 0 };
    const entries = [
      entry(1, { at: NOW_MS - 99 * HOUR_MS, mono: 0 }),
      entry(2, { at: NOW_MS - 99 * HOUR_MS + 60_000, mono: 60_000, kind: 'clock.observed', body }),
    ];
    expect(Math.abs((judged(entries, 1).settledAtMs ?? 0) - (theirMs - 60_000))).toBeLessThan(200);
  });
});
