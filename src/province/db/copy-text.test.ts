import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cell, copyText } from './copy-text.ts';
import type { Db } from './db.ts';
import { openPglite } from './pglite.ts';

describe('rows for COPY', () => {
  let db: Db;
  beforeAll(async () => {
    db = await openPglite();
    await db.script('CREATE TABLE copied (at bigint, a text, b text, n bigint)');
  }, 60_000);
  afterAll(() => db.close());

  it('a value is the value that went in, whatever is in it', async () => {
    // The database takes no NUL in text, and nobody is asked to send one (../../shared/words.ts, outsideText).
    const cell = fc.option(
      fc.string({ unit: 'binary' }).map((text) => text.replaceAll('\0', '')),
      { nil: null },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, fc.maxSafeInteger()), { maxLength: 8 }),
        async (rows) => {
          const back = await db.transaction(async (tx) => {
            await tx.script('TRUNCATE copied');
            await tx.copy(
              'copied',
              'at, a, b, n',
              copyText([...rows.entries()], ([at, row]): readonly Cell[] => [at, ...row]),
            );
            return await tx.query<{ a: string | null; b: string | null; n: number }>(
              'SELECT a, b, n FROM copied ORDER BY at',
            );
          });
          expect(back).toEqual(rows.map(([a, b, n]) => ({ a, b, n })));
        },
      ),
      { numRuns: 100 },
    );
  }, 60_000);

  it('a backslash and an N are not nothing', () => {
    expect(copyText([['\\N', null, 'a\tb\n']], (row) => row)).toBe('\\\\N\t\\N\ta\\tb\\n\n');
  });
});
