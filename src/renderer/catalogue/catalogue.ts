import type { Fault } from '../../shared/screen/snapshot.ts';
import type { Locale, Name } from '../../shared/words.ts';
import { en } from './en.ts';
import { zhCn } from './zh-cn.ts';

interface FaultText {
  readonly title: string;
  readonly advice: string;
  readonly reason: string;
}

/** The keys of the first language; another language that lacks one, or has one too many, does not compile. */
export type Catalogue = Omit<typeof zhCn, 'outOfService'> & {
  readonly outOfService: { readonly [F in Fault]: FaultText };
};

const catalogues: { readonly [L in Locale]: Catalogue } = { 'zh-CN': zhCn, en };

export function catalogueOf(locale: Locale): Catalogue {
  return catalogues[locale];
}

/** The other language, which the language button offers. */
export function otherLocale(locale: Locale): Locale {
  return locale === 'zh-CN' ? 'en' : 'zh-CN';
}

/** The name in the citizen's language; a hall that gave no English name is called by its Chinese one. */
export function nameIn(locale: Locale, name: Name): string {
  return name[locale] ?? name['zh-CN'];
}
