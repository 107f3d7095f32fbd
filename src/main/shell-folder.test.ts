import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  findShellFolder,
  findTemporaryFolder,
  removeScratch,
  temporaryFolders,
  whyNoLock,
} from './shell-folder.ts';

let folder: string;
let data: string;
const children: ChildProcess[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yiping-shell-test-'));
  data = join(folder, 'kiosk');
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const child of children.splice(0)) child.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

function start(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  return child;
}

const startAnother = () => start(process.execPath, ['-e', 'process.stdin.resume()']);
const startOther = () => start('sleep', ['600']);

/** A folder in which nothing finds room: what is written into the probe, goes to a device that is full. */
function fill(): void {
  mkdirSync(join(data, 'shell'), { recursive: true });
  symlinkSync('/dev/full', join(data, 'shell', `can-be-written.${process.pid}`));
}

/** As Chromium leaves it while a kiosk runs. */
function lock(content: string): void {
  const path = join(data, 'shell', 'SingletonLock');
  rmSync(path, { force: true });
  symlinkSync(content, path);
}

it('is the one in the data folder, also at the first start, and holds nothing of the question', () => {
  const found = findShellFolder(data);
  expect(found).toEqual({ kind: 'own', path: join(data, 'shell') });
  expect(readdirSync(found.path)).toEqual([]);
  removeScratch(found);
  expect(existsSync(found.path)).toBe(true);
});

const UNWRITABLE: readonly (readonly [string, () => void])[] = [
  ['no folder', () => writeFileSync(data, '')],
  ['on a disk that is gone', () => symlinkSync('/proc/yiping-not-there', data)],
  ['on a full disk', fill],
];

describe.each(UNWRITABLE)('where the data folder is %s', (_what, spoil) => {
  it('is one for this start alone', () => {
    spoil();
    const found = findShellFolder(data);
    expect(found).toMatchObject({ kind: 'scratch', reason: expect.stringMatching(/\w/) });
    expect(existsSync(found.path)).toBe(true);
    removeScratch(found);
    expect(existsSync(found.path)).toBe(false);
  });

  it('and no other can be made, is its own: Chromium may still do with it what the probe could not', () => {
    spoil();
    vi.stubEnv('TMPDIR', join(folder, 'gone'));
    const found = findShellFolder(data);
    expect(found).toEqual({
      kind: 'own',
      path: join(data, 'shell'),
      reason: expect.stringMatching(/^E[A-Z]+:/),
    });
    removeScratch(found);
  });
});

describe('on a full disk', () => {
  it('keeps nothing of the question', () => {
    fill();
    removeScratch(findShellFolder(data));
    expect(readdirSync(join(data, 'shell'))).toEqual([]);
  });

  it('is the own one while another kiosk has it, whose lock keeps this start out', () => {
    const { pid } = startAnother();
    for (const host of ['hall', 'hall-7']) {
      fill();
      lock(`${host}-${pid}`);
      expect(findShellFolder(data)).toMatchObject({ kind: 'own', reason: expect.stringMatching(/^ENOSPC/) });
    }
  });

  it('is one for this start alone where the lock is of nobody who lives', async () => {
    const dead = startAnother();
    dead.kill('SIGKILL');
    await once(dead, 'exit');
    // Numbers are given again after a power cut: to this start itself, or to any other program.
    const pids = [dead.pid, process.pid, startOther().pid];
    const { pid } = startAnother();
    for (const content of [
      ...pids.map((one) => `hall-${one}`),
      `-${pid}`,
      `hall-${pid}x`,
      'hall-0',
      'hall',
    ]) {
      fill();
      lock(content);
      const found = findShellFolder(data);
      expect(found, content).toMatchObject({ kind: 'scratch' });
      removeScratch(found);
    }
  });
});

it('is the own one for all that start at once', async () => {
  const program = `
    const { findShellFolder, removeScratch } = await import(${JSON.stringify(new URL('./shell-folder.ts', import.meta.url).href)});
    process.stdout.write('ready');
    process.stdin.once('data', () => {
      const scratch = [];
      for (let i = 0; i < 500; i++) {
        const found = findShellFolder(${JSON.stringify(data)});
        if (found.kind === 'scratch') scratch.push(found.reason);
        removeScratch(found);
      }
      process.stdout.write(JSON.stringify(scratch));
      process.stdin.destroy();
    });`;
  const starts = [1, 2, 3, 4].map(() => start(process.execPath, ['--input-type=module', '-e', program]));
  await Promise.all(starts.map((child) => once(child.stdout ?? child, 'data')));
  const said = starts.map(async (child) => String(await once(child.stdout ?? child, 'data')));
  for (const child of starts) child.stdin?.write('go');
  expect(await Promise.all(said)).toEqual(starts.map(() => '[]'));
  expect(readdirSync(join(data, 'shell'))).toEqual([]);
});

describe('the folder that Chromium makes its lock by way of', () => {
  const make = (name: string) => {
    mkdirSync(join(folder, name));
    return join(folder, name);
  };

  it('is the usual one where that can be written, and nothing of the question stays in any', () => {
    const [usual, other] = [make('usual'), make('other')];
    expect(findTemporaryFolder([usual, other])).toEqual({ kind: 'usual', path: usual });
    expect([...readdirSync(usual), ...readdirSync(other)]).toEqual([]);
  });

  it('is the first other that can be written where the usual one cannot, with why', () => {
    const other = make('other');
    const found = findTemporaryFolder([join(folder, 'gone'), '/proc/yiping-not-there', other, make('last')]);
    expect(found).toEqual({ kind: 'other', path: other, reason: expect.stringMatching(/^ENOENT.*gone/) });
    expect(readdirSync(other)).toEqual([]);
  });

  it('is the usual one where none can be written, with why', () => {
    const usual = join(folder, 'gone');
    expect(findTemporaryFolder([usual, '/proc/yiping-not-there'])).toEqual({
      kind: 'none',
      path: usual,
      reason: expect.stringMatching(/^ENOENT.*gone/),
    });
  });

  it('is looked for where temporary files are, where the session has its sockets, and in memory', () => {
    vi.stubEnv('TMPDIR', join(folder, 'gone'));
    vi.stubEnv('XDG_RUNTIME_DIR', make('session'));
    expect(temporaryFolders()).toEqual([join(folder, 'gone'), join(folder, 'session'), '/dev/shm']);
    for (const nothing of ['', 'session']) {
      vi.stubEnv('XDG_RUNTIME_DIR', nothing);
      expect(temporaryFolders()).toEqual([join(folder, 'gone'), '/dev/shm']);
    }
  });
});

describe('a lock that Chromium does not give', () => {
  const usual = { kind: 'usual', path: '/tmp' } as const;
  const none = { kind: 'none', path: '/tmp', reason: 'ENOSPC: no room' } as const;

  it("is another kiosk's where there is no reason, and wherever a living one has the folder", () => {
    expect(whyNoLock({ kind: 'own', path: join(data, 'shell') }, usual)).toBeNull();
    fill();
    lock(`hall-${startAnother().pid}`);
    const found = findShellFolder(data);
    expect(found).toMatchObject({ kind: 'own', reason: expect.stringMatching(/^ENOSPC/) });
    for (const temporary of [usual, none]) expect(whyNoLock(found, temporary)).toBeNull();
  });

  it("is nobody's where a folder cannot be written and none has it", () => {
    expect(whyNoLock(findShellFolder(data), none)).toBe('/tmp: ENOSPC: no room');
    vi.stubEnv('TMPDIR', join(folder, 'gone'));
    fill();
    expect(whyNoLock(findShellFolder(data), usual)).toMatch(/^ENOSPC/);
  });
});
