import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs a file of test/harness to its end. @returns its exit code and all that it said. */
export async function runHarness(
  file: string,
  args: readonly string[] = [],
): Promise<{ readonly code: number | null; readonly said: string }> {
  const child = spawn(process.execPath, [join(import.meta.dirname, '../harness', file), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk) => {
      said += chunk;
    });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, said };
}
