import { expect, type Page } from '@playwright/test';
import { fixtures } from '../../src/renderer/preview/fixtures.ts';
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';
import { PANELS, test } from './pages.ts';

interface FakeCore {
  readonly calls: unknown[];
  readonly push: (snapshot: Snapshot | null) => void;
}
declare global {
  interface Window {
    fakeCore: FakeCore;
  }
}

function snapshotOf(name: string, revision: number): Snapshot {
  const fixture = fixtures.find((candidate) => candidate.name === name);
  if (fixture === undefined) throw new Error(`no fixture is called ${name}`);
  return { ...fixture.snapshot('zh-CN'), revision };
}

/** Opens the real citizen page with a core that notes what it is asked and accepts it. */
async function open(page: Page, base: string): Promise<void> {
  await page.addInitScript(() => {
    const calls: unknown[] = [];
    let tell: (snapshot: Snapshot | null) => void = () => {};
    const verb = (name: string) => (request: unknown) => {
      calls.push({ verb: name, request });
      return Promise.resolve({ accepted: true });
    };
    const bridge = Object.fromEntries(
      ['choose', 'confirm', 'tick', 'finish', 'help', 'decline', 'speak', 'corner'].map((name) => [
        name,
        verb(name),
      ]),
    );
    Object.assign(window, {
      yiping: {
        ...bridge,
        onSnapshot: (listener: (snapshot: Snapshot | null) => void) => {
          tell = listener;
        },
      },
      fakeCore: { calls, push: (snapshot: Snapshot | null) => tell(snapshot) },
    });
  });
  await page.goto(`${base}/citizen/index.html`);
}

const push = (page: Page, snapshot: Snapshot | null) =>
  page.evaluate((body) => window.fakeCore.push(body), snapshot);
const verbs = (page: Page) =>
  page.evaluate(() => window.fakeCore.calls.map((call) => (call as { verb: string }).verb));

test.use({ viewport: PANELS.landscape });

test.beforeEach(async ({ page, base }) => {
  await open(page, base);
  await push(page, snapshotOf('inviting', 1));
});

test('a finger fills the face when it comes down and chooses when it is lifted', async ({ page }) => {
  const face = page.getByRole('button', { name: '满意', exact: true });
  await face.hover();
  await page.mouse.down();
  await expect(face).toHaveClass(/face--filled/);
  expect(await verbs(page)).toEqual([]);
  await page.mouse.up();
  expect(await verbs(page)).toEqual(['choose']);
});

test('a finger that slides off a face chooses nothing and leaves nothing filled', async ({ page }) => {
  await page.getByRole('button', { name: '非常不满意' }).hover();
  await page.mouse.down();
  await page.mouse.move(640, 30);
  await page.mouse.up();
  await expect(page.locator('.face--filled')).toHaveCount(0);
  expect(await verbs(page)).toEqual([]);
});

test('the keyboard does the same, once a press', async ({ page }) => {
  const face = page.getByRole('button', { name: '基本满意' });
  await face.focus();
  await page.keyboard.press('Enter');
  expect(await verbs(page)).toEqual(['choose']);
});

test('a choice can be changed with one press, confirmed, and told why', async ({ page }) => {
  await push(page, snapshotOf('chosen-4', 2));
  await expect(page.getByRole('heading')).toHaveText('已记下：满意');
  await page.getByRole('button', { name: '不满意', exact: true }).click();
  await push(page, snapshotOf('chosen-2', 3));
  await page.getByRole('button', { name: '确定' }).click();
  await push(page, snapshotOf('details-2-some', 4));
  await page.getByRole('button', { name: '服务态度生硬' }).click();
  await push(page, snapshotOf('details-2-all', 5));
  await page.getByRole('button', { name: '完成' }).click();
  await push(page, snapshotOf('thanks', 6));
  await expect(page.getByRole('heading')).toHaveText('谢谢您的评价');
  expect(await verbs(page)).toEqual(['choose', 'confirm', 'tick', 'finish']);
  await expect(page.locator('body')).not.toContainText('满意');
});

test('help is asked for with one press, and stays asked for', async ({ page }) => {
  await push(page, snapshotOf('details-2', 2));
  const help = page.getByRole('button', { name: '需要工作人员现在来帮我' });
  await expect(help).toHaveAttribute('aria-pressed', 'false');
  await help.click();
  await push(page, snapshotOf('details-2-help', 3));
  await expect(help).toHaveAttribute('aria-pressed', 'true');
  await expect(page.locator('.page__hint')).toHaveText('已记下，会通知值班人员来帮您');
  expect(await verbs(page)).toEqual(['help']);
});

test('a page that has just come up takes no press that was meant for the one before', async ({ page }) => {
  await push(page, snapshotOf('chosen-2', 2));
  await page.getByRole('button', { name: '确定' }).hover();
  await page.evaluate(
    (details) => {
      window.fakeCore.push(details);
      return new Promise<void>((resolve) => queueMicrotask(resolve));
    },
    snapshotOf('details-2-some', 3),
  );
  const isDeaf = await page.evaluate(() => {
    const chip = document.querySelector('.chip');
    const animations = chip?.getAnimations() ?? [];
    for (const animation of animations) animation.currentTime = 0;
    return chip !== null && getComputedStyle(chip).pointerEvents === 'none';
  });
  expect(isDeaf).toBe(true);
});

test('a citizen can choose the language', async ({ page }) => {
  await page.getByRole('button', { name: 'English' }).click();
  expect(await page.evaluate(() => window.fakeCore.calls)).toEqual([
    { verb: 'speak', request: { locale: 'en' } },
  ]);
  await push(page, { ...snapshotOf('inviting', 2), locale: 'en' });
  await expect(page.locator('html')).toHaveAttribute('lang', 'en');
  await expect(page.getByRole('heading')).toHaveText('How was the service today?');
});

test('when the core is gone the page says so at once and offers nothing to press', async ({ page }) => {
  await push(page, null);
  await expect(page.getByRole('heading')).toHaveText('评价暂停');
  await expect(page.getByRole('button')).toHaveCount(0);
  await expect(page.getByText('滨海市政务服务中心')).toBeVisible();
});

test('the page offers no menu and nothing can be selected', async ({ page }) => {
  const refused = await page.evaluate(() =>
    ['contextmenu', 'dragstart', 'selectstart'].map(
      (type) => !document.body.dispatchEvent(new Event(type, { bubbles: true, cancelable: true })),
    ),
  );
  expect(refused).toEqual([true, true, true]);
});

test('a finger that rests on the hall’s name is told to the core, and nothing is drawn', async ({ page }) => {
  const before = await page.content();
  const hall = page.getByText('滨海市政务服务中心');
  await hall.hover();
  await page.mouse.down();
  expect(await page.content()).toBe(before);
  await page.mouse.up();
  await hall.hover();
  await page.mouse.down();
  await page.mouse.move(640, 30);
  await page.mouse.up();
  // The language is a button of the citizen's, also beside the corner.
  await page.getByRole('button', { name: 'English' }).click();
  expect(await page.evaluate(() => window.fakeCore.calls)).toEqual([
    { verb: 'corner', request: { held: true } },
    { verb: 'corner', request: { held: false } },
    { verb: 'corner', request: { held: true } },
    { verb: 'corner', request: { held: false } },
    { verb: 'speak', request: { locale: 'en' } },
  ]);
});
