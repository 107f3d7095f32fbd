import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import { fixtures } from '../../src/renderer/preview/fixtures.ts';
import { LOCALES, PANELS, test } from './pages.ts';

/** 15 mm on a 10-inch panel of 1280×800 (149 dots to the inch). */
const TOUCH_PX = 88;

/** Without frames of other origins axe needs no page of its own; its other mode takes twice the time. */
async function auditOf(page: Page) {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations;
}

/** Runs in the page: targets too small, things outside the panel, texts too wide for their place. */
function problemsOnPage(touchPx: number): readonly string[] {
  const found: string[] = [];
  const isInside = (inner: DOMRect, outer: { left: number; top: number; right: number; bottom: number }) =>
    inner.left >= outer.left - 0.5 &&
    inner.top >= outer.top - 0.5 &&
    inner.right <= outer.right + 0.5 &&
    inner.bottom <= outer.bottom + 0.5;
  const panel = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
  for (const button of document.querySelectorAll('button')) {
    const box = button.getBoundingClientRect();
    if (box.width < touchPx || box.height < touchPx) {
      found.push(`too small for a finger: ${button.textContent} ${box.width}×${box.height}`);
    }
    for (const child of button.children) {
      if (!isInside(child.getBoundingClientRect(), box))
        found.push(`outside its button: ${button.textContent}`);
    }
  }
  for (const element of document.querySelectorAll('.page *')) {
    if (element.closest('.visually-hidden, svg') !== null) continue;
    const style = getComputedStyle(element);
    if (!isInside(element.getBoundingClientRect(), panel))
      found.push(`outside the panel: ${element.className}`);
    const isTooWide = element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline';
    if (isTooWide && style.textOverflow !== 'ellipsis') found.push(`too wide: ${element.className}`);
  }
  return found;
}

for (const [panel, viewport] of Object.entries(PANELS)) {
  test.describe(panel, () => {
    test.use({ viewport });
    for (const { name } of fixtures) {
      test(`${name} can be read and pressed by everybody`, async ({ page, show }) => {
        for (const locale of LOCALES) {
          await show(page, { name, locale });
          expect(await page.evaluate(problemsOnPage, TOUCH_PX), locale).toEqual([]);
          // The rules of axe do not depend on both at once; each costs half a second.
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
  test(`${name} has enough contrast on the deep-ink ground`, async ({ page, show }) => {
    await show(page, { name, theme: 'ink' });
    const violations = await auditOf(page);
    expect(violations.map(({ id }) => id)).toEqual([]);
  });
}
