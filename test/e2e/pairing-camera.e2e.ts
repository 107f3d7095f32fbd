import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { cameraShowing, film, pictures } from './support/fake-camera.ts';
import { COUNTER, expect, type Hall, type KioskApp, test } from './support/kiosk-app.ts';
import { queueSide, SYSTEM } from './support/queue-desk.ts';
import { holdCorner, isGone, leaveBy, PIN, typePin, withPin } from './support/staff-screen.ts';

const MOST_INPUTS = 5;
const MOST_MS = 60_000;
const PICTURES = 'test-results/pairing';

/** A tablet whose camera shows a film. */
async function withCamera(hall: Hall, settings: Readonly<Record<string, unknown>>, code?: string) {
  const path = join(hall.dataFolder, 'camera.y4m');
  await film(path, code);
  const start = { args: cameraShowing(path) };
  const kiosk = await withPin(hall, {}, { ...settings, pairing: { camera: true } }, start);
  await expect(kiosk.page.getByText('办理完成后，请您评价')).toBeVisible();
  return kiosk;
}

/** Notes what the page is given of the camera from here on. @returns how many tracks of it are on. */
async function watched(staff: Page): Promise<() => Promise<number>> {
  await staff.evaluate(() => {
    const tracks: MediaStreamTrack[] = [];
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await ask(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
    Reflect.set(
      globalThis,
      'tracksOn',
      () => tracks.filter(({ readyState }) => readyState === 'live').length,
    );
  });
  return () => staff.evaluate(() => Number(Reflect.get(globalThis, 'tracksOn')()));
}

/** The picture is there, and moves. */
async function isSeen(staff: Page): Promise<void> {
  await expect(staff.getByText('把叫号系统显示的二维码对准方框')).toBeVisible();
  const time = () => staff.locator('video').evaluate((video: HTMLVideoElement) => video.currentTime);
  await expect.poll(time).toBeGreaterThan(0);
}

async function turnOn(staff: Page): Promise<void> {
  await staff.getByRole('button', { name: '摄像头扫码' }).click();
  await isSeen(staff);
}

test('a new tablet is paired by its camera: four inputs from the gesture to the first ticket', async ({
  hall,
}) => {
  const desk = await queueSide(hall);
  const kiosk = await withCamera(hall, { queue: [] }, desk.current().text);

  const sinceMs = performance.now();
  let inputs = 1;
  const staff = await holdCorner(kiosk);
  inputs++;
  await typePin(staff, PIN);
  await expect(staff.getByText('用摄像头或扫码枪扫叫号系统显示的二维码')).toBeVisible();
  const tracksOn = await watched(staff);
  inputs++;
  await staff.getByRole('button', { name: '摄像头扫码' }).click();
  await expect(staff.getByRole('row', { name: '试呼' })).toContainText('正常');
  expect(await tracksOn()).toBe(0);
  inputs++;
  await staff.getByRole('button', { name: '采用' }).click();
  await expect(staff.getByText(`已与“${SYSTEM}”配对`)).toBeVisible();
  await expect.poll(() => hall.sim.state(COUNTER).tablets).toBe(1);
  const ticket = hall.sim.callNext(COUNTER);
  await expect(staff.locator('.staff-now')).toContainText(`正在办理 ${ticket.number}`);
  const spentMs = performance.now() - sinceMs;
  process.stdout.write(`camera: ${inputs} inputs, ${(spentMs / 1_000).toFixed(1)} s to the first ticket\n`);
  expect(inputs).toBeLessThanOrEqual(MOST_INPUTS);
  expect(spentMs).toBeLessThan(MOST_MS);

  // What was lent is taken back.
  expect(await pictures(staff)).toBe('NotAllowedError');
  const log = await readFile(join(hall.dataFolder, 'logs/kiosk.log'), 'utf8');
  expect(log).toContain('pairingCamera');
  expect(log).not.toContain(desk.current().code);
  await leaveBy(staff, '退出');
  await desk.stop();
});

test('the camera is on for its page alone, without sound, and off whenever that goes', async ({ hall }) => {
  const kiosk = await withCamera(hall, {});
  const staff = await holdCorner(kiosk);
  await typePin(staff, PIN);
  await staff.getByRole('button', { name: '叫号配对' }).click();
  expect(await pictures(staff)).toBe('NotAllowedError');

  const tracksOn = await watched(staff);
  await turnOn(staff);
  expect(await tracksOn()).toBe(1);
  await staff.screenshot({ path: join(PICTURES, 'camera-zh.png') });
  expect(await pictures(staff, { video: true, audio: true })).toBe('NotAllowedError');
  expect(await pictures(staff, { video: false, audio: true })).toBe('NotAllowedError');
  expect(await pictures(kiosk.page)).toBe('NotAllowedError');
  await staff.getByRole('button', { name: '放弃' }).click();
  await expect.poll(tracksOn).toBe(0);

  await turnOn(staff);
  await staff.getByRole('button', { name: '今日号票' }).click();
  await expect.poll(tracksOn).toBe(0);

  await staff.getByRole('button', { name: '叫号配对' }).click();
  await turnOn(staff);
  await asksACitizen(hall, kiosk);
  await expect.poll(() => staff.isClosed()).toBe(true);
  expect(await pictures(kiosk.page)).toBe('NotAllowedError');
});

async function asksACitizen(hall: Hall, kiosk: KioskApp): Promise<void> {
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await isGone(kiosk);
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText('请您对本次服务作出评价');
}
