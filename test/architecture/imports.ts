import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize, relative, sep } from 'node:path';

export interface Import {
  readonly file: string;
  readonly line: number;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** All source files below a folder, with `/`, relative to `root`. */
export function filesBelow(root: string, folder: string, pattern = /\.(ts|tsx|mts|cts)$/): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((file) => !file.includes('node_modules/'))
    .sort();
}

const STATEMENT =
  /(?:^|\n)[ \t]*(?:import|export)\s+(type\s+)?(?:[^'";]*?\sfrom\s+)?['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|require\(\s*['"]([^'"]+)['"]\s*\)/g;

export function importsOf(root: string, file: string): readonly Import[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(STATEMENT)].flatMap((match) => {
    const specifier = match[2] ?? match[3] ?? match[4];
    if (!specifier) return [];
    const statement = match[0];
    // `import { type A, type B } from` leaves nothing either.
    const named = /\{([^}]*)\}/.exec(statement)?.[1];
    const allTypes =
      named !== undefined &&
      !/(?:import|export)\s+[A-Za-z_$*]/.test(statement.replace(/(import|export)\s+type\b/, '$1')) &&
      named
        .split(',')
        .map((name) => name.trim())
        .filter(Boolean)
        .every((name) => name.startsWith('type '));
    return {
      file,
      line: text.slice(0, match.index + 1).split('\n').length,
      specifier,
      typeOnly: match[1] !== undefined || allTypes,
    };
  });
}

/** The room a relative import leads to, or null when it leads out of src/. */
export function roomOf(file: string, specifier: string): string | null {
  const target = normalize(join(file, '..', specifier))
    .split(sep)
    .join('/');
  const [top, room] = target.split('/');
  return top === 'src' && room ? room : null;
}
