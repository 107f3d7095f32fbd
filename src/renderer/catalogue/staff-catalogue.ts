import type { Locale } from '../../shared/words.ts';
import { staffEn } from './staff-en.ts';
import { staffZhCn } from './staff-zh-cn.ts';

/** The shape of the first language with any words in it. */
type Worded<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { readonly [K in keyof T]: Worded<T[K]> };

export type StaffCatalogue = Worded<typeof staffZhCn>;

/** Apart from the citizen's words, so that their page does not carry these. */
export function staffCatalogueOf(locale: Locale): StaffCatalogue {
  return locale === 'en' ? staffEn : staffZhCn;
}
