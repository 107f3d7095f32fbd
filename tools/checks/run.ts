/**
 * `npm run check` and `npm test`: every stage in turn, each with its own output, all of them even if one fails,
 * and at the end one line that counts.
 *
 *     node tools/checks/run.ts check    types, lint, unit, architecture, contract, integration, browser
 *     node tools/checks/run.ts test     check + devices on USB (where hidbench is) + e2e on the real app
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Counts,
  countsOfHardware,
  countsOfPlaywright,
  countsOfVitest,
  NOTHING,
  serversOfVitest,
  sum,
} from './counts.ts';

interface Stage {
  readonly name: string;
  readonly command: readonly string[];
  /** Reads what a test runner counted; a stage without one counts as one check. */
  readonly counts?: () => Counts;
}

const reports = mkdtempSync(join(tmpdir(), 'yiping-checks-'));
const report = (name: string) => join(reports, `${name}.json`);

const CHECK: readonly Stage[] = [
  { name: 'machine', command: ['node', 'tools/preflight/cli.ts', 'run', 'test'] },
  { name: 'types', command: ['tsc', '-p', 'tsconfig.node.json'] },
  { name: 'types of the preload', command: ['tsc', '-p', 'tsconfig.preload.json'] },
  { name: 'types of the renderer', command: ['tsc', '-p', 'tsconfig.renderer.json'] },
  { name: 'types of the renderer’s tests', command: ['tsc', '-p', 'tsconfig.renderer-test.json'] },
  { name: 'types of what drives pages', command: ['tsc', '-p', 'tsconfig.e2e.json'] },
  { name: 'lint and format', command: ['biome', 'check', '--error-on-warnings', '.'] },
  {
    name: 'unit, architecture, contract, integration',
    command: [
      'vitest',
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${report('vitest')}`,
    ],
    counts: () => countsOfVitest(report('vitest')),
  },
  { name: 'build', command: ['electron-vite', 'build', '--logLevel=warn'] },
  {
    name: 'browser',
    command: ['playwright', 'test', '-c', 'playwright.browser.config.ts', '--reporter=list,json'],
    counts: () => countsOfPlaywright(report('playwright')),
  },
];

const E2E: readonly Stage[] = [
  {
    name: 'devices on USB, in an emulated machine',
    command: ['node', 'tools/hw/run.ts', '--report', report('hardware')],
    counts: () => countsOfHardware(report('hardware')),
  },
  {
    name: 'e2e',
    command: ['playwright', 'test', '-c', 'playwright.config.ts', '--reporter=list,json'],
    counts: () => countsOfPlaywright(report('playwright')),
  },
];

function run(command: readonly string[]): Promise<boolean> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report('playwright') },
    });
    child.once('error', (error) => {
      console.error(`${program}: ${error.message}. Run this through npm, after npm ci.`);
      resolve(false);
    });
    child.once('exit', (code) => resolve(code === 0));
  });
}

async function main(which: string | undefined): Promise<boolean> {
  if (which !== 'check' && which !== 'test') {
    console.error('Usage: node tools/checks/run.ts check | test');
    return false;
  }
  let total = NOTHING;
  const failed: string[] = [];
  for (const stage of which === 'test' ? [...CHECK, ...E2E] : CHECK) {
    console.log(`\n── ${stage.name}`);
    const startedAtMs = Date.now();
    rmSync(report('playwright'), { force: true });
    const ok = await run(stage.command);
    const counted = stage.counts?.() ?? { ...NOTHING, ...(ok ? { passed: 1 } : { failed: 1 }) };
    // A runner that failed without a failing test (it crashed, it found none) has failed all the same.
    total = sum(total, ok || counted.failed > 0 ? counted : { ...counted, failed: 1 });
    if (!ok) failed.push(stage.name);
    console.log(
      `── ${stage.name}: ${ok ? 'ok' : 'FAILED'} in ${Math.round((Date.now() - startedAtMs) / 1000)} s`,
    );
    if (!ok && stage.name === 'machine') break;
  }
  const servers = serversOfVitest(report('vitest'));
  if (servers.length > 0) console.log(`\nReal servers under test: ${servers.join(', ')}`);
  for (const one of total.failures) console.log(`\n${one}`);
  if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed`);
  return failed.length === 0;
}

try {
  process.exitCode = (await main(process.argv[2])) ? 0 : 1;
} finally {
  rmSync(reports, { recursive: true, force: true });
}
