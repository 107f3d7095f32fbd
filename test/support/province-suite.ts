import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { Db } from '../../src/province/db/db.ts';
import type { ProvinceLimits } from '../../src/province/limits.ts';
import { openTestDb, startTestProvince, type TestProvince } from './province.ts';

/**
 * One database for the suite this stands in, and on it a province anew for each of its tests.
 *
 * @param options the database, PGlite unless told otherwise; limits of the province that are not the usual ones.
 * @param tell what each test is told before it begins.
 */
export function provinceForEachTest(
  {
    kind = 'pglite',
    ...limits
  }: Partial<ProvinceLimits> & { readonly kind?: Parameters<typeof openTestDb>[0] },
  tell: (parts: { readonly db: Db; readonly p: TestProvince }) => void,
): void {
  let opened: Awaited<ReturnType<typeof openTestDb>>;
  let province: TestProvince;
  beforeAll(async () => {
    opened = await openTestDb(kind);
  });
  afterAll(() => opened.close());
  beforeEach(async () => {
    province = await startTestProvince(opened.db, limits);
    tell({ db: opened.db, p: province });
  });
  afterEach(() => province.stop());
}
