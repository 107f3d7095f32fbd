import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { serverUser } from './postgres.ts';

/** A MariaDB of our own, for tests and the simulator: fresh data in a temporary folder, its own socket, a port that nobody else has. */
export interface TestMariadb {
  /** Unix socket; user `root` has no password on it. */
  readonly socketPath: string;
  /** On 127.0.0.1. */
  readonly port: number;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/**
 * Throws when MariaDB is not installed: what is tested with it is a promise, and no test is skipped.
 *
 * @param settings server settings beyond the defaults, such as `{ 'ssl-cert': '…' }`.
 */
export async function startMariadb(
  port: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestMariadb> {
  const install = find('mariadb-install-db');
  const program = find('mariadbd');
  const owner = serverUser(['mysql', 'nobody']);
  const folder = await mkdtemp(join(tmpdir(), 'yiping-my-'));
  const data = join(folder, 'data');
  await mkdir(data);
  for (const one of [folder, data]) {
    if (owner.uid !== undefined && owner.gid !== undefined) await chown(one, owner.uid, owner.gid);
    await chmod(one, 0o700);
  }
  const as = { ...owner, cwd: folder, env: { ...process.env, HOME: folder, TMPDIR: folder } };
  const small = ['--innodb-log-file-size=8M', '--innodb-buffer-pool-size=16M'];
  await run(
    install,
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      ...small,
    ],
    as,
  );
  const socketPath = join(folder, 'my.sock');
  const server = spawn(
    program,
    [
      '--no-defaults',
      `--datadir=${data}`,
      `--tmpdir=${folder}`,
      `--socket=${socketPath}`,
      `--pid-file=${join(folder, 'my.pid')}`,
      '--bind-address=127.0.0.1',
      `--port=${port}`,
      '--skip-name-resolve',
      '--skip-log-bin',
      ...small,
      ...Object.entries(settings).map(([name, value]) => `--${name}=${value}`),
    ],
    { ...as, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const killNow = () => server.kill('SIGKILL');
  process.once('exit', killNow);
  await ready(server);
  return {
    socketPath,
    port,
    async stop() {
      process.off('exit', killNow);
      if (server.exitCode === null && server.signalCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGTERM');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  if (!server.stderr) throw new Error('mariadbd was started without its error stream');
  const said: string[] = [];
  const lines = createInterface({ input: server.stderr });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`MariaDB ended with ${code} at its start:\n${said.join('\n')}`)),
    );
    lines.on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (line.includes('ready for connections')) resolve();
    });
  });
}

function find(program: string): string {
  const places = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/bin', '/usr/local/bin'];
  const place = places.find((one) => existsSync(join(one, program)));
  if (place === undefined)
    throw new Error(
      `MariaDB (${program}) is not installed, and the database link promises to work with it. Install it: apt-get install mariadb-server`,
    );
  return join(place, program);
}
