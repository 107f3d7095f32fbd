import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { shippedModel } from '../../test/support/device-model.ts';
import { createTestPty, type TestPty } from '../../test/support/pty.ts';
import { createPluggableBox, type PluggableBox } from '../button-box/pluggable.ts';

/** Every verb by its process, as somebody types it, on real pseudo terminals. */
const CLI = fileURLToPath(new URL('./cli.ts', import.meta.url));
const LIMIT = { timeout: 20_000, interval: 20 };

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(words: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Said> {
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      [CLI, ...words],
      { env: { ...process.env, ...env } },
      (_, out, err) => resolve({ code: child.exitCode, out, err }),
    );
  });
}

interface Running {
  readonly child: ChildProcess;
  out(): string;
  ended: Promise<Said>;
}

function start(words: readonly string[]): Running {
  const child = spawn(process.execPath, [CLI, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  const ended = new Promise<Said>((resolve) => child.once('close', (code) => resolve({ code, out, err })));
  return { child, out: () => out, ended };
}

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'yiping-device-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('device list', () => {
  it('says what is there, and that nothing is where nothing is plugged', async () => {
    const { code, out } = await run(['list']);
    expect(code).toBe(0);
    expect(out).toContain('串口');
    expect(out).toContain('HID 设备');
    expect((await run(['list', '--lang', 'en'])).out).toContain('HID devices');
  });
});

describe('device watch, record and replay', () => {
  let box: PluggableBox;
  const which = () => ['--model', 'generic-line', '--path', box.hostPath];

  beforeEach(async () => {
    const model = await shippedModel('generic-line');
    box = createPluggableBox({ folder, model, owner: undefined, onChange: () => {} });
  });
  afterEach(() => box.pull());

  const ready = (running: Running) => vi.waitFor(() => expect(running.out()).toContain('● 已连接'), LIMIT);
  /** Once a key is heard the box has settled. */
  const pressUntilHeard = (running: Running, key: string, words: string) =>
    vi.waitFor(
      async () => {
        await box.press(key);
        expect(running.out()).toContain(words);
      },
      { timeout: 20_000, interval: 400 },
    );

  it('shows presses by their labels, faults with their bytes, states, and the counts at the end', async () => {
    await box.plug();
    const running = start(['watch', ...which()]);
    await ready(running);
    await pressUntilHeard(running, '5', '按键  5 非常满意');
    await box.send(new TextEncoder().encode('NONSENSE\r\n'));
    await vi.waitFor(() => expect(running.out()).toContain('4E 4F 4E 53 45 4E 53 45'), LIMIT);
    await box.pull();
    await vi.waitFor(() => expect(running.out()).toContain('○ 断开：评价器已从'), LIMIT);
    running.child.kill('SIGINT');
    const { code, out } = await running.ended;
    expect(code).toBe(0);
    expect(out).toMatch(/计数 {2}连接 1 · 断开 1 · 报文 \d+ · 按键 [1-9]/);
    expect(out).toContain('坏报文 1');
  });

  it('shows what a site’s keys mean, in English where that is asked for', async () => {
    await box.plug();
    const levels = ['--levels', '1=1,2=2,3=3,4=4,5=confirm', '--lang', 'en'];
    const running = start(['watch', ...which(), ...levels]);
    await vi.waitFor(() => expect(running.out()).toContain('● connected'), LIMIT);
    await pressUntilHeard(running, '5', '5 Very satisfied → confirm');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(0);
  });

  it('lights the box and answers it when asked to', async () => {
    await box.plug();
    const running = start(['watch', ...which(), '--light']);
    await vi.waitFor(() => expect(box.light).toBe('rating'), LIMIT);
    await pressUntilHeard(running, '4', '按键  4');
    await vi.waitFor(() => expect(box.light).toBe('thanks'), LIMIT);
    running.child.kill('SIGINT');
    await running.ended;
  });

  it('ends with 3 and the remedy where no box ever was', async () => {
    const running = start(['watch', ...which()]);
    await vi.waitFor(() => expect(running.out()).toContain('请检查 USB 线或串口线是否插好'), LIMIT);
    running.child.kill('SIGINT');
    const { code, out } = await running.ended;
    expect(code).toBe(3);
    expect(out).toContain('始终没有连上');
  });

  it('records what replays to the same presses, and writes over nothing', async () => {
    await box.plug();
    const file = join(folder, 'fault.jsonl');
    const running = start(['record', file, ...which()]);
    await ready(running);
    await pressUntilHeard(running, '2', '按键  2 不满意');
    await pressUntilHeard(running, '3', '按键  3 基本满意');
    running.child.kill('SIGINT');
    const { code, out } = await running.ended;
    expect(code).toBe(0);
    expect(out).toContain('已录制');

    const again = await run(['replay', file]);
    expect(again.code).toBe(0);
    expect(again.out).toMatch(/\+\d+\.\d{3}s {2}按键 {2}2 不满意/);
    expect(again.out).toContain('与录制时的按键一致');

    const over = await run(['record', file, ...which()]);
    expect(over).toMatchObject({ code: 2, out: expect.stringContaining('请换一个不存在的文件名') });

    const rows = (await readFile(file, 'utf8')).split('\n');
    const cut = rows.filter((row, at) => at === 0 || !row.includes('4B 45 59 20 33'));
    await writeFile(file, cut.join('\n'));
    const other = await run(['replay', file]);
    expect(other).toMatchObject({ code: 1, out: expect.stringContaining('与录制时不同') });
    await writeFile(file, `${rows[0]}\n{"kind":"in"}\n`);
    const bad = await run(['replay', file]);
    expect(bad).toMatchObject({ code: 2, err: expect.stringContaining(`${file}:2`) });
  });
});

describe('device press', () => {
  let pty: TestPty;
  beforeEach(async () => {
    pty = await createTestPty();
  });
  afterEach(() => pty.dispose());

  it.each([
    ['generic-line', '4', '按键  4 满意'],
    ['ff68', '3', '按键  3 非常满意'],
    ['generic-modbus-rtu', '2', '按键  2 不满意'],
  ])('of %s is one at the watch on the other end', async (model, key, heard) => {
    const running = start(['watch', '--model', model, '--path', pty.hostPath]);
    // A box that is asked is there only when it answers.
    const there = model === 'generic-modbus-rtu' ? '正在连接' : '● 已连接';
    await vi.waitFor(() => expect(running.out()).toContain(there), LIMIT);
    await vi.waitFor(async () => {
      // The first one may come before the line has settled.
      const { code, out } = await run(['press', key, '--model', model, '--path', pty.boxPath]);
      expect(code).toBe(0);
      expect(out).toContain(`已在 ${pty.boxPath} 按下 ${key}`);
      expect(running.out()).toContain(heard);
    }, LIMIT);
    running.child.kill('SIGINT');
    expect((await running.ended).code).toBe(0);
  });

  it('of a key or a port that is not there names it, and so it does a box that nobody asks', async () => {
    const key = await run(['press', '9', '--model', 'generic-line', '--path', pty.boxPath]);
    expect(key).toMatchObject({ code: 2, out: '没有键 9：此型号的键是 1、2、3、4、5\n' });
    const typed = await run(['press', '5', '--model', 'keypad-5', '--path', pty.boxPath]);
    expect(typed).toMatchObject({ code: 2, out: expect.stringContaining('不是串口按键盒') });
    const asked = await run(['press', '5', '--model', 'generic-modbus-rtu', '--path', pty.boxPath]);
    expect(asked).toMatchObject({ code: 2, out: expect.stringContaining('没有主机来询问') });
    await pty.pull();
    const port = await run(['press', '5', '--model', 'generic-line', '--path', pty.boxPath]);
    expect(port).toMatchObject({ code: 2, out: expect.stringContaining(`无法打开 ${pty.boxPath}`) });
  });
});

describe('device model-check', () => {
  it('passes what is shipped, and names line and rule of what is wrong, with 1', async () => {
    const right = fileURLToPath(new URL('../../assets/device-models/ff68.json', import.meta.url));
    expect(await run(['model-check', right])).toMatchObject({ code: 0, out: `${right}：正确，4 个键\n` });
    const file = join(folder, 'ff68.json');
    const text = await readFile(right, 'utf8');
    await writeFile(file, text.replace('"baudRate": 9600', '"baudRate": 12'));
    const { code, err } = await run(['model-check', right, file]);
    expect(code).toBe(1);
    expect(err).toMatch(/ff68\.json:5: transport\.baudRate: 过小或过短：至少 300（Too small/);
    const english = await run(['model-check', file, '--lang', 'en']);
    expect(english.err).toMatch(/ff68\.json:5: transport\.baudRate: Too small/);
  });
});

describe('the words of the command', () => {
  it.each([
    [['watch'], 'watch 还需要 --model'],
    [['watch', '--model', 'nope', '--path', '/dev/x'], '型号 nope 不可用：现有型号 delcom-lamp、ff68'],
    [['watch', '--model', 'ff68'], '请用 --path、--usb-serial 或 --usb-port'],
    [['watch', '--model', 'ff68', '--path', '/dev/x', '--levels', '1=9'], '--levels 1=9'],
    [
      ['watch', '--model', 'ff68', '--path', '/dev/x', '--levels', '0=1'],
      'levels.1: 必须填 1–5 级或一个动作：本型号的键是 0, 1, 2, 3（must name a level',
    ],
    [['watch', '--model', 'ff68', '--path', '/dev/x', '--address', '300'], '--address 300'],
    [['watch', '--colour', 'red'], '选项 --colour'],
    [['press', '--model', 'ff68'], 'press 还需要 KEY'],
    [['polish'], '没有 polish 这个命令'],
  ])('%j ends with 2 and what to do', async (words, said) => {
    const { code, err } = await run(words);
    expect(code).toBe(2);
    expect(err).toContain(said);
  });

  it('need no dashes where npm lets them through, and name them where it does not', async () => {
    const whole = await run(['watch'], { npm_config_model: 'nope', npm_config_path: '/dev/x' });
    expect(whole.err).toContain('型号 nope 不可用');
    const cut = await run(['watch', 'ff68'], { npm_config_model: 'true' });
    expect(cut).toMatchObject({ code: 2, err: expect.stringContaining('npm run device -- watch') });
    expect((await run(['--', 'help'])).out).toContain('model-check');
  });
});
