import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { BentRow, faultOf, isCorrupt, isIoError, UnreadBlock } from './faults.ts';

const said = (code: string) => new Database.SqliteError('as SQLite says it', code);

describe('what counts as a damaged journal', () => {
  it.each(['SQLITE_CORRUPT', 'SQLITE_CORRUPT_INDEX', 'SQLITE_NOTADB'])('is what SQLite calls %s', (code) => {
    expect(isCorrupt(said(code))).toBe(true);
    expect(isIoError(said(code))).toBe(false);
    expect(faultOf(said(code), '.')?.kind).toBe('corrupt');
  });

  it.each([
    ['a row that nobody can have written', new BentRow('a row')],
    ['a block that the disk does not give', new UnreadBlock('a block')],
  ])('is %s', (_what, error) => {
    expect(isCorrupt(error)).toBe(true);
    expect(faultOf(error, '.')?.kind).toBe('corrupt');
  });

  it.each(['SQLITE_IOERR_CORRUPTFS', 'SQLITE_IOERR_READ'])(
    'is not a read that the system refused (%s): the same read may succeed the next time',
    (code) => {
      expect(isCorrupt(said(code))).toBe(false);
      expect(isIoError(said(code))).toBe(true);
      expect(faultOf(said(code), '.')?.kind).toBe('ioError');
    },
  );
});
