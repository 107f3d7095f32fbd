import { afterAll, beforeAll } from 'vitest';
import { openTestDb, startTestProvince, type TestProvince } from './province.ts';

/** A province on a database of its own, before the first test of a suite and until after its last. */
export function provinceForSuite(
  kind: Parameters<typeof openTestDb>[0],
  onStarted: (province: TestProvince) => void,
): void {
  let end = async () => {};
  beforeAll(async () => {
    const opened = await openTestDb(kind);
    end = opened.close;
    const province = await startTestProvince(opened.db);
    end = async () => {
      await province.stop();
      await opened.close();
    };
    onStarted(province);
  });
  afterAll(() => end());
}
