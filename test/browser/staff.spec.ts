import { expect, type Page } from '@playwright/test';
import { staffFixtures } from '../../src/renderer/preview/staff-fixtures.ts';
import type { StaffSnapshot } from '../../src/shared/screen/staff-snapshot.ts';
import { LOCALES, PANELS, test } from './pages.ts';
import { auditOf, problemsOnPage, TOUCH_PX } from './problems.ts';

for (const [panel, viewport] of Object.entries(PANELS)) {
  test.describe(panel, () => {
    test.use({ viewport });
    for (const locale of LOCALES)
      test(`the staff screen can be read and pressed in every state (${locale})`, async ({ page, show }) => {
        test.setTimeout(90_000);
        for (const { name } of staffFixtures) {
          await show(page, { name, locale });
          expect(await page.evaluate(problemsOnPage, TOUCH_PX), name).toEqual([]);
        }
      });
  });
}

for (const [name, theme] of [
  ['staff-locked', 'paper'],
  ['staff-inviting', 'paper'],
  ['staff-state-lost', 'ink'],
] as const)
  test(`${name} on ${theme} passes the rules of axe`, async ({ page, show }) => {
    await show(page, { name, theme });
    expect((await auditOf(page)).map(({ id }) => id)).toEqual([]);
  });

/** Opens the real staff page with a core that notes what it is asked and accepts it. */
async function open(page: Page, base: string, name: string): Promise<void> {
  await page.addInitScript(() => {
    const calls: unknown[] = [];
    let tell: (snapshot: StaffSnapshot | null) => void = () => {};
    const verbs = [
      'unlock',
      'setFirstPin',
      'speak',
      'leave',
      'show',
      'pause',
      'resume',
      'recall',
      'tryNow',
      'inviteByHand',
    ];
    const verb = (of: string) => (request: unknown) => {
      calls.push([of, request]);
      return Promise.resolve({ accepted: true });
    };
    Object.assign(window, {
      yipingStaff: {
        ...Object.fromEntries(verbs.map((of) => [of, verb(of)])),
        onSnapshot: (listener: (snapshot: StaffSnapshot | null) => void) => {
          tell = listener;
        },
      },
      staffCore: { calls, push: (snapshot: StaffSnapshot | null) => tell(snapshot) },
    });
  });
  await page.goto(`${base}/staff/index.html`);
  const found = staffFixtures.find((fixture) => fixture.name === name);
  await page.evaluate(
    (body) => Reflect.get(window, 'staffCore').push(body),
    found?.snapshot('zh-CN') ?? null,
  );
}

const calls = (page: Page) => page.evaluate(() => Reflect.get(window, 'staffCore').calls as unknown);

test('digits go to the core in one piece and are never written on the page', async ({ page, base }) => {
  await open(page, base, 'staff-locked');
  for (const digit of ['1', '2', '3', '4']) await page.getByRole('button', { name: digit }).click();
  await expect(page.locator('.staff-dot--full')).toHaveCount(4);
  expect(await page.locator('.staff-lock__dots').innerHTML()).not.toContain('1234');
  await page.getByRole('button', { name: '确定' }).click();
  await expect(page.locator('.staff-dot--full')).toHaveCount(0);
  expect(await calls(page)).toEqual([['unlock', { pin: '1234' }]]);
});

test('what can be done is pause, take back, look, and leave', async ({ page, base }) => {
  await open(page, base, 'staff-inviting');
  for (const name of ['撤回邀请', '暂停服务', '更早', '连接状态', '退出'])
    await page.getByRole('button', { name, exact: true }).click();
  expect(await calls(page)).toEqual([
    ['recall', { invitation: '0199e0c2-7a10-7b3e-9c55-2f6d1a4b8e01' }],
    ['pause', {}],
    ['show', { page: 'day', leaf: 1 }],
    ['show', { page: 'state', leaf: 0 }],
    ['leave', {}],
  ]);
});

test('a province that refuses an entry can be asked now', async ({ page, base }) => {
  await open(page, base, 'staff-state-held');
  await expect(page.getByText('第 10269 条被拒收')).toBeVisible();
  await expect(page.getByText('省平台已有 1–10268 条')).toBeVisible();
  await page.getByRole('button', { name: '立即重试', exact: true }).click();
  expect(await calls(page)).toEqual([['tryNow', {}]]);
});
