import { expect, it } from 'vitest';
import { gapReport, SILENT_AFTER_MS, silentSinceMs } from './gap-report.ts';

const device = { counter: '3', headSeq: 4812, missingToSeq: null, lastSeenAtMs: 1000, heartbeatAtMs: 1000 };

it('says what is there and what is not', () => {
  expect(gapReport(device)).toBe('3号窗口：1–4812 完整');
  expect(gapReport({ ...device, missingToSeq: 4820 })).toBe('3号窗口：1–4812 完整，缺 4813–4820');
  expect(gapReport({ ...device, headSeq: 0, missingToSeq: 7 })).toBe('3号窗口：缺 1–7');
  expect(gapReport({ ...device, headSeq: 0 })).toBe('3号窗口：尚无记录');
});

it('tells every loss, whatever was restored after it', () => {
  const restored = (...seqs: readonly (readonly [number, number | null])[]) =>
    gapReport({ ...device, restored: seqs.map(([seq, knownHeadSeq]) => ({ seq, knownHeadSeq })) });
  const told = (rest: string) => `3号窗口：1–4812 完整，${rest}`;
  expect(restored([14, 13])).toBe(told('已恢复，无已知遗失'));
  expect(restored([14, 33])).toBe(told('已恢复，原第 14–33 条遗失'));
  expect(restored([44, 43], [14, 33])).toBe(told('已恢复 2 次，原第 14–33 条遗失'));
  expect(restored([44, 50], [14, 33])).toBe(told('已恢复 2 次，原第 14–33、44–50 条遗失'));
  expect(restored([14, null])).toBe(told('已恢复，第 14 条起为恢复后续写，此前是否有遗失不详'));
  expect(restored([44, 43], [14, null])).toBe(
    told('已恢复 2 次，第 14 条起为恢复后续写，此前是否有遗失不详'),
  );
  expect(restored([60, 59], [44, 50], [14, null])).toBe(
    told('已恢复 3 次，原第 44–50 条遗失，第 14 条起为恢复后续写，此前是否有遗失不详'),
  );
});

it('does not grow with a journal that is restored without end, and hides no doubt', () => {
  const often = (lost: number, times: number) =>
    gapReport({
      ...device,
      restored: Array.from({ length: times }, (_, i) => ({
        seq: times - i,
        knownHeadSeq: times - i + lost,
      })),
    });
  expect(often(1, 7)).toBe('3号窗口：1–4812 完整，已恢复 7 次，原第 1–2、2–3、3–4、4–5、5–6 条等 7 段遗失');
  expect(often(-1, 101)).toBe('3号窗口：1–4812 完整，已恢复 100 次以上，更早的是否有遗失不详');
});

it('calls silent only who used to speak', () => {
  const late = 1000 + SILENT_AFTER_MS + 1;
  expect(silentSinceMs(device, late)).toBe(1000);
  expect(silentSinceMs(device, late - 1)).toBeNull();
  expect(silentSinceMs({ ...device, heartbeatAtMs: null }, late)).toBeNull();
});
