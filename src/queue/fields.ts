import { z } from 'zod';

/**
 * Fields of foreign messages, for every make: bounded and cleaned where they are read, so that nothing behind a wire
 * file sees raw text from outside.
 */

/** Text or number, as text: systems differ in how they write ids and codes. */
export const scalar = z.union([z.string(), z.number().transform(String)]);

/** An id of theirs: kept as it came, bounded; keys encode it. */
export const id = (maxLength: number) => scalar.pipe(z.string().trim().min(1).max(maxLength));

/** Text for people: control characters become spaces, too long is cut, empty is absent. */
export const display = (maxLength: number) =>
  scalar
    .nullish()
    .transform((text) => cleanText(text ?? '', maxLength))
    .transform((text) => (text === '' ? undefined : text));

/** Codes of cases and items; wrong length means wrong code, so it is left out and not cut. */
export const optionalCode = (maxLength: number) =>
  display(1000).transform((text) => (text !== undefined && text.length <= maxLength ? text : undefined));

// biome-ignore lint/suspicious/noControlCharactersInRegex: taking control characters out is the point
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f]+/g;

/** Fit to be shown: well-formed, without control characters, at most `maxLength` UTF-16 units. */
export function cleanText(text: string, maxLength: number): string {
  const clean = text.toWellFormed().replace(CONTROL_CHARACTERS, ' ').trim();
  const cut = clean.slice(0, maxLength);
  // Never half a character at the cut.
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** @returns undefined for what is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
