import { defineConfig } from '@playwright/test';

/** End to end on the real app: real Electron, real ptys, real SQLite, a real province; two halls at a time. */
export default defineConfig({
  testDir: 'test/e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'test-results/e2e',
  // Each hall is a world of its own, and a test mostly waits for what a citizen would wait for.
  workers: 2,
  fullyParallel: true,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
});
