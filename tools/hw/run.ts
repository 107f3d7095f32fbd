/**
 * `npm run test:hw`: the device layer on real USB devices, made by the kernel of a throw-away machine that is
 * emulated. Where that cannot be had this says so, loudly, and is no failure.
 *
 *     node tools/hw/run.ts [--cycles 50] [--stalls 20] [--all] [--only NAME] [--report FILE]
 */
import { spawn } from 'node:child_process';
import { realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cacheFolder, makeOpenFolder, whoAmI } from '../runtime/cache-folder.ts';
import { bundleTests } from './bundle.ts';
import { findHidbench } from './hidbench.ts';

const root = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

const { values } = parseArgs({
  options: {
    cycles: { type: 'string', default: '2' },
    stalls: { type: 'string', default: '1' },
    /** Every model, not only one of each kind. */
    all: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    report: { type: 'string' },
  },
});

/** The guest's own limit: a device that hangs must not hang whoever waits for the tests. The long form takes its time. */
const LIMIT_S = 900 + 30 * (Number(values.cycles) + Number(values.stalls));

async function main(): Promise<number> {
  const who = whoAmI();
  const found = findHidbench({ root, env: process.env, isRoot: who.isRoot });
  if (!found.ok) return skipped(found.why);
  const cache = join(cacheFolder(who), 'hidbench');
  await makeOpenFolder(cache);
  const ready = await hidbench(found.program, ['--cache', cache, '--setup']);
  if (ready.code !== 0)
    return skipped(
      `the emulated machine could not be made (${found.program} ended with ${ready.code}): it needs apt, npm and a network the first time. What it said is above`,
    );

  const { tests, rules } = await bundleTests(root);
  const shares = [...new Set([root, realpathSync(join(root, 'node_modules'))])];
  const { code, result } = await hidbench(found.program, [
    ...['--cache', cache, '--cwd', root, '--timeout', String(LIMIT_S), '--seat', '--times'],
    ...shares
      .filter((share) => share === root || !share.startsWith(`${root}/`))
      .flatMap((share) => ['--share', `${share}:ro`]),
    ...['--rules', rules],
    ...['--env', `HW_CYCLES=${values.cycles}`, '--env', `HW_STALLS=${values.stalls}`],
    ...['--env', `HW_ONLY=${values.only}`, '--env', `HW_ALL=${values.all ? 1 : 0}`],
    ...['--', 'node', join(tests, 'main.js')],
  ]);
  if (values.report) writeFileSync(values.report, result ?? '{"passed":0,"failed":1}');
  return code;
}

/** Nobody shall believe that it ran. */
function skipped(why: string): number {
  console.log(`\n!! SKIPPED: the device layer did NOT run on USB devices: ${why}.\n`);
  if (values.report) writeFileSync(values.report, '{"passed":0,"failed":0}');
  return 0;
}

/** Runs the bench; its output passes through. @returns also what the tests counted. */
function hidbench(
  program: string,
  args: readonly string[],
): Promise<{ readonly code: number; readonly result: string | undefined }> {
  return new Promise((resolve) => {
    const child = spawn('bash', [program, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    let tail = '';
    child.stdout.on('data', (bytes: Uint8Array) => {
      process.stdout.write(bytes);
      tail = (tail + Buffer.from(bytes).toString('utf8')).slice(-4_000);
    });
    child.once('error', () => resolve({ code: 127, result: undefined }));
    child.once('close', (code) =>
      resolve({ code: code ?? 1, result: /^HW-RESULT (\{.*\})$/m.exec(tail)?.[1] }),
    );
  });
}

process.exitCode = await main();
