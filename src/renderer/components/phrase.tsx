import type { Locale } from '../../shared/words.ts';
import { phrasesOf } from './phrases.ts';

/** A text that breaks between words only: 在线预约办理后到实体大厅｜重复取号排队, never 重｜复. */
export function Phrase({ text, locale }: { readonly text: string; readonly locale: Locale }) {
  return (
    <span class="phrase">
      {phrasesOf(text, locale).map((phrase, index) =>
        index === 0 ? phrase : [<wbr key={`${index}`} />, phrase],
      )}
    </span>
  );
}
