import type { Locale } from '../../shared/words.ts';
import { assertNever } from '../../shared/words.ts';
import type { ReceiptFound } from './look-up.ts';
import { RECEIPT_WORDS, type ReceiptWords } from './words.ts';

export type ReceiptAnswer = ReceiptFound | { readonly found: 'tooMany' };

/** The receipt page as HTML. Pure. */
export function receiptPage(answer: ReceiptAnswer, locale: Locale): string {
  const words = RECEIPT_WORDS[locale];
  return `<!doctype html>
<html lang="${locale}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(words.title)}</title>
<link rel="stylesheet" href="/pages/receipt.css">
</head>
<body>
<main>
<p class="title">${escapeHtml(words.title)}</p>
${content(answer, words, locale)}
</main>
</body>
</html>
`;
}

function content(answer: ReceiptAnswer, words: ReceiptWords, locale: Locale): string {
  switch (answer.found) {
    case 'held': {
      if (!answer.unchanged)
        return statement(words.changedHeading, words.changedNote, code(answer.code, words));
      const marks = words.heldMarks.map((mark) => `<li>${escapeHtml(mark)}</li>`).join('');
      const facts = [
        fact(words.hall, answer.hall),
        fact(words.counter, answer.counter),
        fact(words.settledAt, time(answer.settledAtMs, locale)),
        fact(words.receivedAt, time(answer.receivedAtMs, locale)),
      ].join('');
      const notes = `${words.standingNotes[answer.standing]} ${words.heldNote}`.trim();
      return statement(
        words.heldHeading,
        notes,
        `<ul class="marks">${marks}</ul><dl>${facts}</dl>${code(answer.code, words)}`,
      );
    }
    case 'unknown':
      return statement(words.unknownHeading, words.unknownNote, code(answer.code, words));
    case 'notACode':
      return statement(words.notACodeHeading, words.notACodeNote, '');
    case 'tooMany':
      return statement(words.tooManyHeading, words.tooManyNote, '');
    default:
      return assertNever(answer);
  }
}

function statement(heading: string, note: string, inner: string): string {
  return `<h1>${escapeHtml(heading)}</h1>${inner}<p class="note">${escapeHtml(note)}</p>`;
}

function fact(name: string, value: string): string {
  return `<div><dt>${escapeHtml(name)}</dt><dd>${escapeHtml(value)}</dd></div>`;
}

function code(value: string, words: ReceiptWords): string {
  return `<p class="code"><span>${escapeHtml(words.code)}</span><strong>${escapeHtml(value)}</strong></p>`;
}

function time(ms: number, locale: Locale): string {
  return new Intl.DateTimeFormat(locale, {
    timeZone: 'Asia/Shanghai',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(ms);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
