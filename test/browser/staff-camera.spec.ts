import { expect, type Page } from '@playwright/test';
import { staffFixtures } from '../../src/renderer/preview/staff-fixtures.ts';
import type { StaffSnapshot } from '../../src/shared/screen/staff-snapshot.ts';
import { test } from './pages.ts';
import { auditOf } from './problems.ts';

/** How the machine answers who asks for pictures: with the name of an error, or with a picture of no code. */
type Answer = string | null;

/** Opens the real staff page on the pairing page with its camera, and a core that notes what it is asked. */
async function open(page: Page, base: string, answer: Answer): Promise<void> {
  await page.addInitScript((error) => {
    const calls: unknown[] = [];
    const tracks: MediaStreamTrack[] = [];
    let tell: (snapshot: StaffSnapshot | null) => void = () => {};
    const getUserMedia = async (asked: MediaStreamConstraints) => {
      calls.push(['camera', asked.audio]);
      if (error !== null) throw new DOMException('', error);
      const canvas = document.createElement('canvas');
      canvas.getContext('2d');
      const stream = canvas.captureStream();
      tracks.push(...stream.getTracks());
      return stream;
    };
    Object.defineProperty(navigator, 'mediaDevices', { value: { getUserMedia } });
    const pair = (request: unknown) => {
      calls.push(['pair', request]);
      return Promise.resolve({ accepted: true });
    };
    Object.assign(window, {
      yipingStaff: {
        pair,
        onSnapshot: (listener: (snapshot: StaffSnapshot | null) => void) => {
          tell = listener;
        },
      },
      staffCore: { calls, tracks, push: (snapshot: StaffSnapshot | null) => tell(snapshot) },
    });
  }, answer);
  await page.goto(`${base}/staff/index.html`);
  await push(page, 'staff-pairing-camera');
}

async function push(page: Page, name: string): Promise<void> {
  const found = staffFixtures.find((fixture) => fixture.name === name);
  await page.evaluate(
    (body) => Reflect.get(window, 'staffCore').push(body),
    found?.snapshot('zh-CN') ?? null,
  );
}

const calls = (page: Page) => page.evaluate(() => Reflect.get(window, 'staffCore').calls as unknown);

for (const [error, trouble] of [
  ['NotFoundError', 'noCamera'],
  ['NotReadableError', 'cameraBusy'],
  ['NotAllowedError', 'cameraRefused'],
] as const)
  test(`the core hears why there are no pictures: ${trouble}`, async ({ page, base }) => {
    await open(page, base, error);
    await expect
      .poll(() => calls(page))
      .toEqual([
        ['camera', false],
        ['pair', { act: 'cameraFailed', trouble }],
      ]);
  });

test('pictures end with the page that shows them, and 放弃 asks for that', async ({ page, base }) => {
  await open(page, base, null);
  const states = () =>
    page.evaluate(() =>
      (Reflect.get(window, 'staffCore').tracks as MediaStreamTrack[]).map(({ readyState }) => readyState),
    );
  const isOn = () => page.locator('video').evaluate((video: HTMLVideoElement) => video.srcObject !== null);
  await expect.poll(isOn).toBe(true);
  expect(await states()).toEqual(['live']);
  await page.getByRole('button', { name: '放弃' }).click();
  expect(await calls(page)).toEqual([
    ['camera', false],
    ['pair', { act: 'stop' }],
  ]);
  await push(page, 'staff-pairing-may-look');
  await expect.poll(states).toEqual(['ended']);
});

for (const name of ['staff-pairing-camera', 'staff-pairing-may-look'])
  test(`${name} passes the rules of axe`, async ({ page, show }) => {
    await show(page, { name });
    expect((await auditOf(page)).map(({ id }) => id)).toEqual([]);
  });
