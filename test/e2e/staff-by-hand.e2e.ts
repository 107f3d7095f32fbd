import type { Page } from '@playwright/test';
import { expect, type Hall, type KioskApp, test } from './support/kiosk-app.ts';
import { enter, isGone, leaveBy, withPin } from './support/staff-screen.ts';

const CASE = '3301-2026-0042';

/** A counter whose queue system cannot be reached all the time, with a clerk's hand beside it. */
async function withHand(hall: Hall): Promise<KioskApp> {
  const queue = [
    { kind: 'rate-service', url: hall.sim.url, userCode: '1003', extensions: true },
    { kind: 'manual', apartMs: 600_000 },
  ];
  return await withPin(hall, {}, { queue });
}

async function inviteBy(staff: Page, caseNumber: string): Promise<void> {
  await staff.getByRole('button', { name: '手工邀请' }).click();
  await staff.getByRole('button', { name: '办件编号' }).click();
  for (const sign of caseNumber) await staff.getByRole('button', { name: sign, exact: true }).click();
  await expect(staff.locator('.staff-by-hand__typed')).toHaveText(caseNumber);
  await leaveBy(staff, '邀请评价');
}

test('a case number typed by the clerk is rated once, is marked for ever, and the next one has to wait', async ({
  hall,
}) => {
  const kiosk = await withHand(hall);
  const { page } = kiosk;
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();

  await inviteBy(await enter(kiosk), CASE);
  await isGone(kiosk);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('请您对本次服务作出评价');
  await page.getByRole('button', { name: '满意', exact: true }).click();
  await page.getByRole('button', { name: '确定' }).click();
  await page.getByRole('button', { name: '完成', exact: true }).click();
  await expect.poll(() => hall.province.levels()).toEqual([4]);
  const opened = (await hall.province.entries()).filter(({ kind }) => kind === 'invitation.opened');
  expect(opened.map(({ body }) => body['service'])).toMatchObject([
    { manual: true, case: { projectNo: CASE }, serviceKey: expect.stringContaining('/manual/') },
  ]);

  // The thanks go by themselves; a finger that rests on a page that goes has rested for nothing.
  await expect(page.getByText('办理完成后，请您评价')).toBeVisible();
  const again = await enter(kiosk);
  await expect(again.getByRole('row', { name: CASE })).toContainText('手工');
  await inviteBy(again, '3301-2026-0043');
  await expect(again.getByText('刚刚邀请过，请稍后再试')).toBeVisible();
  await leaveBy(again, '退出');
  await isGone(kiosk);
  expect((await hall.province.entries()).filter(({ kind }) => kind === 'invitation.opened')).toHaveLength(1);
});
