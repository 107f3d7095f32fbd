import { z } from 'zod';
import { type Level, LevelSchema, outsideText } from './words.ts';

/**
 * An indicator pack: the coded reasons of each level, data with a version and replaced only as a whole
 * (sites may not add or delete indicators). Built-in pack: assets/indicator-packs/national-2020.json.
 */
export const IndicatorSchema = z.strictObject({
  code: z.string().regex(/^\d{3}$/, 'must be three digits'),
  level: LevelSchema,
  /** `base` is shown first; `ext` belongs to the extended list (`expandNorm`). */
  kind: z.enum(['base', 'ext']),
  text: z.strictObject({ 'zh-CN': outsideText(40).min(1), en: outsideText(90).min(1) }),
});
export type Indicator = z.output<typeof IndicatorSchema>;

export const IndicatorPackSchema = z
  .strictObject({
    version: outsideText(40).min(1),
    source: outsideText(200),
    indicators: z.array(IndicatorSchema).min(1).max(200),
  })
  .refine(
    (pack) => new Set(pack.indicators.map((indicator) => indicator.code)).size === pack.indicators.length,
    'a code stands twice',
  );
export type IndicatorPack = z.output<typeof IndicatorPackSchema>;

export function indicatorsOf(pack: IndicatorPack, level: Level): readonly Indicator[] {
  return pack.indicators.filter((indicator) => indicator.level === level);
}
