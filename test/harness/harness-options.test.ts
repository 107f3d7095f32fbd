import { expect, it } from 'vitest';
import { readHarnessOptions } from './harness-options.ts';

const SPEC = {
  command: 'npm run crash',
  numbers: { kills: 1000, electron: 0 },
  mayBeNone: ['electron'],
  switches: ['tls'],
  words: { link: ['mqtt', 'pad'] },
} as const;
const read = (...argv: string[]) => {
  const given = readHarnessOptions(SPEC, argv);
  if (!given.ok) return given;
  return { kills: given.number('kills'), electron: given.number('electron'), tls: given.on('tls') };
};

it('takes what is said, and else what the harness does by itself', () => {
  expect(read()).toEqual({ kills: 1000, electron: 0, tls: false });
  expect(read('--kills', '4', '--tls')).toEqual({ kills: 4, electron: 0, tls: true });
});

it('repeats a seed, and chooses one', () => {
  const seedOf = (...argv: string[]) => {
    const given = readHarnessOptions(SPEC, argv);
    return given.ok ? given.number('seed') : undefined;
  };
  expect(seedOf('--seed', '0')).toBe(0);
  expect(seedOf()).toBeGreaterThanOrEqual(0);
});

it.each([
  ['--kills', 'abc'],
  ['--kills', '0'],
  ['--kills', '1.5'],
  ['--kills=-3'],
  ['--rounds', '3'],
  ['--link', 'nix'],
  ['more'],
])('runs nothing and says why: %s %s', (...argv) => {
  const given = read(...argv);
  expect(given).toMatchObject({ ok: false, code: 2 });
  expect(given).toHaveProperty('text', expect.stringContaining('npm run crash -- [--kills 1000]'));
});

it('says how it is used when asked', () => {
  expect(read('--help')).toMatchObject({ ok: false, code: 0 });
});
