import type { Page } from '@playwright/test';
import { COUNTER, expect, test } from './support/kiosk-app.ts';

const face = (page: Page, name: string) => page.getByRole('button', { name, exact: true });
const heading = (page: Page) => page.getByRole('heading', { level: 1 });

test('a ticket is called, served, rated with a tap, thanked for, and the province has it', async ({
  hall,
}) => {
  const { page } = await hall.startKiosk();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();

  const ticket = hall.sim.callNext(COUNTER);
  await expect(heading(page)).toContainText(ticket.number);
  hall.sim.served(COUNTER);
  await expect(heading(page)).toHaveText('请您对本次服务作出评价');

  await face(page, '满意').click();
  await expect(heading(page)).toHaveText('已记下：满意');
  await expect(face(page, '满意')).toHaveAttribute('aria-pressed', 'true');
  await expect(heading(page)).toHaveText('哪些方面让您有这样的感受？');
  await page.getByRole('button', { name: '服务态度较好' }).click();
  await page.getByRole('button', { name: '完成', exact: true }).click();
  await expect(heading(page)).toHaveText('谢谢您的评价');
  await expect(page.getByText(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/)).toBeVisible();

  await expect.poll(() => hall.province.levels()).toEqual([4]);
  await expect
    .poll(async () => (await hall.province.entries()).find((entry) => entry.kind === 'rating.detailed')?.body)
    .toMatchObject({ codes: ['413'] });
  expect(await page.evaluate(() => document.body.textContent)).not.toContain('满意：');
});

test('the receipt of the thanks page is found at the province and does not name the level', async ({
  hall,
}) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await face(page, '不满意').click();
  await page.getByRole('button', { name: '确定' }).click();
  await page.getByRole('button', { name: '完成', exact: true }).click();
  const code = await page.getByText(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/).textContent();
  await expect.poll(async () => (await fetch(`${hall.province.url}/r/${code}`)).text()).toContain('已送达');
  expect(await (await fetch(`${hall.province.url}/r/${code}`)).text()).not.toContain('满意');
});

test('a key of the serial box does the same, and is answered only when it is frozen', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  await expect(heading(page)).toContainText('正在为');
  await expect.poll(() => hall.box.plugged).toBe(true);
  hall.sim.served(COUNTER);
  await expect.poll(() => hall.box.light).toBe('rating');
  // What comes in the first moments of a connection is taken for noise of the line, so a hand presses again.
  await expect(async () => {
    await hall.box.press('0');
    await expect(heading(page)).toHaveText('已记下：不满意', { timeout: 1_000 });
  }).toPass();
  await expect.poll(() => hall.box.light).toBe('thanks');
  await expect.poll(() => hall.province.levels()).toEqual([2]);
});

test('a second press for the same ticket is refused, from wherever it comes', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await face(page, '非常满意').click();
  await page.getByRole('button', { name: '确定' }).click();
  await expect(heading(page)).toHaveText('哪些方面让您有这样的感受？');
  await hall.box.press('0');
  await page.getByRole('button', { name: '完成', exact: true }).click();
  await expect(heading(page)).toHaveText('谢谢您的评价');
  await hall.box.press('1');
  hall.sim.served(COUNTER);
  await expect.poll(() => hall.province.levels()).toEqual([5]);
  const kinds = (await hall.province.entries()).map((entry) => entry.kind);
  expect(kinds.filter((kind) => kind === 'rating.chosen')).toHaveLength(1);
});

test('a change of mind within three seconds is what counts', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await face(page, '非常不满意').click();
  await expect(heading(page)).toHaveText('已记下：非常不满意');
  await face(page, '基本满意').click();
  await expect(heading(page)).toHaveText('已记下：基本满意');
  await expect.poll(() => hall.province.levels()).toEqual([3]);
});

test('the next call never finds the last citizen’s page', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await expect(heading(page)).toHaveText('请您对本次服务作出评价');
  const next = hall.sim.callNext(COUNTER);
  await expect(heading(page)).toContainText(next.number);
  await expect
    .poll(async () => (await hall.province.entries()).map((entry) => entry.body['outcome']))
    .toContain('superseded');
});

test('English is the citizen’s choice and ends with the citizen', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await expect(heading(page)).toHaveText('请您对本次服务作出评价');
  await page.getByRole('button', { name: 'English' }).click();
  await expect(face(page, 'Very satisfied')).toBeVisible();
  hall.sim.callNext(COUNTER);
  await expect(heading(page)).toContainText('正在为');
});

test('a pause shows itself and ends', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  hall.sim.pause(COUNTER);
  await expect(heading(page)).toHaveText('暂停服务');
  hall.sim.resume(COUNTER);
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
});
