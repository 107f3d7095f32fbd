import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSync, Visitor } from 'vite';
import { describe, expect, it } from 'vitest';
import { en } from './en.ts';
import { staffEn } from './staff-en.ts';
import { staffZhCn } from './staff-zh-cn.ts';
import { zhCn } from './zh-cn.ts';

const renderer = join(import.meta.dirname, '..');

/** Every place in the screens where a word for people could stand outside the catalogues. */
function bareWords(file: string, source: string): readonly string[] {
  const found: string[] = [];
  const report = (text: string) => found.push(`${file}: "${text.trim()}"`);
  const { program } = parseSync(file, source);
  new Visitor({
    JSXText(node) {
      if (/\p{L}/u.test(node.value)) report(node.value);
    },
    JSXAttribute(node) {
      const isRead = /^(aria-label|aria-description|title|alt|placeholder)$/.test(String(node.name.name));
      if (isRead && node.value?.type === 'Literal') report(String(node.value.value));
    },
    Literal(node) {
      if (typeof node.value === 'string' && /\p{Script=Han}/u.test(node.value)) report(node.value);
    },
    TemplateElement(node) {
      if (/\p{Script=Han}/u.test(node.value.raw)) report(node.value.raw);
    },
  }).visit(program);
  return found;
}

/** Catalogues hold the words; the preview shows sample data; a sign class of a script is not a word. */
function isScreenSource(file: string): boolean {
  if (!/\.tsx?$/.test(file) || file.includes('.test.')) return false;
  return !file.startsWith('catalogue') && !file.startsWith('preview') && !file.endsWith('warm-fonts.ts');
}

describe('words that people read', () => {
  it('stand in the catalogues, never in the screens', () => {
    const files = readdirSync(renderer, { recursive: true, encoding: 'utf8' }).filter(isScreenSource);
    expect(files.length).toBeGreaterThan(10);
    const found = files.flatMap((file) => bareWords(file, readFileSync(join(renderer, file), 'utf8')));
    expect(found, 'move these words into src/renderer/catalogue/zh-cn.ts and en.ts').toEqual([]);
  });

  it('are found where they are bare', () => {
    const source = 'export const A = () => <p title="Hi" data-x="fine">{`好`} bare {"差评"}</p>;';
    expect(bareWords('a.tsx', source)).toHaveLength(4);
  });

  it('are not left empty in one language only', () => {
    const shape = (part: unknown): unknown => {
      if (typeof part !== 'object' || part === null) return typeof part;
      return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, shape(value)]));
    };
    expect(shape(en)).toEqual(shape(zhCn));
    expect(shape(staffEn)).toEqual(shape(staffZhCn));
  });

  it('name the levels by five different words', () => {
    for (const catalogue of [zhCn, en]) expect(new Set(Object.values(catalogue.levels)).size).toBe(5);
  });
});
