import { z } from 'zod';
import type { Values } from './byte-template.ts';

/**
 * A line as it is read: `#{address}K{key}`. `{address}` and `{stars}` are decimal numbers without leading zeros,
 * `{key}` is whatever text the model gives its keys.
 */
export const TextTemplateSchema = z
  .string()
  .regex(
    /^(?:[\x20-\x7a|~]|\{(?:address|key|stars)\}){1,64}$/,
    'must be 1–64 printable characters with {address}, {key} or {stars} among them, such as "KEY {key}"',
  )
  .refine(
    (text) => !/\}\{/.test(text),
    'must have a character between two of {address}, {key}, {stars}: nobody could tell where one ends',
  );

type Slot = 'address' | 'key' | 'stars';
const SLOTS: Readonly<Record<Slot, string>> = { address: '(\\d{1,3})', key: '(.{1,16})', stars: '([0-5])' };
const WORD = /\{(address|key|stars)\}/;

export interface TextTemplate {
  has(name: Slot): boolean;
  /** @returns the texts in the open places, or undefined for another line. */
  match(line: string): Partial<Record<Slot, string>> | undefined;
  write(values: Omit<Values, 'key' | 'any'> & { readonly key?: string }): string;
}

export function compileText(text: string): TextTemplate {
  // Split by a pattern with a group: characters, a name, characters, a name, characters …
  const parts = text.split(WORD);
  const names = parts.filter((_, at) => at % 2 === 1) as Slot[];
  const pattern = new RegExp(
    `^${parts.map((part, at) => (at % 2 === 1 ? SLOTS[part as Slot] : part.replace(/[^\w ]/g, '\\$&'))).join('')}$`,
  );
  return {
    has: (name) => names.includes(name),
    match(line) {
      const found = pattern.exec(line);
      return found ? Object.fromEntries(names.map((name, at) => [name, found[at + 1] ?? ''])) : undefined;
    },
    write: (values) =>
      parts.map((part, at) => (at % 2 === 1 ? String(values[part as Slot] ?? '') : part)).join(''),
  };
}
