import { readFileSync } from 'node:fs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
}

export const NOTHING: Counts = { passed: 0, failed: 0 };

export function sum(a: Counts, b: Counts): Counts {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed };
}

/** No report at all means that the runner did not come to its end. */
function read(file: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}

export function countsOfVitest(file: string): Counts {
  const report = read(file);
  return { passed: number(report['numPassedTests']), failed: number(report['numFailedTests']) };
}

export function countsOfPlaywright(file: string): Counts {
  const stats = (read(file)['stats'] ?? {}) as Record<string, unknown>;
  return { passed: number(stats['expected']), failed: number(stats['unexpected']) + number(stats['flaky']) };
}

/** What was skipped, loudly, counts nothing. */
export function countsOfHardware(file: string): Counts {
  const report = read(file);
  return { passed: number(report['passed']), failed: number(report['failed']) };
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
