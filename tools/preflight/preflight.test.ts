import { expect, test } from 'vitest';
import type { AptResult } from './apt.ts';
import { findMissing, type Look, type Missing, type PreflightParts, prepareMachine } from './preflight.ts';

const LOOK: Look = { purposes: ['run'], executable: undefined, env: {} };
const GTK: Missing = {
  name: 'libgtk-3.so.0',
  why: 'Electron is linked to it',
  packages: ['libgtk-3-0t64', 'libgtk-3-0'],
};
const SOCAT: Missing = { name: 'socat', why: 'pseudo serial ports', packages: ['socat'] };

interface Machine {
  readonly parts: PreflightParts;
  readonly apt: string[];
  readonly said: string[];
}

function machine(given: {
  readonly looks: readonly (readonly Missing[])[];
  readonly isRoot?: boolean;
  readonly isApt?: boolean;
  readonly apt?: (verb: string | undefined) => AptResult;
}): Machine {
  const apt: string[] = [];
  const said: string[] = [];
  const looks = [...given.looks];
  const parts: PreflightParts = {
    find: async () => {
      const look = looks.shift();
      if (look === undefined) throw new Error('looked more often than expected');
      return look;
    },
    isRoot: given.isRoot ?? true,
    isAptMachine: async () => given.isApt ?? true,
    offered: async () => new Set(['libgtk-3-0', 'socat']),
    apt: async (args) => {
      apt.push(args.join(' '));
      return given.apt?.(args[0]) ?? { ok: true };
    },
    say: (line) => said.push(line),
  };
  return { parts, apt, said };
}

test('a machine that has everything is left alone, silently', async () => {
  const { parts, apt, said } = machine({ looks: [[]] });
  expect(await prepareMachine(LOOK, parts)).toEqual({ kind: 'ready', installed: [] });
  expect([...apt, ...said]).toEqual([]);
});

test('root on Debian updates the lists, installs what is missing, and says so in one line', async () => {
  const { parts, apt, said } = machine({ looks: [[GTK, SOCAT], []] });
  expect(await prepareMachine(LOOK, parts)).toEqual({ kind: 'ready', installed: ['libgtk-3-0', 'socat'] });
  expect(apt).toEqual(['update -qq', 'install -y -qq --no-install-recommends libgtk-3-0 socat']);
  expect(said).toEqual(['Installing what this machine lacks (apt-get): libgtk-3-0 socat']);
});

test('an ordinary user is told what is missing, why, and the one command to run', async () => {
  const { parts, apt } = machine({ looks: [[SOCAT]], isRoot: false });
  const result = await prepareMachine(LOOK, parts);
  expect(apt).toEqual([]);
  expect(result.kind === 'lacking' ? result.advice : '').toBe(
    'This machine lacks:\n  socat — pseudo serial ports\nRun this once, then start again:\n' +
      '  sudo apt-get update && sudo apt-get install -y --no-install-recommends socat',
  );
});

test('where there is no apt, the missing things are named and nothing is tried', async () => {
  const { parts, apt } = machine({ looks: [[SOCAT]], isApt: false });
  const result = await prepareMachine(LOOK, parts);
  expect(apt).toEqual([]);
  expect(result.kind === 'lacking' ? result.advice : '').toContain('socat — pseudo serial ports');
});

test('a failed installation shows what apt-get said', async () => {
  const { parts } = machine({
    looks: [[SOCAT]],
    apt: (verb) =>
      verb === 'install' ? { ok: false, problem: 'apt-get install ended with 100:\nno space' } : { ok: true },
  });
  const result = await prepareMachine(LOOK, parts);
  expect(result.kind === 'lacking' ? result.advice : '').toContain('no space');
});

test('failing package lists stop it before anything is installed', async () => {
  const { parts, apt } = machine({ looks: [[SOCAT]], apt: () => ({ ok: false, problem: 'no route' }) });
  expect((await prepareMachine(LOOK, parts)).kind).toBe('lacking');
  expect(apt).toEqual(['update -qq']);
});

test('it looks again afterwards, and admits when something is still missing', async () => {
  const { parts } = machine({ looks: [[GTK], [GTK]] });
  const result = await prepareMachine(LOOK, parts);
  expect(result.kind === 'lacking' ? result.missing : []).toEqual([GTK]);
});

test('for running, a screen in memory is wanted only where there is no screen, and no test programs at all', async () => {
  const env = { PATH: '', DISPLAY: ':0' };
  const names = (await findMissing({ purposes: ['run'], executable: undefined, env })).map(
    ({ name }) => name,
  );
  for (const unwanted of ['Xvfb', 'strace', 'xdotool']) expect(names).not.toContain(unwanted);
});
