import type { ElectronApplication } from '@playwright/test';
import { COUNTER, expect, type KioskApp, test } from './support/kiosk-app.ts';
import { kioskProcess } from './support/kiosk-process.ts';

/** kill -9 of each process, in the middle of an invitation and just after a tap. */
const corePid = (kiosk: KioskApp) => kioskProcess(kiosk, 'yiping-core');

/** Asked of the page itself, because Playwright's own view of a page ends when its process does. */
function headingSeenBy(app: ElectronApplication): Promise<string> {
  return app.evaluate(async ({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents;
    if (!contents || contents.isCrashed() || contents.isLoading()) return 'not there';
    const asked = contents.executeJavaScript("document.querySelector('h1')?.textContent ?? 'nothing'");
    const patience = new Promise((resolve) => setTimeout(resolve, 500, 'no answer'));
    return String(await Promise.race([asked, patience]));
  });
}

const question = '请您对本次服务作出评价';

test('the core dies in the middle of an invitation: the screen says so and asks again', async ({ hall }) => {
  const kiosk = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText(question);
  const first = await corePid(kiosk);
  process.kill(first, 'SIGKILL');
  await expect(kiosk.page.getByText('评价程序正在恢复')).toBeVisible({ timeout: 2_000 });
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText(question);
  await kiosk.page.getByRole('button', { name: '满意', exact: true }).click();
  await expect.poll(() => hall.province.levels()).toEqual([4]);
  expect(await corePid(kiosk)).not.toBe(first);
});

test('the core dies just after a tap: the rating is there, once', async ({ hall }) => {
  const kiosk = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await kiosk.page.getByRole('button', { name: '不满意', exact: true }).click();
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText('已记下：不满意');
  process.kill(await corePid(kiosk), 'SIGKILL');
  await expect.poll(() => hall.province.levels()).toEqual([2]);
  await expect(kiosk.page.getByRole('heading', { level: 1 })).not.toHaveText(question);
});

test('the core hangs: it is noticed, replaced, and the citizen is asked again', async ({ hall }) => {
  const kiosk = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText(question);
  const hung = await corePid(kiosk);
  process.kill(hung, 'SIGSTOP');
  await expect(kiosk.page.getByText('评价程序正在恢复')).toBeVisible();
  await expect(kiosk.page.getByRole('heading', { level: 1 })).toHaveText(question);
  await kiosk.page.getByRole('button', { name: '满意', exact: true }).click();
  await expect.poll(() => hall.province.levels()).toEqual([4]);
  expect(await corePid(kiosk)).not.toBe(hung);
});

test('the page dies: it is loaded again and shows the present', async ({ hall }) => {
  const { app, page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(question);
  const pid = await app.evaluate(({ BrowserWindow }) =>
    BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
  );
  process.kill(Number(pid), 'SIGKILL');
  const seen = () => headingSeenBy(app);
  await expect.poll(seen).toBe(question);
  await hall.box.press('3');
  await expect.poll(() => hall.province.levels()).toEqual([5]);
});

test('everything dies just after a tap: the next start settles the rating and goes on', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await page.getByRole('button', { name: '非常不满意', exact: true }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('已记下：非常不满意');
  await hall.killKiosk();
  const again = await hall.startKiosk();
  await expect(again.page.getByText('办理完成后，请您评价')).toBeVisible();
  await expect.poll(() => hall.province.levels()).toEqual([1]);
  const settled = (await hall.province.entries()).filter((entry) => entry.kind === 'rating.settled');
  expect(settled).toHaveLength(1);
});

test('the box is pulled and comes back; touch works all the while', async ({ hall }) => {
  const { page } = await hall.startKiosk();
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await expect.poll(() => hall.box.light).toBe('rating');
  await hall.box.pull();
  await page.getByRole('button', { name: '满意', exact: true }).click();
  await expect.poll(() => hall.province.levels()).toEqual([4]);
  await hall.box.plug();
  await expect
    .poll(async () =>
      (await hall.province.entries())
        .filter((entry) => entry.kind === 'link.changed')
        .map((entry) => `${entry.body['link']} ${entry.body['state']}`),
    )
    .toEqual(expect.arrayContaining(['buttons lost', 'buttons ready']));
  hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await expect.poll(() => hall.box.light).toBe('rating');
});
