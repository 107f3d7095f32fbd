import { test as base, type Page } from '@playwright/test';
import { PREVIEW_DIR } from '../../tools/preview/build-preview.ts';
import { serveFolder } from '../../tools/preview/serve-folder.ts';

/** The panels that are first-class; every promise holds on both. */
export const PANELS = {
  landscape: { width: 1280, height: 800 },
  portrait: { width: 800, height: 1280 },
} as const;
export const LOCALES = ['zh-CN', 'en'] as const;

interface Shown {
  readonly name: string;
  readonly locale?: (typeof LOCALES)[number];
  readonly theme?: 'paper' | 'ink';
}

interface WorkerParts {
  readonly base: string;
  /** One page for many tests of which each only looks at what it shows: a page of its own costs each two seconds. */
  readonly looking: Page;
}
interface TestParts {
  readonly show: (page: Page, shown: Shown) => Promise<void>;
}

/** A test with the built pages behind an address of their own, under the content policy of the app. */
export const test = base.extend<TestParts, WorkerParts>({
  base: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the parts from the pattern
    async ({}, use) => {
      const server = await serveFolder(PREVIEW_DIR);
      await use(server.url);
      await server.close();
    },
    { scope: 'worker' },
  ],
  looking: [
    async ({ browser }, use) => {
      const page = await browser.newPage();
      await use(page);
      await page.close();
    },
    { scope: 'worker' },
  ],
  show: async ({ base: url }, use) => {
    await use(async (page, { name, locale = 'zh-CN', theme = 'paper' }) => {
      const query = new URLSearchParams({ name, locale, theme, still: '' });
      await page.goto(`${url}/preview/frame.html?${query}`);
      await page.evaluate(() => document.fonts.ready.then(() => null));
    });
  },
});

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** Where each element of a selector stands, in whole hundredths of a pixel. */
export function boxesOf(page: Page, selector: string): Promise<readonly Box[]> {
  return page.locator(selector).evaluateAll((elements) =>
    elements.map((element) => {
      const { x, y, width, height } = element.getBoundingClientRect();
      const rounded = (value: number) => Math.round(value * 100) / 100;
      return { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
    }),
  );
}
