import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const CLI = join(import.meta.dirname, '../../tools/queue-sim/cli.ts');

/** A terminal sends Ctrl-C to everything that was started from it, the simulator's own servers included. */
it.each(['postgresql', 'mariadb', 'mqtt'])('Ctrl-C ends the simulator on %s in order', async (link) => {
  const sim = spawn(process.execPath, [CLI, '--link', link], {
    detached: true,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let said = '';
  let complained = '';
  sim.stderr.on('data', (text: Buffer) => {
    complained += text.toString();
  });
  const started = new Promise<void>((resolve) => {
    sim.stdout.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('操作页 http')) resolve();
    });
  });
  const ended = once(sim, 'exit');
  await Promise.race([started, ended]);
  expect(said).toContain('操作页 http');
  process.kill(-(sim.pid ?? 0), 'SIGINT');
  const [code] = await ended;
  expect({ code, complained }).toEqual({ code: 0, complained: '' });
});
