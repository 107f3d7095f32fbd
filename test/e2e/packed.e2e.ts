import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { launchPacked } from '../../tools/runtime/runtime.ts';
import { COUNTER, expect, test } from './support/kiosk-app.ts';

/** The packed app takes no debugger (its fuses are off), so it is driven and watched from outside alone. */
test('what electron-builder packs starts, is asked, is pressed, and delivers', async ({ hall }) => {
  const output = await mkdtemp(join(tmpdir(), 'yiping-packed-'));
  await chmod(output, 0o755);
  try {
    execFileSync('electron-builder', ['--linux', 'dir', `--config.directories.output=${output}`], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const kiosk = await launchPacked({
      executable: join(output, 'linux-unpacked/yiping'),
      args: hall.kioskArgs,
      stdio: 'ignore',
    });
    await expect.poll(() => hall.sim.state(COUNTER).tablets).toBe(1);
    hall.sim.callNext(COUNTER);
    hall.sim.served(COUNTER);
    await expect.poll(() => hall.box.light).toBe('rating');
    // What comes in the first moments of a connection is taken for noise of the line, so a hand presses again.
    await expect(async () => {
      await hall.box.press('2');
      await expect.poll(() => hall.box.light, { timeout: 1_000 }).toBe('thanks');
    }).toPass();
    await expect.poll(() => hall.province.levels()).toEqual([4]);
    const ended = once(kiosk, 'exit');
    kiosk.kill('SIGTERM');
    await ended;
  } finally {
    await rm(output, { recursive: true, force: true });
  }
});
