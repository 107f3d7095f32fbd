import type { Page } from '@playwright/test';
import axe, { type AxeResults, type Result, type RunOptions } from 'axe-core';

/** 15 mm on a 10-inch panel of 1280×800 (149 dots to the inch). */
export const TOUCH_PX = 88;

/** What axe holds against the page that is shown; it has no frames, so that a run in the page itself sees all of it. */
export async function auditOf(page: Page): Promise<readonly Result[]> {
  await page.evaluate(axe.source);
  return page.evaluate(async () => {
    const own: { run(of: Document, how: RunOptions): Promise<AxeResults> } = Reflect.get(window, 'axe');
    return (await own.run(document, { resultTypes: ['violations'] })).violations;
  });
}

/** Runs in the page: targets too small, things outside the panel, texts too wide for their place. */
export function problemsOnPage(touchPx: number): readonly string[] {
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
  for (const element of document.querySelectorAll('.page *, .staff *')) {
    if (element.closest('.visually-hidden, svg') !== null) continue;
    const style = getComputedStyle(element);
    if (!isInside(element.getBoundingClientRect(), panel))
      found.push(`outside the panel: ${element.className}`);
    const isTooWide = element.scrollWidth > element.clientWidth + 1 && style.display !== 'inline';
    if (isTooWide && style.textOverflow !== 'ellipsis') found.push(`too wide: ${element.className}`);
  }
  return found;
}
