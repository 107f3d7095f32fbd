import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecretFile, SECRET_FAULTS, secretReason } from './secret-file.ts';

describe('a file with a password', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'queue-secret-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const written = (content: string | Uint8Array, mode = 0o600) => {
    const file = join(folder, 'password');
    writeFileSync(file, content);
    chmodSync(file, mode);
    return readSecretFile(file);
  };

  it('is read without the end of its line', () => {
    expect(written('pass word\n')).toEqual({ ok: true, text: 'pass word' });
    expect(written('密码')).toEqual({ ok: true, text: '密码' });
  });

  it.each([0o640, 0o604, 0o666])('is not taken when others may read it (%o)', (mode) => {
    expect(written('password', mode)).toEqual({ ok: false, fault: 'secretOpen' });
  });

  it.each([
    ['empty', ''],
    ['too big', 'x'.repeat(20_000)],
    ['not text', new Uint8Array([0xff, 0xfe, 0x00])],
    ['text with a zero', 'a\0b'],
  ])('is of no use %s', (_, content) => {
    expect(written(content)).toEqual({ ok: false, fault: 'secretUnusable' });
  });

  it('may be absent, or a folder', () => {
    expect(readSecretFile(join(folder, 'absent'))).toEqual({ ok: false, fault: 'secretMissing' });
    mkdirSync(join(folder, 'folder'), { mode: 0o700 });
    expect(readSecretFile(join(folder, 'folder'))).toEqual({ ok: false, fault: 'secretUnusable' });
  });

  it.each(SECRET_FAULTS)('%s is said in Chinese with the file and what to do', (fault) => {
    expect(secretReason(fault, '/data/mqtt')).toMatch(/“\/data\/mqtt”.*请.*。$/);
  });
});
