import { parseArgs } from 'node:util';
import { newSeed } from './crash-chance.ts';

/** What a harness may be told: whole numbers, switches and words, by name. */
interface Spec {
  /** As it is typed: `npm run crash`. */
  readonly command: string;
  /** What each number is when nothing is said. */
  readonly numbers: Readonly<Record<string, number>>;
  /** Numbers that may be 0; a run of nothing finds nothing wrong, so the others may not. */
  readonly mayBeNone?: readonly string[];
  readonly switches?: readonly string[];
  /** Words by name, each with those there are. */
  readonly words?: Readonly<Record<string, readonly string[]>>;
}

interface Given {
  readonly ok: true;
  number(name: string): number;
  on(name: string): boolean;
  word(name: string): string | undefined;
}

/** @returns what was given, or what to print and the exit code. Every harness takes `--seed N`, and repeats it. */
export function readHarnessOptions(
  spec: Spec,
  argv: readonly string[],
): Given | { readonly ok: false; readonly code: 0 | 2; readonly text: string } {
  const defaults: Readonly<Record<string, number>> = { ...spec.numbers, seed: newSeed() };
  const { switches = [], words = {} } = spec;
  const usage = [
    `${spec.command} --`,
    ...Object.entries(spec.numbers).map(([name, value]) => `[--${name} ${value}]`),
    ...Object.entries(words).map(([name, those]) => `[--${name} ${those.join('|')}]`),
    ...switches.map((name) => `[--${name}]`),
    '[--seed N]',
  ].join(' ');
  const no = (why: string) => ({ ok: false, code: 2, text: `${why}\n${usage}` }) as const;
  let values: Readonly<Record<string, unknown>>;
  try {
    values = parseArgs({
      args: [...argv],
      options: {
        ...Object.fromEntries(
          [...Object.keys(defaults), ...Object.keys(words)].map((name) => [
            name,
            { type: 'string' } as const,
          ]),
        ),
        ...Object.fromEntries(
          [...switches, 'help'].map((name) => [name, { type: 'boolean', default: false } as const]),
        ),
      },
    }).values;
  } catch (error) {
    return no(error instanceof Error ? error.message : String(error));
  }
  if (values['help'] === true) return { ok: false, code: 0, text: usage };
  const numbers = new Map<string, number>();
  for (const [name, unless] of Object.entries(defaults)) {
    const text = values[name] ?? String(unless);
    const from = name === 'seed' || spec.mayBeNone?.includes(name) ? 0 : 1;
    if (typeof text !== 'string' || !/^\d{1,12}$/.test(text) || Number(text) < from)
      return no(`--${name} ${String(text)} is no whole number from ${from}.`);
    numbers.set(name, Number(text));
  }
  for (const [name, those] of Object.entries(words)) {
    const word = values[name];
    if (typeof word === 'string' && !those.includes(word))
      return no(`--${name} ${word} is none of those there are.`);
  }
  return {
    ok: true,
    number: (name) => {
      const value = numbers.get(name);
      if (value === undefined)
        throw new Error(`${spec.command} has no number ${name}: name it in its options.`);
      return value;
    },
    on: (name) => values[name] === true,
    word: (name) => {
      const value = values[name];
      return typeof value === 'string' ? value : undefined;
    },
  };
}

/** The same of this process; ends it where there is nothing to run. */
export function harnessOptions(spec: Spec): Given {
  const read = readHarnessOptions(spec, process.argv.slice(2));
  if (read.ok) return read;
  console.error(read.text);
  return process.exit(read.code);
}
