import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSecretFile, secretReason } from './secret-file.ts';

describe('a secret in a file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'secret-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const written = (text: string, mode = 0o600) => {
    const path = join(folder, 'key');
    writeFileSync(path, text);
    chmodSync(path, mode);
    return path;
  };

  it('is the text without the line end', () => {
    expect(readSecretFile(written('s3cret-钥\n'))).toEqual({ secret: 's3cret-钥' });
  });

  it('is refused when it is absent, empty, too long or a folder', () => {
    expect(readSecretFile(join(folder, 'absent'))).toEqual({ fault: 'secretFile' });
    expect(readSecretFile(written(' \n'))).toEqual({ fault: 'secretFile' });
    expect(readSecretFile(written('x'.repeat(20_000)))).toEqual({ fault: 'secretFile' });
    mkdirSync(join(folder, 'folder'));
    expect(readSecretFile(join(folder, 'folder'))).toEqual({ fault: 'secretFile' });
  });

  it.each([0o644, 0o640, 0o602])('is refused when others may reach it (%i)', (mode) => {
    expect(readSecretFile(written('s3cret', mode))).toEqual({ fault: 'secretOpen' });
  });

  it('says what to do', () => {
    expect(secretReason('secretFile', 'k')).toContain('请检查');
    expect(secretReason('secretOpen', 'k')).toContain('chmod 600');
  });
});
