import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { type ReceiptFound, readCode } from './look-up.ts';
import { escapeHtml, receiptPage } from './page.ts';
import { createRateLimit } from './rate-limit.ts';
import { localeOf } from './words.ts';

const held: ReceiptFound = {
  found: 'held',
  code: '7K2M-Q0XD-94TB',
  hall: '示范大厅<script>',
  counter: '3',
  settledAtMs: Date.UTC(2026, 4, 6, 1, 30),
  receivedAtMs: Date.UTC(2026, 4, 6, 1, 31),
  standing: 'counted',
  unchanged: true,
  deviceId: 'demo-1',
  seq: 5,
};

describe('a receipt code', () => {
  it('is read as people type it', () => {
    for (const typed of ['7k2m-q0xd-94tb', '7K2MQOXD94TB', ' 7K2M q0xd 94tb '])
      expect(readCode(typed)).toBe('7K2M-Q0XD-94TB');
    for (const typed of ['', '7K2M', '7K2M-Q0XD-94TU', 'x'.repeat(5000)])
      expect(readCode(typed)).toBeUndefined();
  });
});

describe('the receipt page', () => {
  it('says frozen, unchanged, delivered, where and when', () => {
    const page = receiptPage(held, 'zh-CN');
    for (const text of ['已冻结', '未改动', '已送达', '2026/05/06 09:30', '7K2M-Q0XD-94TB'])
      expect(page).toContain(text);
    expect(receiptPage(held, 'en')).toContain('Unchanged');
  });

  it('lets no text of outside become markup', () => {
    expect(receiptPage(held, 'zh-CN')).not.toContain('<script>');
    expect(escapeHtml(`<&>"'`)).toBe('&lt;&amp;&gt;&quot;&#39;');
  });

  it('never names a level', () => {
    const pages = (['zh-CN', 'en'] as const).map((locale) => receiptPage(held, locale));
    for (const page of pages) expect(page).not.toMatch(/满意|satisf/i);
  });

  it('claims nothing when the ledger no longer gives the code', () => {
    const page = receiptPage({ ...held, unchanged: false }, 'zh-CN');
    expect(page).toContain('核对未通过');
    expect(page).not.toContain('未改动');
  });

  it('is honest about a rating that has not come', () => {
    expect(receiptPage({ found: 'unknown', code: held.code }, 'zh-CN')).toContain('尚未收到');
  });
});

describe('the language', () => {
  it('is the first of the two that the browser asks for', () => {
    expect(localeOf(undefined)).toBe('zh-CN');
    expect(localeOf('en-US,en;q=0.9,zh;q=0.8')).toBe('en');
    expect(localeOf('fr,zh-CN;q=0.5,en;q=0.4')).toBe('zh-CN');
    expect(localeOf('en;q=0,zh')).toBe('zh-CN');
  });
});

describe('the rate limit', () => {
  it('grants a burst, then one at a time, for each address by itself', () => {
    const clock = createFakeClock();
    const rate = createRateLimit({ clock, burst: 3, everyMs: 1000 });
    expect([1, 2, 3, 4].map(() => rate.take('a'))).toEqual([true, true, true, false]);
    expect(rate.take('b')).toBe(true);
    clock.advance(1000);
    expect([1, 2].map(() => rate.take('a'))).toEqual([true, false]);
  });
});
