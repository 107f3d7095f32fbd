import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const PROVINCE = join(import.meta.dirname, '../../src/province/main.ts');

/** The province in a process of its own, which can be killed and comes back on the same data and another port. */
export interface KillableProvince {
  readonly place: { readonly host: string; readonly port: number } | undefined;
  readonly kills: number;
  /** SIGKILL, and up again. */
  killAndRestart(): Promise<void>;
  stop(): Promise<void>;
}

export async function startKillableProvince(parts: {
  readonly folder: string;
  readonly token: string;
}): Promise<KillableProvince> {
  let child: ChildProcess | undefined;
  let port: number | undefined;
  let kills = 0;
  let restarting: Promise<void> | undefined;

  async function up(): Promise<void> {
    const started = spawn(process.execPath, [PROVINCE, '--port', '0', '--data', parts.folder], {
      env: { ...process.env, YIPING_ADMIN_TOKEN: parts.token },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    let said = '';
    started.stderr.on('data', (text: Buffer) => {
      said = (said + text.toString()).slice(-2_000);
    });
    port = await new Promise<number>((resolve, reject) => {
      createInterface({ input: started.stdout }).on('line', (line) => {
        const found = /at http:\/\/127\.0\.0\.1:(\d+)/.exec(line)?.[1];
        if (found) resolve(Number(found));
      });
      started.once('exit', (code, signal) =>
        reject(new Error(`the province ended with ${code ?? signal}:\n${said}`)),
      );
    });
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    port = undefined;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  await up();
  return {
    get place() {
      return port === undefined ? undefined : { host: '127.0.0.1', port };
    },
    get kills() {
      return kills;
    },
    killAndRestart() {
      restarting ??= (async () => {
        kills++;
        await end('SIGKILL');
        await up();
        restarting = undefined;
      })();
      return restarting;
    },
    async stop() {
      await restarting;
      await end('SIGTERM');
    },
  };
}
