import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { MAX_LINES, ROOMS } from './house-rules.ts';
import { filesBelow, importsOf, roomOf } from './imports.ts';

const root = join(fileURLToPath(import.meta.url), '../../..');
const isTest = (file: string) => /\.test\.tsx?$|\.kit\.ts$/.test(file);
const sources = filesBelow(root, 'src').filter((file) => !isTest(file));

function complaint(file: string, line: number, room: string, what: string): string {
  return `${file}:${line} – the room "${room}" may not import ${what}. ${ROOMS[room]?.instead ?? ''}`;
}

/** What is wrong with one import, or null. */
function judge(file: string, found: ReturnType<typeof importsOf>[number]): string | null {
  const room = file.split('/')[1] ?? '';
  const rules = ROOMS[room];
  if (!rules)
    return `${file} stands in a room "${room}" that the house does not have. Rooms are named in test/architecture/house-rules.ts and docs/architecture.md.`;
  const { specifier, typeOnly, line } = found;
  if (specifier.startsWith('.')) {
    const target = roomOf(file, specifier);
    // Assets and package.json are data; a page's own files are its own.
    if (target === null)
      return /\/assets\/|\.(svg|css|json)(\?|$)/.test(specifier)
        ? null
        : complaint(file, line, room, `"${specifier}"`);
    if (target === room) return null;
    if (!rules.our.includes(target))
      return complaint(file, line, room, `the room "${target}" ("${specifier}")`);
    if (rules.typesOnlyFrom?.includes(target) && !typeOnly)
      return complaint(file, line, room, `anything but types from "${target}" ("${specifier}")`);
    return null;
  }
  const allowed = rules.packages.some(
    (name) => specifier === name || specifier.startsWith(name === 'node:' ? name : `${name}/`),
  );
  return allowed ? null : complaint(file, line, room, `"${specifier}"`);
}

describe('the house', () => {
  it('each room imports only what the table allows', () => {
    const complaints = sources.flatMap((file) =>
      importsOf(root, file).flatMap((found) => judge(file, found) ?? []),
    );
    expect(complaints).toEqual([]);
  });

  it('better-sqlite3 is known to the store alone', () => {
    const users = [...sources, ...filesBelow(root, 'tools').filter((file) => !isTest(file))].filter((file) =>
      importsOf(root, file).some((found) => found.specifier === 'better-sqlite3'),
    );
    expect(
      users.filter((file) => !file.startsWith('src/store/') && !file.startsWith('tools/runtime/')),
    ).toEqual([]);
  });

  it(`no file is longer than ${MAX_LINES} lines; one that long is two`, () => {
    const long = ['src', 'tools', 'test']
      .flatMap((folder) => filesBelow(root, folder, /\.(ts|tsx|mts|mjs|js|css)$/))
      .filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > MAX_LINES);
    expect(long).toEqual([]);
  });

  it('no test is skipped, focused or left for later', () => {
    const marks = /\b(?:it|test|describe)\.(?:skip|only|todo|fixme|fails)\b|\bx(?:it|describe)\(/;
    const marked = ['src', 'tools', 'test']
      .flatMap((folder) => filesBelow(root, folder))
      .filter((file) => file !== 'test/architecture/house.test.ts')
      .filter((file) => isTest(file) || file.startsWith('test/'))
      .filter((file) => marks.test(readFileSync(join(root, file), 'utf8')));
    expect(marked).toEqual([]);
  });

  it('no name hides what is inside', () => {
    const hiding = ['src', 'tools', 'test']
      .flatMap((folder) => filesBelow(root, folder))
      .filter((file) => /(^|\/)(utils?|helpers?|manager|common|misc)(\.|\/|-)/.test(file));
    expect(hiding).toEqual([]);
  });

  it('what is tracked names no machine and no registry', () => {
    const needles = ['/ro' + 'ot/', 'npm' + 'mirror', 'registry.' + 'npm', 'deb.' + 'debian'];
    const found = needles.flatMap((needle) => {
      try {
        return execFileSync('git', ['grep', '-lF', needle], { cwd: root, encoding: 'utf8' })
          .trim()
          .split('\n');
      } catch {
        return [];
      }
    });
    expect(found).toEqual([]);
  });
});

describe('the rules themselves', () => {
  const at = (file: string, specifier: string, typeOnly = false) =>
    judge(file, { file, line: 1, specifier, typeOnly });

  it.each([
    ['src/session/kiosk.ts', '../store/store.ts'],
    ['src/session/kiosk.ts', 'node:fs'],
    ['src/main/main.ts', 'better-sqlite3'],
    ['src/core/core.ts', 'electron'],
    ['src/renderer/citizen/app.tsx', '../../shared/words.ts'],
    ['src/province/server.ts', '../store/store.ts'],
    ['src/queue/links.ts', '../device/buttons.ts'],
    ['src/helpers/x.ts', 'zod'],
  ])('%s may not import %s, and is told what to do instead', (file, specifier) => {
    expect(at(file, specifier)).toMatch(/\.$/);
  });

  it('types may cross where values may not', () => {
    expect(at('src/renderer/citizen/app.tsx', '../../shared/words.ts', true)).toBeNull();
  });
});
