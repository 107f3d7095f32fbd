import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { IndicatorPackSchema, indicatorsOf } from '../../src/shared/indicators.ts';
import { LEVELS } from '../../src/shared/words.ts';

const text = readFileSync('assets/indicator-packs/national-2020.json', 'utf8');
const pack = IndicatorPackSchema.parse(JSON.parse(text));

describe('the built-in indicator pack', () => {
  it('is the forty codes of 2020, eight a level, three of them shown first', () => {
    expect(pack.version).toBe('national-2020');
    expect(pack.indicators).toHaveLength(40);
    for (const level of LEVELS) {
      const indicators = indicatorsOf(pack, level);
      expect(indicators).toHaveLength(8);
      expect(indicators.map(({ kind }) => kind)).toEqual([
        ...Array.from({ length: 3 }, () => 'base'),
        ...Array.from({ length: 5 }, () => 'ext'),
      ]);
    }
  });

  it('numbers them without a gap from the first code in force of each level, whose digit is the level', () => {
    const first = { 5: 510, 4: 406, 3: 307, 2: 207, 1: 108 } as const;
    for (const level of LEVELS) {
      const codes = indicatorsOf(pack, level).map(({ code }) => Number(code));
      expect(codes).toEqual(Array.from({ length: 8 }, (_, index) => first[level] + index));
    }
  });

  it('says each thing once in each language', () => {
    for (const locale of ['zh-CN', 'en'] as const) {
      expect(new Set(pack.indicators.map((indicator) => indicator.text[locale])).size).toBe(40);
    }
  });
});
