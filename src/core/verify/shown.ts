/**
 * The one place through which everything goes that the verifier puts out: what comes out of a bent file is shown, and
 * never obeyed. An escape sequence in it could wipe the verdict off the terminal and write another.
 */

/** Moves the cursor, ends a line, turns the text round, cannot be seen, or is half a character. */
const WORKS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Characters of a line. No sentence of the house comes near it. */
const LONGEST = 1000;
const END = 200;

/** @returns one line without its end: escaped as in a JavaScript string, and shortened in its middle. */
export function shownLine(text: string): string {
  const line =
    text.length > LONGEST ? `${text.slice(0, LONGEST - END - 1)}…${text.slice(text.length - END)}` : text;
  return line.replace(WORKS, (found) => {
    const code = found.codePointAt(0) ?? 0;
    // The short ones (\n) and the control characters below a space as JSON writes them.
    if (code < 0x20) return JSON.stringify(found).slice(1, -1);
    return code > 0xffff ? `\\u{${code.toString(16)}}` : escaped(found);
  });
}

/** @returns one line of JSON, of the same value and as long as that is; also what JSON may leave as it is is escaped. */
export function shownJson(value: object): string {
  return JSON.stringify(value).replace(WORKS, escaped);
}

function escaped(found: string): string {
  return found
    .split('')
    .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .join('');
}
