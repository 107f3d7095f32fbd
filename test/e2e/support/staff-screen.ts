import { chown, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { STAFF_PIN_FILE, setPin } from '../../../src/core/staff-pin.ts';
import { ordinaryUser } from '../../../tools/runtime/runtime.ts';
import { expect, type Hall, type KioskApp, type KioskStart } from './kiosk-app.ts';

export const PIN = '246813';

/** A kiosk with a PIN, and with fields of `staff` and others in its settings. */
export async function withPin(
  hall: Hall,
  staff: Readonly<Record<string, unknown>> = {},
  fields: Readonly<Record<string, unknown>> = {},
  start: KioskStart = {},
): Promise<KioskApp> {
  const path = join(hall.dataFolder, STAFF_PIN_FILE);
  const set = await setPin(path, PIN);
  if (!set.ok) throw new Error(set.message);
  const user = await ordinaryUser();
  if (user) await chown(path, user.uid, user.gid);
  await configure(hall, { staff, ...fields });
  return await hall.startKiosk(start);
}

/** The settings file of the hall with fields of our own. */
export async function configure(hall: Hall, fields: Readonly<Record<string, unknown>>): Promise<void> {
  const file = hall.kioskArgs.find((text) => text.startsWith('--yiping-config='))?.slice(16) ?? '';
  const settings: unknown = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...Object(settings), ...fields }));
}

/** The finger rests on the hall's name until the staff screen is there. */
export async function holdCorner({ app, page }: KioskApp): Promise<Page> {
  const before = new Set(app.windows());
  const box = await page.locator('.page__hall').boundingBox();
  if (!box) throw new Error('the page shows no hall');
  await page.mouse.move(box.x + 20, box.y + box.height / 2);
  await page.mouse.down();
  let staff: Page | undefined;
  await expect
    .poll(() => {
      staff = app.windows().find((window) => !before.has(window) && window.url().includes('/staff/'));
      return staff !== undefined;
    })
    .toBe(true);
  await page.mouse.up();
  if (!staff) throw new Error('no staff screen came');
  await expect(staff.getByRole('heading')).toBeVisible();
  return staff;
}

export async function typePin(staff: Page, pin: string): Promise<void> {
  for (const digit of pin) await staff.getByRole('button', { name: digit, exact: true }).click();
  await staff.getByRole('button', { name: '确定' }).click();
}

export async function enter(kiosk: KioskApp): Promise<Page> {
  const staff = await holdCorner(kiosk);
  await typePin(staff, PIN);
  await expect(staff.getByRole('table')).toBeVisible();
  return staff;
}

/** Nothing lies over the citizen's page any more. */
export async function isGone({ app }: KioskApp): Promise<void> {
  const laidOver = () =>
    app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.contentView.children.length);
  await expect.poll(laidOver, { timeout: 40_000 }).toBe(0);
}

/** Presses the button that ends the screen: the page may be gone before it has answered the click. */
export async function leaveBy(staff: Page, name: string): Promise<void> {
  try {
    await staff.getByRole('button', { name }).click();
  } catch (error) {
    if (!staff.isClosed() && !/has been closed/.test(String(error))) throw error;
  }
}
