import { execFile, spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkModelFolders, createDriver, createSerialPorts, type Driver } from '../../src/device/buttons.ts';
import type { Press } from '../../src/shared/press.ts';
import { modelFolder, shippedModel } from '../support/device-model.ts';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';
import { createTestPty, type TestPty } from '../support/pty.ts';

const run = promisify(execFile);
const model = await shippedModel('ff68');
const cli = fileURLToPath(new URL('../../tools/device/cli.ts', import.meta.url));
const playing = fileURLToPath(new URL('python-box.py', import.meta.url));

/** A box written from the bus's description alone: it computes and checks every sum itself. */
const PYTHON_BOX = `
import sys, serial
def frame(addr, func, *data):
    body = bytes([addr, func, *data])
    return bytes([0xFF, 0x68, len(body), len(body), 0x68]) + body + bytes([sum(body) % 256, 0x16])
with serial.Serial(sys.argv[1], 9600, timeout=5) as line:
    print("listening", flush=True)
    prompt = line.read(10)
    assert prompt == frame(0x81, 0x01, 0x0B), prompt.hex()
    line.write(b"\\x00\\x68\\xff" + frame(0x82, 0x11, 1) + frame(0x81, 0x11, 2))
    answer = line.read(10)
    assert answer == frame(0x81, 0x01, 2), answer.hex()
print("done")
`;

/** Where python3-serial is; the system's own Python first, as Debian's package serves only that one. */
const python = ['/usr/bin/python3', 'python3'].find(
  (command) => spawnSync(command, ['-c', 'import serial']).status === 0,
);
console.log(
  python
    ? `a box in another language ran: ${python} with python3-serial`
    : 'a box in another language did NOT run: install python3-serial to run it',
);

describe('a box that is played by another program', () => {
  let clock: FakeClock;
  let pty: TestPty;
  let driver: Driver;
  let presses: Press[];

  beforeEach(async () => {
    clock = createFakeClock();
    pty = await createTestPty();
    presses = [];
    const settings = {
      model: 'ff68',
      path: pty.hostPath,
      address: 0x81,
      acknowledge: 'A',
      levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
    } as const;
    driver = createDriver({
      boxes: [{ settings, model }],
      clock,
      openPort: createSerialPorts({ clock }),
      onEvent(event) {
        if (event.type !== 'press') return;
        presses.push(event.press);
        driver.acknowledge(event.press);
      },
    });
    driver.start();
    await vi.waitFor(() => expect(driver.state().state).toBe('ready'), { timeout: 5_000, interval: 2 });
    clock.advance(model.timing.settleMs);
  });

  afterEach(async () => {
    await driver.stop();
    await pty.dispose();
  });

  it('a shell that writes the documented bytes presses the key', async () => {
    const octal = 'FF 68 03 03 68 81 11 03 95 16'
      .split(' ')
      .map((byte) => `\\${Number.parseInt(byte, 16).toString(8).padStart(3, '0')}`)
      .join('');
    await run('sh', ['-c', `printf '${octal}' > "$1"`, 'sh', pty.boxPath]);
    await vi.waitFor(() => expect(presses.map((press) => press.control)).toEqual([5]), { timeout: 5_000 });
  });

  if (python) {
    it('python3-serial is prompted, presses amid noise, and gets its answer', async () => {
      const box = spawn(python, ['-c', PYTHON_BOX, pty.boxPath], { stdio: ['ignore', 'pipe', 'inherit'] });
      const said: string[] = [];
      for await (const line of createInterface({ input: box.stdout })) {
        said.push(line);
        if (line === 'listening') driver.say('prompt');
      }
      expect(said).toEqual(['listening', 'done']);
      expect(presses.map((press) => press.control)).toEqual([4]);
      expect(driver.counters()).toMatchObject({ foreignAddress: 1, outputs: 2 });
    });
  }
});

if (python) {
  const folder = await checkModelFolders([modelFolder]);
  const serial = folder.models.filter(
    ({ transport, keys }) => transport.kind === 'serial' && keys.length > 0,
  );

  describe.each(serial.map((one) => [one.id, one] as const))(
    '%s, played by python3-serial from its file',
    (id, its) => {
      it('presses every key of its vectors at `device watch`, with checks that Python computes', async () => {
        const pty = await createTestPty();
        const watching = spawn(
          process.execPath,
          [cli, 'watch', '--model', id, '--path', pty.hostPath, '--lang', 'en'],
          { stdio: ['ignore', 'pipe', 'inherit'] },
        );
        let shown = '';
        watching.stdout.setEncoding('utf8').on('data', (text: string) => {
          shown += text;
        });
        const shows = (words: string) =>
          vi.waitFor(() => expect(shown).toContain(words), { timeout: 15_000, interval: 20 });
        const box = spawn(python, [playing, pty.boxPath, join(modelFolder, `${id}.json`)], {
          stdio: ['pipe', 'pipe', 'inherit'],
        });
        const said: Record<string, unknown>[] = [];
        createInterface({ input: box.stdout }).on('line', (line) => said.push(JSON.parse(line)));
        const boxEnded = new Promise((resolve) => box.once('exit', resolve));
        const watchEnded = new Promise((resolve) => watching.once('exit', resolve));
        try {
          await shows('● connected');
          const pressed = its.vectors.flatMap(({ key }) => key ?? []);
          for (const key of pressed) {
            // What a line says in its first moments is dropped, and a key is the same press for a while.
            await pause(its.timing.settleMs + its.timing.debounceMs);
            box.stdin.write('next\n');
            const label = its.keys.find(({ code }) => code === key)?.label.en ?? '';
            await shows(`key  ${key} ${label}`);
          }
          box.stdin.end();
          expect(await boxEnded).toBe(0);
          expect(said.slice(1)).toEqual(pressed.map((key) => ({ pressed: key })));
          watching.kill('SIGINT');
          expect(await watchEnded).toBe(0);
          expect(shown.match(/ {2}key {2}/g)).toHaveLength(pressed.length);
        } finally {
          box.kill('SIGKILL');
          watching.kill('SIGKILL');
          await pty.dispose();
        }
      });
    },
  );
}
