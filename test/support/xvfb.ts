import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface OwnScreen {
  /** Such as `:99`. */
  readonly display: string;
  stop(): Promise<void>;
}

/** An X server in memory on a free display number, which it finds itself (`-displayfd`). */
export async function startScreen(size: {
  readonly width: number;
  readonly height: number;
  /** Gets the framebuffer file `Xvfb_screen0`. */
  readonly folder?: string;
}): Promise<OwnScreen> {
  const child = spawn(
    'Xvfb',
    [
      '-displayfd',
      '3',
      '-screen',
      '0',
      `${size.width}x${size.height}x24`,
      '-nolisten',
      'tcp',
      '-noreset',
      '-ac',
      ...(size.folder ? ['-fbdir', size.folder] : []),
    ],
    { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] },
  );
  const pipe = child.stdio[3];
  if (!pipe || !('read' in pipe)) throw new Error('no pipe from Xvfb');
  const number = await new Promise<string>((resolve, reject) => {
    createInterface({ input: pipe }).once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`Xvfb ended with code ${code} before it had a display`)));
  });
  return {
    display: `:${number.trim()}`,
    async stop() {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    },
  };
}
