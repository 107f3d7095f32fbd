import { expect } from '@playwright/test';
import { boxesOf, PANELS, test } from './pages.ts';

for (const [panel, viewport] of Object.entries(PANELS)) {
  test(`${panel}: a receipt that no page shows is a code to note and nothing to scan`, async ({
    looking: page,
    show,
  }) => {
    await page.setViewportSize(viewport);
    await show(page, { name: 'thanks-no-page' });
    await expect(page.getByText('7K3M-9QXT-2B4D')).toBeVisible();
    await expect(page.getByText('扫码')).toHaveCount(0);
    await expect(page.locator('.qr-code')).toHaveCount(0);
    const [words] = await boxesOf(page, '.thanks__words');
    if (!words) throw new Error('no words of thanks');
    expect(words.x + words.width / 2).toBeCloseTo(viewport.width / 2, 0);
  });
}
