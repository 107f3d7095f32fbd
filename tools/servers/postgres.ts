import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A PostgreSQL of our own, for tests and the simulator: a fresh cluster in a temporary folder, reached by a Unix socket in it. */
export interface TestPostgres {
  /** For DATABASE_URL. */
  readonly url: string;
  /** Of the server; each connection is a child of it. */
  readonly pid: number | undefined;
  stop(): Promise<void>;
}

const run = promisify(execFile);

/**
 * Throws when PostgreSQL is not installed: what is tested with it is a promise, and no test is skipped.
 *
 * @param settings server settings beyond the defaults, such as `{ max_wal_size: '8GB' }`.
 */
export async function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<TestPostgres> {
  const bin = findBinaries();
  const owner = serverUser(['postgres', 'nobody']);
  const folder = await mkdtemp(join(tmpdir(), 'yiping-pg-'));
  if (owner.uid !== undefined && owner.gid !== undefined) await chown(folder, owner.uid, owner.gid);
  await chmod(folder, 0o700);
  const data = join(folder, 'data');
  // PostgreSQL refuses to stand in a folder its user may not enter.
  const as = { ...owner, cwd: folder };
  await run(
    join(bin, 'initdb'),
    ['-D', data, '-U', 'yiping', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    as,
  );
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const server = spawn(join(bin, 'postgres'), ['-D', data, '-k', folder, '-h', '', ...flags], {
    ...as,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const killNow = () => server.kill('SIGQUIT');
  process.once('exit', killNow);
  await ready(server);
  return {
    url: `postgresql://yiping@/postgres?host=${encodeURIComponent(folder)}`,
    pid: server.pid,
    async stop() {
      process.off('exit', killNow);
      if (server.exitCode === null) {
        const ended = once(server, 'exit');
        server.kill('SIGINT');
        await ended;
      }
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function ready(server: ChildProcess): Promise<void> {
  if (!server.stderr) throw new Error('postgres was started without its error stream');
  const said: string[] = [];
  const lines = createInterface({ input: server.stderr });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`PostgreSQL ended with ${code} at its start:\n${said.join('\n')}`)),
    );
    lines.on('line', (line) => {
      if (said.length < 100) said.push(line);
      if (line.includes('ready to accept connections')) resolve();
    });
  });
}

function findBinaries(): string {
  const places = (process.env['PATH'] ?? '').split(delimiter);
  const debian = '/usr/lib/postgresql';
  if (existsSync(debian))
    for (const version of readdirSync(debian).sort((a, b) => Number(b) - Number(a)))
      places.push(join(debian, version, 'bin'));
  const bin = places.find(
    (place) => existsSync(join(place, 'initdb')) && existsSync(join(place, 'postgres')),
  );
  if (!bin)
    throw new Error(
      'PostgreSQL is not installed, and the province promises to work with it. Install it: apt-get install postgresql',
    );
  return bin;
}

/**
 * Database servers refuse to run as root; then they run as the first ordinary service user there is. Empty where we are
 * no root ourselves.
 */
export function serverUser(names: readonly string[]): { readonly uid?: number; readonly gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const users = readFileSync('/etc/passwd', 'utf8').split('\n');
  for (const name of names) {
    const fields = users.find((line) => line.startsWith(`${name}:`))?.split(':');
    if (fields) return { uid: Number(fields[2]), gid: Number(fields[3]) };
  }
  throw new Error(
    `A database server does not run as root, and there is no user ${names.join(' or ')} to run it as.`,
  );
}
