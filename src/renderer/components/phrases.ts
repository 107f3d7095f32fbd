import type { Locale } from '../../shared/words.ts';

const CLOSING = /^[\p{Pe}\p{Pf}\p{Po}的了地得后前中]$/u;
const OPENING = /[\p{Ps}\p{Pi}不未无可再同]$/u;

/**
 * Cuts a Chinese text where a reader would take breath: between words, but never before a particle or a closing
 * sign, nor after an opening one or a negation. English breaks at its spaces and is returned whole.
 */
export function phrasesOf(text: string, locale: Locale): readonly string[] {
  if (locale !== 'zh-CN') return [text];
  const phrases: string[] = [];
  for (const { segment } of new Intl.Segmenter('zh', { granularity: 'word' }).segment(text)) {
    const previous = phrases.at(-1);
    if (previous !== undefined && (CLOSING.test(segment) || OPENING.test(previous))) {
      phrases[phrases.length - 1] = previous + segment;
    } else {
      phrases.push(segment);
    }
  }
  return phrases;
}
