import { describe, expect, it } from 'vitest';
import { phrasesOf } from './phrases.ts';
import { widthInEm } from './text-measure.ts';

describe('phrasesOf', () => {
  it('keeps every sign in its order', () => {
    const text = '请扫码评价，或稍后再试（可多选）';
    expect(phrasesOf(text, 'zh-CN').join('')).toBe(text);
  });

  it('cuts between words', () => {
    const phrases = phrasesOf('在线预约办理后到实体大厅重复取号排队', 'zh-CN');
    expect(phrases).toContain('重复');
    expect(phrases).toContain('排队');
  });

  it('never starts a line with a closing sign or a particle, nor ends one with an opening sign or a negation', () => {
    for (const phrase of phrasesOf('请您稍候，或到其他（不含本窗口）的窗口办理', 'zh-CN')) {
      expect(phrase).not.toMatch(/^[，。：）的]/);
      expect(phrase).not.toMatch(/[（不]$/);
    }
  });

  it('leaves English to its spaces', () => {
    expect(phrasesOf('Please try again later', 'en')).toEqual(['Please try again later']);
  });
});

describe('widthInEm', () => {
  it('gives a Chinese sign one em and a digit less', () => {
    expect(widthInEm('窗口')).toBe(2);
    expect(widthInEm('A012')).toBeCloseTo(2.52);
  });

  it('is never zero, so that a size can be divided by it', () => {
    expect(widthInEm('')).toBeGreaterThan(0);
  });
});
