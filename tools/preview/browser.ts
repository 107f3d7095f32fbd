import { existsSync } from 'node:fs';
import type { LaunchOptions } from '@playwright/test';

const DEBIAN_CHROMIUM = '/usr/bin/chromium';

/**
 * Which browser looks at the pages: the one named in YIPING_CHROMIUM, else Debian's, else Playwright's own
 * (`npx playwright install chromium`).
 */
export function browserToUse(): LaunchOptions {
  const named = process.env['YIPING_CHROMIUM'];
  if (named !== undefined) return { executablePath: named };
  return existsSync(DEBIAN_CHROMIUM) ? { executablePath: DEBIAN_CHROMIUM } : {};
}
