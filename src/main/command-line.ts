/** What the program does instead of being a kiosk. */
export type Verb = 'verify' | 'staff-pin';

/**
 * `yiping verify FILE|FOLDER`, `yiping staff-pin`: the first word after the program (and, where it is not packed, after
 * the app's folder) that is no switch.
 *
 * @returns what follows the verb, or undefined when it is not this one: a kiosk is wanted, or another verb.
 */
export function wordsAfter(
  verb: Verb,
  argv: readonly string[],
  packed: boolean,
): readonly string[] | undefined {
  const words = argv.flatMap((text, at) => (at > 0 && !text.startsWith('-') ? [at] : []));
  const at = words[packed ? 0 : 1];
  return at !== undefined && argv[at] === verb ? argv.slice(at + 1) : undefined;
}
