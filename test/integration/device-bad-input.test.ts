import { spawn } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import {
  checkModelFolders,
  createDriverProcess,
  type Driver,
  type DriverEvent,
  describeProblem,
  loadModel,
} from '../../src/device/buttons.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createButtonBox } from '../../tools/button-box/box.ts';
import { modelFolder, shippedModel } from '../support/device-model.ts';
import { createTestPty, type TestPty } from '../support/pty.ts';

/** Whatever comes from a box or a technician's file: named, with the remedy, and never a press. */
const LIMIT = { timeout: 30_000, interval: 20 };

describe('model files', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'yiping-models-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('an unknown one is named with where it was looked for', async () => {
    const read = await loadModel({ folders: [folder, modelFolder], id: 'acme-9' });
    expect(read).toMatchObject({ ok: false, message: expect.stringContaining(join(folder, 'acme-9.json')) });
  });

  it('one that is there twice names both files', async () => {
    await copyFile(join(modelFolder, 'ff68.json'), join(folder, 'ff68.json'));
    const { problems } = await checkModelFolders([folder, modelFolder]);
    const [problem = ''] = problems.map((problem) => describeProblem(problem));
    expect(problem).toContain(join(folder, 'ff68.json'));
    expect(problem).toContain(join(modelFolder, 'ff68.json'));
  });

  it.each([
    ['no JSON', '{', /:1: 不是有效的 JSON.*（must be JSON/],
    ['nothing at all', '', /must be JSON/],
    ['not an object', '[]', /:1: /],
    ['bytes of another kind', '\u0000\u0001\u0002', /must be JSON/],
  ])('%s is refused with its line', async (_, text, said) => {
    await writeFile(join(folder, 'mine.json'), text);
    const read = await loadModel({ folders: [folder], id: 'mine' });
    expect(read.ok ? '' : read.message).toMatch(said);
  });

  it('a folder in place of a file is said, not thrown', async () => {
    await mkdir(join(folder, 'mine.json'));
    const read = await loadModel({ folders: [folder], id: 'mine' });
    expect(read.ok ? '' : read.message).toContain('must be readable');
  });
});

describe('two boxes that claim one counter', () => {
  const levels = { '0': 2, '1': 3, '2': 4, '3': 5 };
  const box = (more: object) => ({ model: 'ff68', path: '/dev/ttyS0', address: 129, levels, ...more });
  const problemsOf = (...buttons: object[]) => {
    const read = parseConfig(
      JSON.stringify({
        device: 'bad-input-1',
        hall: { id: 'h', name: { 'zh-CN': '云溪市政务服务中心' } },
        counter: { number: '3' },
        buttons,
      }),
      'kiosk.json',
    );
    return read.ok ? [] : read.problems.map(({ where, allowed }) => `${where} ${allowed}`);
  };

  it('on one port with one address are named both', () => {
    const [problem = '', ...more] = problemsOf(box({}), box({}));
    expect(more).toEqual([]);
    expect(problem).toContain('buttons.0 (ff68:81@ttyS0)');
    expect(problem).toContain('buttons.1 (ff68:81@ttyS0)');
    expect(problem).toContain('address of its own');
  });

  it('on one port without an address, or of two models, are named too', () => {
    expect(problemsOf(box({}), box({ address: undefined }))).toHaveLength(1);
    const [problem = ''] = problemsOf(box({}), box({ model: 'generic-line', address: undefined }));
    expect(problem).toMatch(/ff68.*generic-line.*same model/);
    expect(
      problemsOf(box({ path: undefined, usbSerial: 'A' }), box({ path: undefined, usbSerial: 'A' })),
    ).toHaveLength(1);
  });

  it('with addresses or ports of their own are a bus, or two lines', () => {
    expect(problemsOf(box({}), box({ address: 130 }))).toEqual([]);
    expect(problemsOf(box({}), box({ path: '/dev/ttyS1' }))).toEqual([]);
  });
});

describe('a line, through the driver’s own process', () => {
  let pty: TestPty;
  let driver: Driver;
  let events: DriverEvent[];
  let pid: number | undefined;

  const presses = () => events.filter(({ type }) => type === 'press').length;
  const reason = () => {
    const state = driver.state();
    return state.state === 'lost' ? state.reason : '';
  };
  const settings = (path: string) =>
    ({ model: 'generic-line', path, levels: { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 } }) as const;
  const start = async () => {
    const model = await shippedModel('generic-line');
    driver = createDriverProcess({
      boxes: [{ settings: settings(pty.hostPath), model }],
      clock: systemClock,
      spawn: createForkedDrivers({
        onSpawn(made) {
          pid = made;
        },
      }),
      onEvent: (event) => events.push(event),
    });
    driver.start();
  };
  const ready = () => vi.waitFor(() => expect(driver.state().state).toBe('ready'), LIMIT);
  /** Pressed until it is heard: the box settles first, and a line that was noisy must come to itself. */
  const pressCounts = async () => {
    const model = await shippedModel('generic-line');
    const box = await createButtonBox({ path: pty.boxPath, model, onHeard: () => {} });
    const before = presses();
    try {
      // One at a time: what is still on its way when this returns would count as another's.
      await vi.waitFor(
        async () => {
          await box.press('3');
          await vi.waitFor(() => expect(presses()).toBeGreaterThan(before), { timeout: 3_000, interval: 20 });
        },
        { timeout: 30_000, interval: 500 },
      );
    } finally {
      await box.close();
    }
  };

  beforeEach(async () => {
    pty = await createTestPty();
    events = [];
  });
  afterEach(async () => {
    await driver.stop();
    await pty.dispose();
  });

  it('that speaks another protocol is faults with their bytes and no press', async () => {
    await start();
    await ready();
    const other = await createButtonBox({
      path: pty.boxPath,
      model: await shippedModel('ff68'),
      onHeard: () => {},
    });
    for (let again = 0; again < 20; again++) await other.press('3');
    await vi.waitFor(() => expect(events.some(({ type }) => type === 'fault')).toBe(true), LIMIT);
    await other.close();
    expect(presses()).toBe(0);
    await pressCounts();
  });

  it('that floods 1 MB/s for 3 s leaves the core free and its own memory bounded; presses count afterwards', async () => {
    await start();
    await ready();
    await pressCounts();
    const stood = monitorEventLoopDelay({ resolution: 5 });
    stood.enable();
    const memoryMb = async () =>
      Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
    const before = await memoryMb();
    const known = presses();
    // Another process floods, so that what stands still here is the driver's doing.
    const flood = spawn('sh', [
      '-c',
      'for i in $(seq 30); do yes "KEY 9 noise and no end" | head -c 100000; sleep 0.1; done > "$1"',
      'sh',
      pty.boxPath,
    ]);
    await new Promise((resolve) => flood.once('exit', resolve));
    stood.disable();
    expect(presses()).toBe(known);
    expect((await memoryMb()) - before).toBeLessThan(100);
    // A stall of the whole core would be seconds; how few milliseconds it is, is measured by the bench.
    expect(stood.max / 1e6).toBeLessThan(1_000);
    expect(events.length).toBeLessThan(500);
    await pressCounts();
    expect(driver.state().state).toBe('ready');
  });

  it('that sends half a message and falls silent presses nothing, and the next whole one counts', async () => {
    await start();
    await ready();
    await pressCounts();
    const known = presses();
    const half = openSync(pty.boxPath, 'w');
    writeSync(half, 'KEY');
    closeSync(half);
    await pressCounts();
    expect(presses()).toBeGreaterThan(known);
  });

  it('that another program holds is lost, and the program is named', async () => {
    const holder = spawn(
      process.execPath,
      [
        '-e',
        `const { SerialPort } = require('serialport'); process.title = 'minicom';
         new SerialPort({ path: process.argv[1], baudRate: 9600 })
           .on('data', () => {}).on('open', () => console.log('held'));`,
        pty.hostPath,
      ],
      { stdio: ['ignore', 'pipe', 'inherit'], cwd: fileURLToPath(new URL('../..', import.meta.url)) },
    );
    for await (const line of createInterface({ input: holder.stdout })) if (line === 'held') break;
    await start();
    await vi.waitFor(() => expect(reason()).toContain(`(${holder.pid})`), LIMIT);
    expect(reason()).toContain('正被其他程序占用');
    holder.kill('SIGKILL');
    await ready();
  });
});

describe('a port without permission', () => {
  it('names the udev rules to install, and heals when the rights come', async () => {
    const pty = await createTestPty();
    try {
      await chmod(await realpath(pty.hostPath), 0o000);
      const words = [
        fileURLToPath(new URL('../../tools/device/cli.ts', import.meta.url)),
        ...['watch', '--model', 'ff68', '--path', pty.hostPath],
      ];
      // Root may open everything: then a root who may not. Another user might not read where this checkout is.
      const isRoot = process.getuid?.() === 0;
      const [program = '', ...args] = isRoot
        ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', process.execPath, ...words]
        : [process.execPath, ...words];
      const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      let shown = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        shown += text;
      });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await vi.waitFor(() => expect(shown).toContain('assets/udev/70-yiping-devices.rules'), LIMIT);
      await chmod(await realpath(pty.hostPath), 0o666);
      await vi.waitFor(() => expect(shown).toContain('● 已连接'), LIMIT);
      child.kill('SIGTERM');
      expect(await ended).toBe(0);
    } finally {
      await pty.dispose();
    }
  });
});
