import { describe, expect, it } from 'vitest';
import { findHidbench } from './hidbench.ts';

const find = (parts: Partial<Parameters<typeof findHidbench>[0]>) =>
  findHidbench({
    root: '/house/yiping',
    env: {},
    isRoot: true,
    exists: () => true,
    system: 'linux-x64',
    ...parts,
  });

describe('the emulated machine', () => {
  it('is found beside the checkout', () => {
    expect(find({})).toEqual({ ok: true, program: '/house/shared/hidbench/run.sh' });
  });

  it('is where HIDBENCH says', () => {
    expect(find({ env: { HIDBENCH: '/bench' } })).toEqual({ ok: true, program: '/bench/run.sh' });
  });

  it.each([
    [{ exists: () => false }, 'set HIDBENCH'],
    [{ system: 'darwin-arm64' }, 'Linux on x64'],
    [{ isRoot: false }, 'as root'],
  ])('that cannot be had is told with what to do: %o', (parts, what) => {
    expect(find(parts)).toEqual({ ok: false, why: expect.stringContaining(what) });
  });
});
