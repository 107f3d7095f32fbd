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

/**
 * The words that start this program again where no display is to be had, as over SSH: Chromium chooses its platform
 * before it hears of any switch that is set here. Undefined where it can go on as it is.
 */
export function wordsWithoutDisplay(parts: {
  readonly platform: string;
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}): readonly string[] | undefined {
  const { platform, argv, env } = parts;
  if (platform !== 'linux' || env['DISPLAY'] || env['WAYLAND_DISPLAY']) return undefined;
  if (argv.some((word) => word.startsWith('--ozone-platform'))) return undefined;
  return ['--ozone-platform=headless', ...argv.slice(1)];
}
