import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { acknowledge, starLevel, startRating } from '../../src/device/decode/ff68.ts';
import { createSerialPorts } from '../../src/device/transport/serial.ts';
import { shippedModel } from '../../test/support/device-model.ts';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createPluggableBox, type PluggableBox } from './pluggable.ts';

const model = await shippedModel('ff68');

describe('the button box of the bench', () => {
  let folder: string;
  let box: PluggableBox;
  let changes: number;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yiping box, bench-'));
    changes = 0;
    box = createPluggableBox({
      folder,
      model,
      owner: undefined,
      onChange: () => {
        changes += 1;
      },
    });
  });
  afterEach(async () => {
    await box.pull();
    await rm(folder, { recursive: true, force: true });
  });

  const openHost = async () => {
    const result = await createSerialPorts({ clock: createFakeClock() })({
      where: { by: 'path', path: box.hostPath },
      transport: { kind: 'serial', baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 },
      onData: () => {},
      onGone: () => {},
    });
    if (!result.ok) throw new Error(result.fault.detail);
    return result.port;
  };

  it('has a line only while it is plugged', async () => {
    expect(existsSync(box.hostPath)).toBe(false);
    await box.plug();
    expect(existsSync(box.hostPath)).toBe(true);
    expect(box.plugged).toBe(true);
    await box.pull();
    expect(existsSync(box.hostPath)).toBe(false);
    await expect(box.press('3')).rejects.toThrow('pulled');
  });

  it('takes plugs and pulls in the order of the clicks', async () => {
    await Promise.all([box.plug(), box.pull(), box.plug(), box.plug()]);
    expect(box.plugged).toBe(true);
    await box.press('1');
  });

  it('shows the light a citizen would see', async () => {
    await box.plug();
    const port = await openHost();
    expect(box.light).toBe('off');
    const seen = (light: string) => vi.waitFor(() => expect(box.light).toBe(light), { timeout: 5_000 });
    port.write(startRating(0x81));
    await seen('rating');
    port.write(acknowledge(0x81, 3, 'A'));
    await seen('thanks');
    port.write(starLevel(0x81, 4));
    await vi.waitFor(() => expect(box.stars).toBe(4), { timeout: 5_000 });
    expect(changes).toBe(4);
    await port.close();
  });

  it('outlives a host that closes and opens again', async () => {
    await box.plug();
    await (await openHost()).close();
    const port = await openHost();
    port.write(startRating(0x81));
    await vi.waitFor(() => expect(box.light).toBe('rating'), { timeout: 5_000 });
    await port.close();
  });

  it('leaves no line behind when its process is killed', async () => {
    const cli = fileURLToPath(new URL('../device/cli.ts', import.meta.url));
    const child = spawn(process.execPath, [cli, 'serve', '--model', 'ff68', '--folder', folder], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    for await (const line of createInterface({ input: child.stdout })) {
      if (line === box.hostPath) break;
    }
    expect(existsSync(box.hostPath)).toBe(true);
    child.kill('SIGKILL');
    await vi.waitFor(() => expect(existsSync(box.hostPath)).toBe(false), { timeout: 5_000 });
  });
});
