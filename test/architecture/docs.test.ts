import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { KioskConfigSchema, parseConfig } from '../../src/core/config.ts';
import { zhCn } from '../../src/renderer/catalogue/zh-cn.ts';
import { DEFAULT_DELAYS } from '../../src/session/delays.ts';
import { ENTRY_BODIES } from '../../src/shared/journal/entry.ts';
import { ROOMS } from './house-rules.ts';
import {
  brokenLinks,
  codeBlocks,
  firstCells,
  headingsOf,
  linksOf,
  missingFiles,
  pagesOf,
} from './markdown.ts';

/** What the pages say that a program can hold them to. */
const root = join(fileURLToPath(import.meta.url), '../../..');
const pages = pagesOf(root);
const read = (file: string) => readFileSync(join(root, file), 'utf8');

describe('every page', () => {
  it('links only to what is there', () => {
    expect(pages.flatMap((page) => brokenLinks(root, page))).toEqual([]);
  });

  it('names only files that are there', () => {
    expect(pages.flatMap((page) => missingFiles(root, page))).toEqual([]);
  });
});

describe('the two READMEs', () => {
  const english = read('README.md');
  const chinese = read('README.zh-CN.md');
  const depths = (text: string) => headingsOf(text).map(({ depth }) => depth);
  const rows = (text: string) => text.split('\n').filter((line) => line.startsWith('|')).length;

  it('have the same sections and tables', () => {
    expect(depths(chinese)).toEqual(depths(english));
    expect(rows(chinese)).toBe(rows(english));
  });

  it('give the same commands', () => {
    expect(codeBlocks(chinese)).toEqual(codeBlocks(english));
  });

  it('lead to the same places, and to each other', () => {
    const other = 'the other README';
    const links = (text: string, its: string) => linksOf(text).map((link) => (link === its ? other : link));
    expect(links(chinese, 'README.md')).toEqual(links(english, 'README.zh-CN.md'));
    expect(links(english, 'README.zh-CN.md')).toContain(other);
  });
});

/** `hall.name.en`, `queue[].url` → its default, if it has one. */
function fieldsOf(schema: unknown, path = ''): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const { properties, items, oneOf } = schema as Record<string, unknown>;
  const inner = [
    ...Object.entries(properties ?? {}).map(
      ([name, next]) => [path ? `${path}.${name}` : name, next] as const,
    ),
    ...(items ? [[`${path}[]`, items] as const] : []),
    ...(Array.isArray(oneOf) ? oneOf.map((next: unknown) => [path, next] as const) : []),
  ];
  for (const [name, next] of inner) {
    const below = fieldsOf(next, name);
    if (below.size === 0) found.set(name, (next as Record<string, unknown>)['default']);
    for (const [field, fallback] of below) found.set(field, fallback);
  }
  return found;
}

describe('docs/configuration.md', () => {
  const text = read('docs/configuration.md');
  const fields = fieldsOf(z.toJSONSchema(KioskConfigSchema, { io: 'input' }));

  it('shows whole settings that the kiosk takes', () => {
    const examples = codeBlocks(text).filter(({ language }) => language === 'json');
    expect(examples.length).toBeGreaterThan(0);
    for (const { code } of examples) expect(parseConfig(code, 'kiosk.json')).toMatchObject({ ok: true });
  });

  it('has a line for every field, and for no other', () => {
    expect(fields.size).toBeGreaterThan(30);
    expect([...firstCells(text)].sort()).toEqual([...fields.keys()].sort());
  });

  it('gives each field’s default as it is', () => {
    const wrong = [...fields].filter(([field, fallback]) => {
      const line = text.split('\n').find((one) => one.startsWith(`| \`${field}\` |`));
      return fallback !== undefined && !line?.includes(`| \`${String(fallback)}\` |`);
    });
    expect(wrong).toEqual([]);
  });
});

describe('docs/architecture.md', () => {
  it('has the table of rooms that the house is held to', () => {
    const text = read('docs/architecture.md');
    const list = (names: readonly string[]) => (names.length === 0 ? '–' : names.join(', '));
    const rows = Object.entries(ROOMS).map(([name, { our, packages, typesOnlyFrom }]) => {
      const rooms = list(our.map((one) => (typesOnlyFrom?.includes(one) ? `${one} (types only)` : one)));
      return `| \`${name}\` | ${rooms} | ${list(packages)} |`;
    });
    expect(rows.filter((row) => !text.includes(row))).toEqual([]);
  });
});

describe('the guides in src', () => {
  it.each(Object.keys(ROOMS))('%s says what lives there, in few lines', (room) => {
    const lines = read(`src/${room}/README.md`).trimEnd().split('\n');
    expect(lines.length).toBeGreaterThanOrEqual(8);
    expect(lines.length).toBeLessThanOrEqual(25);
  });
});

describe('docs/session.md', () => {
  const text = read('docs/session.md');

  it('names every kind of entry', () => {
    expect(Object.keys(ENTRY_BODIES).filter((kind) => !text.includes(`\`${kind}\``))).toEqual([]);
  });

  it('gives every delay as it is', () => {
    const rows = Object.entries(DEFAULT_DELAYS).map(([name, ms]) => `| \`${name}\` | ${ms / 1000} s |`);
    expect(rows.filter((row) => !text.includes(row))).toEqual([]);
  });
});

describe('docs/operations.md', () => {
  it('knows every fault by what the screen says', () => {
    const text = read('docs/operations.md');
    const said = Object.values(zhCn.outOfService).map(({ title, reason }) => reason || title);
    expect(said.filter((words) => !text.includes(words))).toEqual([]);
  });
});

describe('docs/adr/0005-dependencies.md', () => {
  it('has a line for every dependency, and for no other', () => {
    const { dependencies, devDependencies } = JSON.parse(read('package.json')) as Record<string, object>;
    const named = firstCells(read('docs/adr/0005-dependencies.md'));
    expect([...named].sort()).toEqual(Object.keys({ ...dependencies, ...devDependencies }).sort());
  });
});
