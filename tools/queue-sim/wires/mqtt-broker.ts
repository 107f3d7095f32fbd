import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/**
 * A mosquitto of one's own: in a temporary folder, reached by Unix sockets in it, gone afterwards. Hall and tablets have
 * a listener each, so that only the tablets' side needs TLS.
 */
export interface MqttBroker {
  /** As the running program says it: `2.0.11`. */
  readonly version: string;
  readonly hallSocket: string;
  readonly tabletSocket: string;
  readonly hallLogin: { readonly username: string; readonly password: string };
  /** Ends it as the service manager does and starts it again; sessions and retained messages stay. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface MqttBrokerOptions {
  /** Tablets' user names and passwords; without it everybody may come. */
  readonly users?: Readonly<Record<string, string>>;
  /** Lines of mosquitto's ACL file for tablets; without it everybody may read and write all. */
  readonly acl?: readonly string[];
  readonly tls?: {
    readonly key: string;
    readonly cert: string;
    /** PEM file of the authority that tablets' certificates must come from; without it none is asked for. */
    readonly clientCaFile?: string;
  };
}

const run = promisify(execFile);
const HALL = { username: 'hall', password: 'the-hall-itself' };

/** Throws when mosquitto is not installed: what is tried on it is a promise and is not skipped. */
export async function startMosquitto(options: MqttBrokerOptions = {}): Promise<MqttBroker> {
  const program = find('mosquitto');
  const folder = await mkdtemp(join(tmpdir(), 'yiping-mqtt-'));
  await chmod(folder, 0o700);
  const at = (name: string) => join(folder, name);
  const sockets = { hallSocket: at('hall.sock'), tabletSocket: at('tablet.sock') };
  await writeFile(at('mosquitto.conf'), await settingsFile(options, sockets, at));

  let server: ChildProcess | undefined;
  const killNow = () => server?.kill('SIGKILL');
  process.once('exit', killNow);
  let version = '';
  const start = async () => {
    const started = spawn(program, ['-c', at('mosquitto.conf')], {
      cwd: folder,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    server = started;
    version = await running(started);
  };
  const end = async () => {
    if (!server || server.exitCode !== null || server.signalCode !== null) return;
    const ending = server;
    const ended = once(ending, 'exit');
    ending.kill('SIGTERM');
    // It forgets a signal that comes between saying that it runs and beginning to.
    const again = setInterval(() => ending.kill('SIGTERM'), 100);
    await ended;
    clearInterval(again);
  };
  try {
    await start();
  } catch (error) {
    process.off('exit', killNow);
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    version,
    ...sockets,
    hallLogin: HALL,
    async restart() {
      await end();
      await start();
    },
    async stop() {
      await end();
      process.off('exit', killNow);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function settingsFile(
  { users, acl, tls }: MqttBrokerOptions,
  sockets: Pick<MqttBroker, 'hallSocket' | 'tabletSocket'>,
  at: (name: string) => string,
): Promise<string> {
  const lines = [
    // Started by root it would become another user, who may not enter the folder.
    'user root',
    'persistence true',
    `persistence_location ${at('')}/`,
    'log_type all',
    'max_packet_size 262144',
    `allow_anonymous ${users ? 'false' : 'true'}`,
  ];
  if (users) {
    await writeFile(at('passwords'), '', { mode: 0o600 });
    const logins = Object.entries({ ...users, [HALL.username]: HALL.password });
    for (const [name, password] of logins)
      await run(find('mosquitto_passwd'), ['-b', at('passwords'), name, password]);
    lines.push(`password_file ${at('passwords')}`);
  }
  if (acl) {
    await writeFile(at('acl'), [...acl, `user ${HALL.username}`, 'topic readwrite #', ''].join('\n'), {
      mode: 0o600,
    });
    lines.push(`acl_file ${at('acl')}`);
  }
  lines.push(`listener 0 ${sockets.hallSocket}`, `listener 0 ${sockets.tabletSocket}`);
  if (tls) {
    await writeFile(at('server.key'), tls.key, { mode: 0o600 });
    await writeFile(at('server.pem'), tls.cert);
    lines.push(`keyfile ${at('server.key')}`, `certfile ${at('server.pem')}`, 'tls_version tlsv1.2');
    if (tls.clientCaFile !== undefined) lines.push(`cafile ${tls.clientCaFile}`, 'require_certificate true');
  }
  return `${lines.join('\n')}\n`;
}

/** @returns the version it says it is. */
async function running(server: ChildProcess): Promise<string> {
  if (!server.stderr) throw new Error('mosquitto was started without its error stream');
  const said: string[] = [];
  const lines = createInterface({ input: server.stderr });
  return await new Promise<string>((resolve, reject) => {
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`mosquitto ended with ${code} at its start:\n${said.join('\n')}`)),
    );
    lines.on('line', (line) => {
      if (said.length < 100) said.push(line);
      const version = /mosquitto version (\S+) running/.exec(line)?.[1];
      if (version !== undefined) resolve(version);
    });
  });
}

function find(program: string): string {
  const places = [
    ...(process.env['PATH'] ?? '').split(delimiter),
    '/usr/sbin',
    '/usr/bin',
    '/usr/local/sbin',
  ];
  const found = places.map((place) => join(place, program)).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error(
      `${program} is not installed, and the MQTT link promises to work with it. Install it: apt-get install mosquitto`,
    );
  return found;
}
