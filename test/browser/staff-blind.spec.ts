import { expect, type Page } from '@playwright/test';
import { boxesOf, LOCALES, PANELS, test } from './pages.ts';

const LEVELS = [5, 4, 3, 2, 1] as const;
const FIXED =
  '.page__header, .page__ticket, .faces, .face, .face__drawing, .face__label, .span-line, .page__actions';

/** What can be seen of the five faces from a step away: everything but the lines of the expression. */
function looksOf(page: Page) {
  return page.locator('.face').evaluateAll((faces) =>
    faces.map((face) => {
      const of = (selector: string) => {
        const element = face.querySelector(selector);
        if (element === null) throw new Error(`a face without ${selector}`);
        const { color, stroke, strokeWidth, fill, fontSize, fontWeight, opacity } = getComputedStyle(element);
        return { color, stroke, strokeWidth, fill, fontSize, fontWeight, opacity };
      };
      return { disc: of('.face-disc'), lines: of('.face-lines'), label: of('.face__label') };
    }),
  );
}

/** Mean brightness of the whole page, 0 … 255, measured on the picture itself. */
async function brightnessOf(page: Page): Promise<number> {
  const picture = (await page.screenshot()).toString('base64');
  return page.evaluate(async (data) => {
    const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    if (context === null) throw new Error('no canvas to measure on');
    context.drawImage(bitmap, 0, 0);
    const { data: pixels } = context.getImageData(0, 0, bitmap.width, bitmap.height);
    let sum = 0;
    for (let i = 0; i < pixels.length; i += 4) {
      sum += 0.2126 * (pixels[i] ?? 0) + 0.7152 * (pixels[i + 1] ?? 0) + 0.0722 * (pixels[i + 2] ?? 0);
    }
    return sum / (pixels.length / 4);
  }, picture);
}

for (const [panel, viewport] of Object.entries(PANELS)) {
  test.describe(panel, () => {
    test.use({ viewport });

    for (const locale of LOCALES) {
      test(`the five faces differ in nothing but expression and label (${locale})`, async ({
        page,
        show,
      }) => {
        await show(page, { name: 'inviting', locale });
        const [first, ...others] = await looksOf(page);
        expect(others).toHaveLength(4);
        for (const other of others) expect(other).toEqual(first);
        const drawings = await boxesOf(page, '.face__drawing');
        expect(new Set(drawings.map(({ width, height }) => `${width}×${height}`)).size).toBe(1);
        const centres = (await boxesOf(page, '.face')).map(({ x, y }) => x + y);
        const steps = centres.slice(1).map((centre, index) => Math.round(centre - (centres[index] ?? 0)));
        expect(new Set(steps).size).toBe(1);
      });

      test(`a choice moves nothing, whichever it is (${locale})`, async ({ page, show }) => {
        await show(page, { name: 'inviting', locale });
        const before = await boxesOf(page, FIXED);
        for (const level of LEVELS) {
          await show(page, { name: `chosen-${level}`, locale });
          expect(await boxesOf(page, FIXED), `level ${level}`).toEqual(before);
          await expect(page.locator('.face--filled')).toHaveCount(1);
        }
      });

      test(`the details stand in the same places for every level (${locale})`, async ({ page, show }) => {
        await show(page, { name: 'details-5', locale });
        const places =
          '.page__header, .page__title, .page__hint, .chip, .chip__box, .help, .span-line, .main-button';
        const best = await boxesOf(page, places);
        for (const level of [4, 3, 2, 1]) {
          await show(page, { name: `details-${level}`, locale });
          expect(await boxesOf(page, places), `level ${level}`).toEqual(best);
        }
        // Asking for help changes the hint's words and moves nothing, at any level.
        const still = places.replace('.page__hint, ', '');
        await show(page, { name: 'details-5', locale });
        const unasked = await boxesOf(page, still);
        await show(page, { name: 'details-5-help', locale });
        const asked = await boxesOf(page, places);
        for (const level of LEVELS) {
          await show(page, { name: `details-${level}-help`, locale });
          expect(await boxesOf(page, places), `level ${level}, help asked for`).toEqual(asked);
          expect(await boxesOf(page, still), `level ${level}, help asked for`).toEqual(unasked);
          await expect(page.locator('.chip--ticked')).toHaveCount(1);
        }
        // Going by keys rings one chip and changes the hint's words, and moves nothing.
        await show(page, { name: 'details-5-keys', locale });
        const byKeys = await boxesOf(page, places);
        expect(await boxesOf(page, still)).toEqual(unasked);
        for (const level of LEVELS) {
          await show(page, { name: `details-${level}-keys`, locale });
          expect(await boxesOf(page, places), `level ${level}, by keys`).toEqual(byKeys);
          await expect(page.locator('.chip--focused')).toHaveCount(1);
          await expect(page.locator('.chip').nth(1)).toHaveClass(/chip--focused/);
        }
      });
    }

    test('the light of the page does not tell the level', async ({ page, show }) => {
      const brightness: number[] = [];
      for (const level of LEVELS) {
        await show(page, { name: `chosen-${level}` });
        brightness.push(await brightnessOf(page));
      }
      const spread = Math.max(...brightness) - Math.min(...brightness);
      // What differs are the words of the heading. An eye sees a change of light from about one part in a hundred
      // (Weber); this is less than a half of that.
      expect(spread, brightness.map((value) => value.toFixed(2)).join(' ')).toBeLessThan(0.004 * 255);
    });
  });
}
