import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A peer of a bench in a process of its own, as in a hall it is on a machine of its own. */
export interface Peer {
  /** What it printed when it was ready. */
  readonly said: string;
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

type Env = Readonly<Record<string, string>>;

function start(file: string, args: readonly string[], env: Env): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, file), ...args], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', process.env['BENCH_NOISE'] ? 'inherit' : 'ignore'],
  });
}

/** @param file beside this one. It serves until it is stopped. */
export async function startPeer(file: string, args: readonly string[], env: Env): Promise<Peer> {
  const child = start(file, args, env);
  const said = await firstLine(child, file);
  return {
    said,
    pid: child.pid,
    async stop() {
      if (child.exitCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Runs a peer to its end. @returns what it printed, as JSON. */
export async function runPeer<T>(file: string, args: readonly string[], env: Env): Promise<T> {
  const child = start(file, args, env);
  const ended = once(child, 'exit');
  const line = await firstLine(child, file);
  await ended;
  return JSON.parse(line) as T;
}

async function firstLine(child: ChildProcess, file: string): Promise<string> {
  if (!child.stdout) throw new Error(`${file} was started without its output`);
  const lines = createInterface({ input: child.stdout });
  return await new Promise((resolve, reject) => {
    lines.once('line', resolve);
    child.once('error', reject);
    child.once('exit', (code) =>
      reject(new Error(`${file} ended with ${code} and had said nothing. BENCH_NOISE=1 shows its errors.`)),
    );
  });
}
