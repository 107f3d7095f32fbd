import { expect } from '@playwright/test';
import { fixtures } from '../../src/renderer/preview/fixtures.ts';
import { LOCALES, PANELS, test } from './pages.ts';
import { auditOf, problemsOnPage, TOUCH_PX } from './problems.ts';

for (const [panel, viewport] of Object.entries(PANELS)) {
  test.describe(panel, () => {
    for (const { name } of fixtures) {
      test(`${name} can be read and pressed by everybody`, async ({ looking: page, show }) => {
        await page.setViewportSize(viewport);
        for (const locale of LOCALES) {
          await show(page, { name, locale });
          expect(await page.evaluate(problemsOnPage, TOUCH_PX), locale).toEqual([]);
          // The rules of axe do not depend on both at once; each costs a quarter of a second.
          if (locale === 'en' && panel === 'portrait') continue;
          const violations = await auditOf(page);
          expect(
            violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
          ).toEqual([]);
        }
      });
    }
  });
}

for (const name of ['idle', 'inviting', 'chosen-4', 'details-2-some', 'thanks', 'fault-store']) {
  test(`${name} has enough contrast on the deep-ink ground`, async ({ looking: page, show }) => {
    await page.setViewportSize(PANELS.landscape);
    await show(page, { name, theme: 'ink' });
    const violations = await auditOf(page);
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
}
