import { COUNTER, expect, test } from './support/kiosk-app.ts';
import { enter, isGone, leaveBy, withPin } from './support/staff-screen.ts';

/** How soon it is shown and healed is measured by `npm run bench -- queue`; here, that it is, and truly. */

test('a lost queue is said to the clerk and to the citizen, and both come back to what is so by then', async ({
  hall,
}) => {
  const kiosk = await withPin(hall, {}, { whenQueueIsLost: 'paused' });
  const { page } = kiosk;
  const before = hall.sim.callNext(COUNTER);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(before.number);

  const staff = await enter(kiosk);
  await expect(staff.locator('.staff-now')).toContainText(`正在办理 ${before.number}`);
  hall.sim.cut('freeze');
  await expect(staff.locator('.staff-now')).toContainText(/叫号系统 \d+ 秒前断开/);
  await leaveBy(staff, '退出');
  await isGone(kiosk);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('评价暂停');
  await expect(page.getByText('业务照常办理')).toBeVisible();
  // Whose ticket it was is nobody's knowledge now.
  await expect(page.getByText(before.number)).toHaveCount(0);
  await page.getByRole('button', { name: 'English' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Rating is paused');
  await page.getByRole('button', { name: '中文' }).click();

  const meanwhile = hall.sim.callNext(COUNTER);
  hall.sim.restore();
  await expect(page.getByRole('heading', { level: 1 })).toContainText(meanwhile.number);
  const again = await enter(kiosk);
  await expect(again.locator('.staff-now')).toContainText('一切正常');
  await expect(again.locator('.staff-now')).toContainText(`正在办理 ${meanwhile.number}`);
  await leaveBy(again, '退出');
  await isGone(kiosk);
  hall.sim.served(COUNTER);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('请您对本次服务作出评价');
});
