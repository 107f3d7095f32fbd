import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type HeadlessKiosk, startHeadless } from '../support/headless-kiosk.ts';
import { newFolder } from '../support/store-parts.ts';

/** Where stderr goes is somebody else's: a full disk, a reader that has gone. No reason to stop taking ratings. */
let folder: string;
let remove: () => void;
let kiosk: HeadlessKiosk | undefined;
beforeEach(() => {
  ({ folder, remove } = newFolder());
});
afterEach(async () => {
  await kiosk?.kill();
  remove();
});

const TO_NO_DISK = ['sh', '-c', 'exec "$@" 2>/dev/full', 'sh'];

it.each([
  ['a full disk', TO_NO_DISK],
  ['a reader that has gone', []],
])('a core that says something to %s goes on', async (_what, prefix) => {
  const config = join(folder, 'kiosk.json');
  const data = join(folder, 'data');
  mkdirSync(data);
  kiosk = startHeadless({ config, data, prefix });
  kiosk.process.stderr?.destroy();
  // It has said by then what is wrong, and says more as it starts.
  await kiosk.until(
    'out of service',
    ({ screen }) => screen.name === 'outOfService' && screen.fault === 'config',
  );
  writeFileSync(
    config,
    JSON.stringify({
      device: 'deaf-1',
      hall: { id: 'h', name: { 'zh-CN': '厅' } },
      counter: { number: '3' },
    }),
  );
  const { counter } = await kiosk.until('a kiosk', (snapshot) => snapshot.counter.number === '3');
  expect(counter.number).toBe('3');
  expect(await kiosk.stop()).toBe(0);
});
