import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterEach, expect, it } from 'vitest';
import { findGround } from '../../src/core/parts.ts';
import { runKiosk } from '../../src/core/running-kiosk.ts';
import { createForkedDrivers } from '../../src/device/process/fork-driver.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Screen } from '../../src/shared/screen/snapshot.ts';
import { createPluggableBox } from '../../tools/button-box/pluggable.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { shippedModel } from '../support/device-model.ts';
import { until } from '../support/until.ts';

const COUNTER = '3';
const LIMIT_MS = 60_000;

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A counter with five keys on a pty, a queue system and the real core; no page is ever attached. */
async function blackCounter() {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-keys-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const sim = await createQueueSim({});
  cleanups.push(() => sim.stop());
  const model = await shippedModel('generic-line');
  const box = createPluggableBox({
    folder: join(folder, 'box'),
    model,
    owner: undefined,
    onChange: () => {},
  });
  await box.plug();
  cleanups.push(() => box.pull());
  const configPath = join(folder, 'kiosk.json');
  const levels = { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 };
  writeFileSync(
    configPath,
    JSON.stringify({
      device: 'keys-alone',
      hall: { id: 'keys', name: { 'zh-CN': '盲评大厅' } },
      counter: { number: COUNTER },
      queue: [{ kind: 'rate-service', url: sim.url, userCode: '1001', extensions: true }],
      buttons: [{ model: model.id, path: box.hostPath, levels }],
      delays: { inviting: LIMIT_MS, chosen: LIMIT_MS, details: LIMIT_MS, thanks: 500 },
    }),
  );
  const found = await findGround({
    configPath,
    dataFolder: join(folder, 'data'),
    assetsFolder: join(import.meta.dirname, '../../assets'),
    clock: systemClock,
    boot: 'keys',
  });
  if (!found.ok) throw new Error(found.lines.join('\n'));
  const { store } = found.ground;
  const shown: Screen[] = [];
  const running = runKiosk({
    ground: found.ground,
    version: 'test',
    boot: 'keys',
    clock: systemClock,
    spawnDriver: createForkedDrivers(),
    note: () => {},
    onSnapshot: (snapshot) => shown.push(snapshot.screen),
  });
  cleanups.push(() => running.stop());
  await until(
    () => {
      const { queue, buttons } = running.status();
      expect([...queue, ...buttons].map(({ state }) => state.state)).toEqual(['ready', 'ready']);
    },
    { deadlineMs: LIMIT_MS },
  );
  const screen = () => running.kiosk.snapshot().screen;

  /** As somebody does who presses, hears nothing, and presses again; calmly enough to be no double tap. */
  async function press(key: string, met: () => boolean): Promise<void> {
    for (const endMs = performance.now() + LIMIT_MS; ; ) {
      await box.press(key);
      for (let looks = 0; looks < 100; looks++) {
        if (met()) return;
        await wait(10);
      }
      if (performance.now() > endMs)
        throw new Error(
          `key ${key} led nowhere: ${JSON.stringify(screen())}, ${JSON.stringify(running.kiosk.refusals())}`,
        );
    }
  }
  const entries = () =>
    [...store.entries()].map(({ kind, body }) => ({
      kind,
      body: JSON.parse(body) as Record<string, unknown>,
    }));
  return { sim, box, screen, shown, press, entries, refusals: () => running.kiosk.refusals() };
}

it('rates with reasons and a request for help by five keys, with no page attached', async () => {
  const { sim, box, screen, shown, press, entries, refusals } = await blackCounter();
  const focus = () => {
    const now = screen();
    return now.name === 'details' ? now.focus : undefined;
  };
  await press('4', () => (refusals()['notNow'] ?? 0) > 0);
  // Outside an invitation a press is dropped, counted, and not acknowledged.
  expect(box.received().filter(({ output }) => output === 'acknowledge')).toEqual([]);

  sim.callNext(COUNTER);
  sim.served(COUNTER);
  await until(() => expect(screen().name).toBe('inviting'), { deadlineMs: LIMIT_MS });
  await press('5', () => screen().name === 'chosen');
  await press('2', () => entries().some(({ kind, body }) => kind === 'rating.chosen' && body['level'] === 2));
  await press('2', () => screen().name === 'details');
  await press('4', () => focus() === 0);
  await press('4', () => focus() === 1);
  await press('5', () => focus() === 2);
  await press('3', () => focus() === 1);
  await press('2', () => entries().some(({ kind }) => kind === 'rating.helpRequested'));
  await press('1', () => entries().some(({ kind }) => kind === 'rating.detailed'));

  const kinds = entries().map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'rating.settled')).toHaveLength(1);
  expect(entries().filter(({ kind }) => /^rating\.(settled|detailed)$/.test(kind))).toMatchObject([
    { body: { level: 2, by: 'citizen' } },
    { body: { codes: [expect.stringMatching(/^2/)] } },
  ]);
  // This tablet has no province, so no page shows the receipt and there is nothing to scan.
  expect(shown.filter(({ name }) => name === 'thanks')).toContainEqual(
    expect.objectContaining({ receipt: { code: expect.stringMatching(/^(.{4}-){2}.{4}$/), qr: null } }),
  );
  await until(() =>
    expect(box.received().filter(({ output }) => output === 'acknowledge').length).toBeGreaterThanOrEqual(3),
  );
}, 120_000);
