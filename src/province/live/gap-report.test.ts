import { expect, it } from 'vitest';
import { gapReport, SILENT_AFTER_MS, silentSinceMs } from './gap-report.ts';

const device = { counter: '3', headSeq: 4812, missingToSeq: null, lastSeenAtMs: 1000, heartbeatAtMs: 1000 };

it('says what is there and what is not', () => {
  expect(gapReport(device)).toBe('3号窗口：1–4812 完整');
  expect(gapReport({ ...device, missingToSeq: 4820 })).toBe('3号窗口：1–4812 完整，缺 4813–4820');
  expect(gapReport({ ...device, headSeq: 0, missingToSeq: 7 })).toBe('3号窗口：缺 1–7');
  expect(gapReport({ ...device, headSeq: 0 })).toBe('3号窗口：尚无记录');
});

it('calls silent only who used to speak', () => {
  const late = 1000 + SILENT_AFTER_MS + 1;
  expect(silentSinceMs(device, late)).toBe(1000);
  expect(silentSinceMs(device, late - 1)).toBeNull();
  expect(silentSinceMs({ ...device, heartbeatAtMs: null }, late)).toBeNull();
});
