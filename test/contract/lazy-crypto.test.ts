import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';

/** What a process has loaded once these modules are there. */
function loadedBy(...modules: readonly string[]): readonly string[] {
  const urls = modules.map((path) => pathToFileURL(join(import.meta.dirname, '../..', path)).href);
  const program = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve(name, context, next) { const found = next(name, context); seen.push(found.url); return found; } });
    for (const url of ${JSON.stringify(urls)}) await import(url);
    process.stdout.write(JSON.stringify(seen));
    process.exit(0);`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' }),
  );
}

const HEAVY = /node_modules\/(sm-crypto-v2|@hpke|@noble)\//;

it('a kiosk of the usual suite loads no library of SM2 or HPKE', () => {
  const loaded = loadedBy('src/core/start-core.ts', 'src/shared/sealing/seal.ts');
  expect(loaded.length).toBeGreaterThan(50);
  expect(loaded.filter((url) => HEAVY.test(url))).toEqual([]);
});

it('nor does a province before the first device of that suite', () => {
  expect(loadedBy('src/province/server.ts').filter((url) => HEAVY.test(url))).toEqual([]);
});

it('they would be seen', () => {
  expect(loadedBy('src/shared/journal/suite-sm2-sm3.ts').some((url) => HEAVY.test(url))).toBe(true);
});
