/**
 * Runs in the emulated machine: every `*.hw.ts` in a process of its own, one after the other, because a HID
 * backend is the process's. Ends with a line for a machine and one that names what it really ran on.
 */
import { readdirSync, writeSync } from 'node:fs';
import { release } from 'node:os';
import { join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';

const folder = import.meta.dirname;
const only = process.env['HW_ONLY'] ?? '';
const files = readdirSync(folder).filter((name) => /\.hw\.[jt]s$/.test(name) && name.includes(only));

const stream = run({ files: files.map((name) => join(folder, name)), concurrency: false, forceExit: true });
const ranOn = new Map<string, string[]>();
const figures: string[] = [];
let counts = { passed: 0, failed: 0 };

stream.on('test:pass', ({ name, details }) => {
  const [model, on] = details.type === 'suite' ? name.split(' on ') : [];
  if (model && on) ranOn.set(on, [...(ranOn.get(on) ?? []), model]);
});
// At once: the reporter tells at the end only, and a machine that hangs has none.
stream.on('test:fail', ({ name, details }) => {
  const { cause } = details.error;
  if (details.type !== 'suite')
    console.log(`✖ ${name}: ${cause instanceof Error ? cause.stack : details.error}`);
});
stream.on('test:diagnostic', ({ message }) => {
  if (message.startsWith('{')) figures.push(message);
});
stream.on('test:summary', ({ file, counts: { tests, passed } }) => {
  if (file === undefined) counts = { passed, failed: tests - passed };
});
stream.compose(new spec()).pipe(process.stdout);
stream.once('end', () => {
  const transports = [...ranOn].map(([on, models]) => `${on} (${models.join(', ')})`);
  const lines = [
    ...figures,
    `really ran on: ${transports.join('; ') || 'nothing'} – Linux ${release()}, Node ${process.version}`,
    `HW-RESULT ${JSON.stringify(counts)}`,
  ];
  // After what the reporter still writes.
  setImmediate(() => {
    writeSync(1, `\n${lines.join('\n')}\n`);
    process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;
  });
});
