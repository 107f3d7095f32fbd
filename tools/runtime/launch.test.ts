import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { electronCommand, launchElectron, playwrightElectron, type Runtime } from './runtime.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;
let app: string;
let runtime: Runtime;

/** Stands for Electron: says who it is, what it may read, and what it was given. */
const FAKE_ELECTRON = `#!/bin/sh
app="$1"
echo "uid $(id -u)"
cat "$app/package.json" >/dev/null && echo readable
echo "args $*"
echo "node-mode \${ELECTRON_RUN_AS_NODE:-off}"
echo "home $(test -w "$HOME" && echo writable)"
`;

beforeEach(async () => {
  // mkdtemp makes a private folder: exactly the checkout that another user cannot look into.
  folder = await mkdtemp(join(tmpdir(), 'yiping-launch-'));
  const open = await mkdtemp(join(tmpdir(), 'yiping-open-'));
  await chmod(open, 0o755);
  vi.stubEnv('YIPING_CACHE', join(open, 'cache'));
  vi.stubEnv('ELECTRON_RUN_AS_NODE', '1');
  app = join(folder, 'app');
  await mkdir(join(app, 'out'), { recursive: true });
  await writeFile(join(app, 'package.json'), '{"name":"tiny","dependencies":{}}');
  const dist = join(folder, 'dist');
  await mkdir(dist);
  await writeFile(join(dist, 'electron'), FAKE_ELECTRON, { mode: 0o755 });
  runtime = { executable: join(dist, 'electron'), dist, electronVersion: '0.0.0', kind: 'override' };
});
afterEach(async () => {
  await rm(join(process.env['YIPING_CACHE'] ?? '', '..'), { recursive: true });
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

test('started by anybody, root included, the app runs as an ordinary user who can read it and has a home', async () => {
  const child = await launchElectron({
    appDir: app,
    args: ['--x'],
    runtime,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = child.stdout === null ? '' : await text(child.stdout);
  expect(output).not.toContain('uid 0\n');
  expect(output).toContain('readable\n');
  expect(output).toMatch(/^args \S+ --x$/m);
  expect(output).toContain('node-mode off\n');
  expect(output).toContain('home writable\n');
});

test('the process id is the app’s own, so a signal reaches it', async () => {
  await writeFile(runtime.executable, '#!/bin/sh\necho $$\nexec tail -f /dev/null\n');
  const child = await launchElectron({ appDir: app, runtime, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = (await once(child.stdout ?? process.stdin, 'data')) as [Buffer];
  expect(Number(line.toString('utf8'))).toBe(child.pid);
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([null, 'SIGTERM']);
});

test('a checkout only root can read is copied to where the ordinary user can; others run where they are', async () => {
  const command = await electronCommand({ appDir: app, runtime });
  expect(command.appDir === app).toBe(!isRoot);
  expect(command.runtime.dist === runtime.dist).toBe(!isRoot);
  expect(command.user === undefined).toBe(!isRoot);
});

test('a checkout everybody can read is used as it is', async () => {
  await chmod(folder, 0o755);
  const command = await electronCommand({ appDir: app, runtime });
  expect(command.appDir).toBe(app);
  expect(command.runtime).toEqual(runtime);
});

test('no command ever turns the sandbox off', async () => {
  vi.stubEnv('ELECTRON_DISABLE_SANDBOX', '1');
  const command = await electronCommand({ appDir: app, runtime });
  expect([command.command, ...command.args].join(' ')).not.toContain('sandbox');
  expect(command.env['ELECTRON_DISABLE_SANDBOX']).toBeUndefined();
});

test('Playwright gets one program to start, the sandbox on, and the whole environment', async () => {
  const launch = await playwrightElectron({
    appDir: app,
    args: ['--x'],
    runtime,
    env: { PATH: '/bin:/usr/bin' },
  });
  expect(launch.chromiumSandbox).toBe(true);
  expect(launch.args.at(-1)).toBe('--x');
  expect(launch.env['PATH']).toBe('/bin:/usr/bin');
  expect((await stat(launch.executablePath)).mode & 0o100).toBe(0o100);
  const program = await readFile(launch.executablePath, 'utf8');
  if (isRoot)
    expect(program).toMatch(/^#!\/bin\/sh\nexec '\/\S*setpriv' '--reuid=\d+'.* '--' '\S+electron' "\$@"\n$/);
  else expect(launch.executablePath).toBe(runtime.executable);
});
