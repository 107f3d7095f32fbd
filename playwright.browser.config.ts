import { defineConfig } from '@playwright/test';
import { browserToUse } from './tools/preview/browser.ts';

/** Looks at the built screens in a browser, without Electron: part of `npm run check`. */
export default defineConfig({
  testDir: 'test/browser',
  globalSetup: './test/browser/build.ts',
  outputDir: 'test-results/browser',
  fullyParallel: true,
  workers: 2,
  forbidOnly: true,
  reporter: [['list']],
  projects: [{ name: 'browser', use: { browserName: 'chromium', launchOptions: browserToUse() } }],
});
