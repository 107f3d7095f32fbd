import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from '@playwright/test';
import { fixtures } from '../../src/renderer/preview/fixtures.ts';
import { staffFixtures } from '../../src/renderer/preview/staff-fixtures.ts';
import { browserToUse } from './browser.ts';
import { buildPreview, PREVIEW_DIR } from './build-preview.ts';
import { serveFolder } from './serve-folder.ts';

/**
 * `npm run preview`            builds the preview and serves it until Ctrl-C
 * `npm run preview -- --shots` takes a picture of every screen in every state, panel, language (and a dark few)
 *                              into out/preview-shots; a further word keeps only the names that contain it
 */
const SHOTS_DIR = 'out/preview-shots';
const PANELS = [
  { name: 'landscape', width: 1280, height: 800 },
  { name: 'portrait', width: 800, height: 1280 },
  { name: 'full-hd', width: 1920, height: 1080 },
  { name: 'small', width: 1024, height: 600 },
] as const;
const LOCALES = ['zh-CN', 'en'] as const;
const THEMES = ['paper', 'ink'] as const;
/** The other panel sizes and the dark ground are shown by these few. */
const FEW = ['idle', 'serving', 'inviting', 'chosen-4', 'details-2-some', 'thanks', 'fault-store'];

async function takeShot(
  page: Page,
  base: string,
  shot: { name: string; locale: string; theme: string },
  file: string,
) {
  const query = new URLSearchParams({ name: shot.name, locale: shot.locale, theme: shot.theme, still: '' });
  await page.goto(`${base}/preview/frame.html?${query}`);
  await page.evaluate(() => document.fonts.ready);
  await page.screenshot({ path: file });
}

async function takeShots(browser: Browser, base: string, wanted: string): Promise<number> {
  rmSync(SHOTS_DIR, { recursive: true, force: true });
  mkdirSync(SHOTS_DIR, { recursive: true });
  let count = 0;
  for (const panel of PANELS) {
    const { width, height } = panel;
    const page = await browser.newPage({ viewport: { width, height } });
    const isMainPanel = panel.name === 'landscape' || panel.name === 'portrait';
    for (const theme of THEMES) {
      for (const locale of LOCALES) {
        for (const { name } of [...fixtures, ...staffFixtures]) {
          const label = [name, panel.name, locale, theme].join('.');
          const isWorthIt = (isMainPanel && theme === 'paper') || FEW.includes(name);
          if (!isWorthIt || !label.includes(wanted)) continue;
          await takeShot(page, base, { name, locale, theme }, join(SHOTS_DIR, `${label}.png`));
          count += 1;
        }
      }
    }
    await page.close();
  }
  return count;
}

await buildPreview();
const server = await serveFolder(PREVIEW_DIR);
const shotsAt = process.argv.indexOf('--shots');
if (shotsAt === -1) {
  console.log(`The preview is at ${server.url}/preview/index.html (Ctrl-C ends it)`);
} else {
  const browser = await chromium.launch(browserToUse());
  const count = await takeShots(browser, server.url, process.argv[shotsAt + 1] ?? '');
  await browser.close();
  await server.close();
  console.log(`${count} pictures are in ${SHOTS_DIR}`);
}
