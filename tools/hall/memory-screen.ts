/**
 * A screen where the machine has none: Xvfb with a display number of its own choice, its picture in a file that
 * we read, its door shut to everybody without our key, taps by xdotool.
 */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Trouble } from '../runtime/runtime.ts';
import { encodePng, readXwdLayout } from './png.ts';
import { endingWithUs } from './supervised.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Frame {
  /** Grows with every frame that differs from the one before. */
  readonly number: number;
  readonly png: Buffer;
}

export interface MemoryScreen {
  readonly size: Size;
  /** For whoever opens windows on it. */
  readonly env: { readonly DISPLAY: string; readonly XAUTHORITY: string };
  /** The first frame after `number`; undefined when nothing changed in a while. Looks only while somebody waits. */
  frameAfter(number: number): Promise<Frame | undefined>;
  /** @param at fractions of width and height. */
  tap(at: { readonly x: number; readonly y: number }): Promise<void>;
  stop(): Promise<void>;
}

const START_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 250;
const WAIT_LIMIT_MS = 10_000;
/** A finger's time on the glass. */
const TAP_MS = 60;
/** Chromium makes a window that is as large as the screen one pixel smaller, so the screen is larger than the picture. */
const MARGIN = 2;

export async function startMemoryScreen(parts: {
  readonly size: Size;
  /** For key and picture; only ours to read. */
  readonly folder: string;
}): Promise<MemoryScreen> {
  const { size, folder } = parts;
  const keyFile = join(folder, 'xauthority');
  await writeFile(keyFile, screenKey(), { mode: 0o600 });
  const picture = join(folder, 'Xvfb_screen0');
  await rm(picture, { force: true });

  const wanted = endingWithUs({
    command: 'Xvfb',
    args: [
      ...[
        '-displayfd',
        '3',
        '-screen',
        '0',
        `${size.width + MARGIN}x${size.height + MARGIN}x24`,
        '-fbdir',
        folder,
      ],
      ...['-auth', keyFile, '-nolisten', 'tcp', '-nocursor', '-noreset'],
    ],
    env: process.env,
    cwd: folder,
  });
  const child = spawn(wanted.command, wanted.args, {
    cwd: wanted.cwd,
    env: wanted.env,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const gone = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
  });
  const number = await displayNumber(child, gone);
  const env = { DISPLAY: `:${number}`, XAUTHORITY: keyFile };

  let seen: Buffer | undefined;
  let frame: Frame = { number: 0, png: Buffer.alloc(0) };
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const file = await readFile(picture);
    if (seen?.equals(file)) return;
    const layout = readXwdLayout(file);
    if (!layout) return;
    seen = file;
    frame = { number: frame.number + 1, png: await encodePng(file, { ...layout, ...size }) };
  }

  return {
    size,
    env,
    async frameAfter(number) {
      const untilMs = Date.now() + WAIT_LIMIT_MS;
      for (;;) {
        // Several who watch share one look.
        looking ??= look().finally(() => {
          looking = undefined;
        });
        await looking;
        // A page that knows a later frame than ours knew another screen.
        if (frame.number !== number && frame.number > 0) return frame;
        if (Date.now() > untilMs || child.exitCode !== null) return undefined;
        await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
      }
    },
    tap: ({ x, y }) => {
      const column = Math.min(size.width - 1, Math.floor(x * size.width));
      const row = Math.min(size.height - 1, Math.floor(y * size.height));
      const words = ['mousemove', String(column), String(row), 'mousedown', '1'];
      return xdotool([...words, 'sleep', String(TAP_MS / 1000), 'mouseup', '1'], env);
    },
    async stop() {
      child.kill('SIGTERM');
      await gone;
      await rm(picture, { force: true });
    },
  };
}

/**
 * One MIT-MAGIC-COOKIE-1 for any display (Xauthority format: family 65535 = any, then address, number, name and
 * data, each with its length in two bytes).
 */
function screenKey(): Buffer {
  const field = (data: Buffer) => {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(data.length);
    return Buffer.concat([length, data]);
  };
  const text = (value: string) => field(Buffer.from(value, 'latin1'));
  return Buffer.concat([
    Buffer.from([0xff, 0xff]),
    text(hostname()),
    text(''),
    text('MIT-MAGIC-COOKIE-1'),
    field(randomBytes(16)),
  ]);
}

/** Xvfb writes the number it took on its file descriptor 3 once it is ready. */
async function displayNumber(child: ReturnType<typeof spawn>, gone: Promise<string>): Promise<string> {
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-2_000);
  });
  const number = new Promise<string>((resolve) => {
    let text = '';
    child.stdio[3]?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('\n')) resolve(text.trim());
    });
  });
  let limit: NodeJS.Timeout | undefined;
  const tooLate = new Promise<string>((resolve) => {
    limit = setTimeout(() => resolve('it did not become ready'), START_LIMIT_MS);
  });
  const failed = Promise.race([gone, tooLate]).then((why) => {
    throw new Trouble(`The screen in memory (Xvfb) could not be started: ${why}.\n${said.trim()}`);
  });
  try {
    return await Promise.race([number, failed]);
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(limit);
    // Its end later on is nobody's failure any more.
    failed.catch(() => {});
  }
}

function xdotool(words: readonly string[], env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn('xdotool', words, { env: { ...process.env, ...env }, stdio: 'ignore' });
    child.once('error', reject);
    child.once('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`xdotool ended with code ${code}`)),
    );
  });
}
