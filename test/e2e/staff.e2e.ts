import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { COUNTER, expect, type Hall, test } from './support/kiosk-app.ts';
import { kioskProcess } from './support/kiosk-process.ts';
import { enter, holdCorner, isGone, leaveBy, PIN, typePin, withPin } from './support/staff-screen.ts';

const WRONG = '1357';
const IDLE_PAGE = '办理完成后，请您评价';

async function rateOnce(hall: Hall, page: Page, face: string): Promise<string> {
  const ticket = hall.sim.callNext(COUNTER);
  hall.sim.served(COUNTER);
  await page.getByRole('button', { name: face, exact: true }).click();
  await page.getByRole('button', { name: '确定' }).click();
  await page.getByRole('button', { name: '完成', exact: true }).click();
  return ticket.number;
}

test('the corner opens a keypad; wrong PINs lock everybody out, also after a restart', async ({ hall }) => {
  const kiosk = await withPin(hall);
  const { app, page } = kiosk;
  await expect(page.getByText(IDLE_PAGE)).toBeVisible();

  // A tap is nothing: what the finger does next is heard, and by then no screen was asked for.
  await page.locator('.page__hall').click();
  await page.getByRole('button', { name: 'English' }).click();
  await page.getByRole('button', { name: '中文' }).click();
  await expect(page.getByText(IDLE_PAGE)).toBeVisible();
  expect(app.windows()).toHaveLength(1);

  const staff = await holdCorner(kiosk);
  await expect(staff.getByRole('table')).toHaveCount(0);
  expect(await staff.evaluate(() => document.body.textContent)).not.toContain(hall.sim.url);
  for (const message of ['口令不对，请重新输入', '口令不对，请重新输入', /口令连续错误/]) {
    await typePin(staff, WRONG);
    await expect(staff.getByText(message)).toBeVisible();
  }
  await typePin(staff, PIN);
  await expect(staff.getByText(/口令连续错误/)).toBeVisible();
  await expect(staff.getByRole('table')).toHaveCount(0);
  expect(await readFile(join(hall.dataFolder, 'logs/kiosk.log'), 'utf8')).not.toMatch(/246813|1357/);

  await hall.killKiosk();
  const again = await hall.startKiosk();
  await expect(again.page.getByText(IDLE_PAGE)).toBeVisible();
  const locked = await holdCorner(again);
  await expect(locked.getByText(/口令连续错误/)).toBeVisible();
  await leaveBy(locked, '返回');
  await isGone(again);
});

test('the clerk sees rated or not and never how, pauses, and gives way to the citizen', async ({ hall }) => {
  const kiosk = await withPin(hall);
  const { page } = kiosk;
  await expect(page.getByText(IDLE_PAGE)).toBeVisible();
  const rated = await rateOnce(hall, page, '非常不满意');
  const skipped = hall.sim.callNext(COUNTER);
  const now = hall.sim.callNext(COUNTER);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(now.number);

  const staff = await enter(kiosk);
  await expect(staff.getByRole('row', { name: rated })).toContainText('已评价');
  await expect(staff.getByRole('row', { name: skipped.number })).toContainText('未邀请');
  await expect(staff.locator('.staff-now')).toContainText(`正在办理 ${now.number}`);
  expect(await staff.evaluate(() => document.body.textContent)).not.toMatch(/满意/);

  await staff.getByRole('button', { name: '连接状态' }).click();
  await expect(staff.getByRole('row', { name: /叫号系统/ })).toContainText('已连接');
  hall.sim.cut();
  await expect(staff.locator('.staff-now')).toContainText(/叫号系统 \d+ 秒前断开/);
  await expect(staff.getByRole('row', { name: /叫号系统/ })).toContainText('已断开');
  hall.sim.restore();
  await expect(staff.getByRole('row', { name: /叫号系统/ })).toContainText('已连接');

  await staff.getByRole('button', { name: '暂停服务' }).click();
  await expect(page.getByText('请您稍候，或到其他窗口办理')).toBeAttached();
  await staff.getByRole('button', { name: '恢复服务' }).click();
  await expect(staff.getByRole('button', { name: '暂停服务' })).toBeVisible();

  hall.sim.served(COUNTER);
  await isGone(kiosk);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('请您对本次服务作出评价');

  // Over an open invitation it stands to take it back, and only once.
  const over = await enter(kiosk);
  await over.getByRole('button', { name: '撤回邀请' }).click();
  await expect(over.locator('.staff-now')).toContainText(`正在办理 ${now.number}`);
  await expect(page.getByRole('heading', { level: 1 })).toContainText(now.number);
  await leaveBy(over, '退出');
  await isGone(kiosk);
  await expect
    .poll(async () => (await hall.province.entries()).map(({ body }) => body['reason']))
    .toContain('staffRecalled');
});

test('it goes by itself, with its page and with the core, and there is no way out of it', async ({
  hall,
}) => {
  const kiosk = await withPin(hall, { idleMs: 15_000 });
  const { app, page } = kiosk;
  await expect(page.getByText(IDLE_PAGE)).toBeVisible();

  const staff = await enter(kiosk);
  const seen = await app.evaluate(({ BrowserWindow }) => {
    const window = BrowserWindow.getAllWindows()[0];
    const [view] = window?.contentView.children ?? [];
    const contents = view && 'webContents' in view ? (view.webContents as Electron.WebContents) : undefined;
    return {
      pids: [window?.webContents.getOSProcessId(), contents?.getOSProcessId()],
      covers: JSON.stringify(view?.getBounds()),
      size: window?.getContentBounds(),
    };
  });
  expect(seen.covers).toBe(
    JSON.stringify({ x: 0, y: 0, width: seen.size?.width, height: seen.size?.height }),
  );
  expect(seen.pids[0]).not.toBe(seen.pids[1]);
  const status = await readFile(`/proc/${seen.pids[1]}/status`, 'utf8');
  expect(status).toMatch(/^Seccomp:\s+2$/m);
  const address = staff.url();
  expect(
    await staff.evaluate(async () => ({
      require: typeof Reflect.get(globalThis, 'require'),
      citizen: typeof Reflect.get(globalThis, 'yiping'),
      bridge: Object.keys(Reflect.get(globalThis, 'yipingStaff')).sort(),
      opened: window.open('https://example.invalid/'),
      network: await fetch('http://127.0.0.1:9/').then(
        () => 'reached',
        () => 'refused',
      ),
    })),
  ).toEqual({
    require: 'undefined',
    citizen: 'undefined',
    bridge: [
      'inviteByHand',
      'leave',
      'onSnapshot',
      'pair',
      'pause',
      'recall',
      'resume',
      'setFirstPin',
      'show',
      'speak',
      'tryNow',
      'unlock',
    ],
    opened: null,
    network: 'refused',
  });
  await staff.evaluate(() => {
    location.href = 'file:///etc/passwd';
  });
  await expect(staff.getByRole('table')).toBeVisible();
  expect(staff.url()).toBe(address);
  await app.evaluate(({ BrowserWindow }) => {
    const [view] = BrowserWindow.getAllWindows()[0]?.contentView.children ?? [];
    if (view && 'webContents' in view) (view.webContents as Electron.WebContents).forcefullyCrashRenderer();
  });
  await isGone(kiosk);
  await expect(page.getByText(IDLE_PAGE)).toBeVisible();

  await enter(kiosk);
  process.kill(await kioskProcess(kiosk, 'yiping-core'), 'SIGKILL');
  await isGone(kiosk);
  await expect(page.getByText('评价暂停')).toBeHidden();
  await expect(page.getByText(IDLE_PAGE)).toBeVisible();

  // Nobody presses anything any more.
  await holdCorner(kiosk);
  await isGone(kiosk);
});
