import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { newFolder } from '../../test/support/store-parts.ts';
import { until } from '../../test/support/until.ts';
import type { PortMessage } from '../shared/screen/contract.ts';
import { startCore } from './start-core.ts';

it('the language can be chosen while there is no kiosk, and is kept by the page that follows', async () => {
  const { folder, remove } = newFolder();
  onTestFinished(remove);
  const clock = createFakeClock();
  const core = startCore({
    configPath: join(folder, 'kiosk.json'),
    dataFolder: join(folder, 'data'),
    assetsFolder: join(import.meta.dirname, '../../assets'),
    version: '0.0.0',
    clock,
    spawnDriver: () => {
      throw new Error('there is no box');
    },
  });
  const said: PortMessage[] = [];
  let hear: (message: unknown) => void = () => {};
  core.attach({
    postMessage: (message) => said.push(message),
    onMessage(listener) {
      hear = listener;
    },
    onClose: () => {},
  });
  const pages = () => said.flatMap((one) => (one.type === 'push' ? [one.body] : []));
  await until(() => expect(pages().at(-1)?.screen).toMatchObject({ fault: 'config' }));
  expect(pages().at(-1)?.locale).toBe('zh-CN');
  const before = pages().at(-1)?.revision;

  hear({ id: 1, verb: 'speak', request: { locale: 'en' } });
  await until(() => expect(pages().at(-1)).toMatchObject({ locale: 'en', screen: { fault: 'config' } }));
  // The page waits for another one before it takes the press away.
  expect(pages().at(-1)?.revision).not.toBe(before);
  expect(said).toContainEqual(expect.objectContaining({ type: 'reply', id: 1, reply: { accepted: true } }));

  const count = pages().length;
  clock.advance(2_000);
  await until(() => expect(pages().length).toBeGreaterThan(count));
  expect(pages().at(-1)?.locale).toBe('en');
  await core.stop();
});
