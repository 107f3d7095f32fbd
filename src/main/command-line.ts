/**
 * `yiping verify FILE|FOLDER`: the first word after the program (and, where it is not packed, after the app's
 * folder) that is no switch.
 *
 * @returns what follows `verify`, or undefined when a kiosk is wanted.
 */
export function wordsAfterVerify(argv: readonly string[], packed: boolean): readonly string[] | undefined {
  const words = argv.flatMap((text, at) => (at > 0 && !text.startsWith('-') ? [at] : []));
  const verb = words[packed ? 0 : 1];
  return verb !== undefined && argv[verb] === 'verify' ? argv.slice(verb + 1) : undefined;
}
