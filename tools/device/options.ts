/** The command line of `npm run device`: words in, one of its verbs with all that it needs out. */
import { parseArgs } from 'node:util';
import { type Control, ControlSchema } from '../../src/shared/press.ts';

export type Language = 'zh-CN' | 'en';

/** Which box is meant, and how its site would set it up. */
export interface BoxWords {
  /** A model's name, or a file. */
  readonly model: string;
  /** Looked into before what comes with Yiping. */
  readonly models: string | undefined;
  readonly path: string | undefined;
  readonly usbSerial: string | undefined;
  readonly usbPort: string | undefined;
  readonly address: number | undefined;
  readonly acknowledge: 'A' | 'B' | undefined;
  /** Key → what it means; undefined: the keys' own labels are shown. */
  readonly levels: Readonly<Record<string, Control>> | undefined;
  /** Undefined: until somebody ends it. */
  readonly seconds: number | undefined;
  /** The box is asked for a rating, and answered as a kiosk would. */
  readonly light: boolean;
}

export type Order =
  | { readonly verb: 'help' }
  | { readonly verb: 'list'; readonly models: string | undefined }
  | { readonly verb: 'watch'; readonly box: BoxWords }
  | { readonly verb: 'record'; readonly file: string; readonly box: BoxWords }
  | { readonly verb: 'replay'; readonly file: string; readonly model: string | undefined }
  | { readonly verb: 'press'; readonly keys: readonly string[]; readonly box: BoxWords }
  | { readonly verb: 'serve'; readonly folder: string; readonly box: BoxWords }
  | { readonly verb: 'model-check'; readonly files: readonly string[] };

/** What is wrong with the words, for whoever turns it into a sentence. */
export type Wrong =
  | { readonly kind: 'unknownVerb'; readonly word: string }
  | { readonly kind: 'unknownOption'; readonly word: string }
  | { readonly kind: 'needs'; readonly verb: Order['verb']; readonly word: string }
  | { readonly kind: 'tooMany'; readonly word: string }
  | { readonly kind: 'number'; readonly option: string; readonly value: string; readonly most: number }
  | { readonly kind: 'acknowledge'; readonly value: string }
  | { readonly kind: 'levels'; readonly value: string }
  /** npm took the options for its own and left their values behind. */
  | { readonly kind: 'dashes' };

export type ReadResult =
  | { readonly ok: true; readonly language: Language; readonly order: Order }
  | { readonly ok: false; readonly language: Language; readonly wrong: Wrong };

const OPTIONS = {
  model: { type: 'string' },
  models: { type: 'string' },
  path: { type: 'string' },
  'usb-serial': { type: 'string' },
  'usb-port': { type: 'string' },
  address: { type: 'string' },
  acknowledge: { type: 'string' },
  levels: { type: 'string' },
  seconds: { type: 'string' },
  folder: { type: 'string' },
  lang: { type: 'string' },
  light: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
type Name = keyof typeof OPTIONS;
type Values = Readonly<Partial<Record<Name, string | boolean>>>;

/**
 * @param env npm keeps options for itself where nobody wrote `--` before them, and leaves them here: whole where
 * they were written `--model=ff68`, and otherwise without their value, which is then said.
 */
export function readOrder(words: readonly string[], env: NodeJS.ProcessEnv = {}): ReadResult {
  const given = words.filter((word) => word !== '--');
  const parsed = parse(given);
  const kept = keptByNpm(env);
  const values: Values = { ...kept, ...parsed.values };
  const language: Language = values.lang === 'en' ? 'en' : 'zh-CN';
  const wrong = (what: Wrong): ReadResult => ({ ok: false, language, wrong: what });
  const isCut = (Object.keys(kept) as Name[]).some(
    (name) => OPTIONS[name].type === 'string' && kept[name] === 'true',
  );
  if (isCut) return wrong({ kind: 'dashes' });
  if (parsed.unknown !== undefined) return wrong({ kind: 'unknownOption', word: parsed.unknown });
  const [verb, ...rest] = parsed.positionals;
  if (values.help === true || verb === undefined || verb === 'help')
    return { ok: true, language, order: { verb: 'help' } };
  const order = orderOf(verb, rest, values);
  return 'kind' in order ? wrong(order) : { ok: true, language, order };
}

function orderOf(verb: string, rest: readonly string[], values: Values): Order | Wrong {
  const [first, second] = rest;
  const models = text(values, 'models');
  switch (verb) {
    case 'list':
      return first === undefined ? { verb, models } : { kind: 'tooMany', word: first };
    case 'watch': {
      if (first !== undefined) return { kind: 'tooMany', word: first };
      const box = boxOf(verb, values);
      return 'kind' in box ? box : { verb, box };
    }
    case 'record': {
      if (first === undefined) return { kind: 'needs', verb, word: 'FILE' };
      if (second !== undefined) return { kind: 'tooMany', word: second };
      const box = boxOf(verb, values);
      return 'kind' in box ? box : { verb, file: first, box };
    }
    case 'replay':
      if (first === undefined) return { kind: 'needs', verb, word: 'FILE' };
      if (second !== undefined) return { kind: 'tooMany', word: second };
      return { verb, file: first, model: text(values, 'model') };
    case 'press': {
      if (first === undefined) return { kind: 'needs', verb, word: 'KEY' };
      const box = boxOf(verb, values);
      if ('kind' in box) return box;
      return box.path === undefined ? { kind: 'needs', verb, word: '--path' } : { verb, keys: rest, box };
    }
    case 'serve': {
      if (first !== undefined) return { kind: 'tooMany', word: first };
      const folder = text(values, 'folder');
      const box = boxOf(verb, values);
      if ('kind' in box) return box;
      return folder === undefined ? { kind: 'needs', verb, word: '--folder' } : { verb, folder, box };
    }
    case 'model-check':
      return first === undefined ? { kind: 'needs', verb, word: 'FILE' } : { verb, files: rest };
    default:
      return { kind: 'unknownVerb', word: verb };
  }
}

function boxOf(verb: Order['verb'], values: Values): BoxWords | Wrong {
  const model = text(values, 'model');
  if (model === undefined) return { kind: 'needs', verb, word: '--model' };
  const address = number(values, 'address', 255);
  if (typeof address === 'object') return address;
  const seconds = number(values, 'seconds', 86_400);
  if (typeof seconds === 'object') return seconds;
  const acknowledge = text(values, 'acknowledge');
  if (acknowledge !== undefined && acknowledge !== 'A' && acknowledge !== 'B')
    return { kind: 'acknowledge', value: acknowledge };
  const said = text(values, 'levels');
  const levels = said === undefined ? undefined : levelsOf(said);
  if (levels === 'wrong') return { kind: 'levels', value: said ?? '' };
  return {
    model,
    models: text(values, 'models'),
    path: text(values, 'path'),
    usbSerial: text(values, 'usb-serial'),
    usbPort: text(values, 'usb-port'),
    address,
    acknowledge,
    levels,
    seconds,
    light: values.light === true || values.light === 'true',
  };
}

/** `1=5,2=4,KEY9=confirm` */
function levelsOf(said: string): Readonly<Record<string, Control>> | 'wrong' {
  const levels: Record<string, Control> = {};
  for (const pair of said.split(',')) {
    const at = pair.lastIndexOf('=');
    const [key, meaning] = [pair.slice(0, at), pair.slice(at + 1)];
    const control = ControlSchema.safeParse(/^[1-5]$/.test(meaning) ? Number(meaning) : meaning);
    if (at < 1 || !control.success || Object.hasOwn(levels, key)) return 'wrong';
    levels[key] = control.data;
  }
  return levels;
}

function text(values: Values, name: Name): string | undefined {
  const value = values[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function number(values: Values, option: Name, most: number): number | undefined | Wrong {
  const value = text(values, option);
  if (value === undefined) return undefined;
  const read = /^(\d+|0x[0-9a-f]+)$/i.test(value) ? Number(value) : Number.NaN;
  return read >= 0 && read <= most ? read : { kind: 'number', option, value, most };
}

function parse(words: readonly string[]): {
  readonly values: Values;
  readonly positionals: readonly string[];
  readonly unknown?: string;
} {
  const { tokens, values, positionals } = parseArgs({
    args: [...words],
    options: OPTIONS,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  for (const token of tokens) {
    if (token.kind !== 'option') continue;
    const known = Object.entries(OPTIONS).find(([name]) => name === token.name)?.[1];
    if (!known || (known.type === 'string' && token.value === undefined))
      return { values: values as Values, positionals, unknown: token.rawName };
  }
  return { values: values as Values, positionals };
}

function keptByNpm(env: NodeJS.ProcessEnv): Values {
  const kept: Partial<Record<Name, string>> = {};
  for (const name of Object.keys(OPTIONS) as Name[]) {
    const value = env[`npm_config_${name.replaceAll('-', '_')}`];
    if (value !== undefined && value !== '') kept[name] = value;
  }
  return kept;
}
