import { readFileSync } from 'node:fs';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  /** What failed and how, a few lines each: said again at the very end, where nobody has to look for it. */
  readonly failures: readonly string[];
}

export const NOTHING: Counts = { passed: 0, failed: 0, failures: [] };

const SHOWN_LINES = 12;
const SHOWN_LINE_CHARS = 300;

export function sum(a: Counts, b: Counts): Counts {
  return {
    passed: a.passed + b.passed,
    failed: a.failed + b.failed,
    failures: [...a.failures, ...b.failures],
  };
}

/** No report at all means that the runner did not come to its end. */
function read(file: string): Record<string, unknown> {
  try {
    return record(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return {};
  }
}

export function countsOfVitest(file: string): Counts {
  const report = read(file);
  const failures = list(report['testResults']).flatMap((suite) => {
    const tests = list(suite['assertionResults'])
      .filter((test) => test['status'] === 'failed')
      .map((test) =>
        failure(`${text(suite['name'])} › ${text(test['fullName'])}`, items(test['failureMessages'])),
      );
    // A file that could not be read at all has no tests to fail.
    return tests.length === 0 && suite['status'] === 'failed'
      ? [failure(text(suite['name']), [suite['message']])]
      : tests;
  });
  return { passed: number(report['numPassedTests']), failed: number(report['numFailedTests']), failures };
}

const SERVER = /\b(?:mosquitto|PostgreSQL|MariaDB) \d+(?:\.\d+)+/g;

/** Which real servers the tests that passed ran on, as the servers named themselves: their tests bear it in their names. */
export function serversOfVitest(file: string): readonly string[] {
  const names = list(read(file)['testResults'])
    .flatMap((suite) => list(suite['assertionResults']))
    .filter((test) => test['status'] === 'passed')
    .flatMap((test) => text(test['fullName']).match(SERVER) ?? []);
  return [...new Set(names)].sort();
}

export function countsOfPlaywright(file: string): Counts {
  const report = read(file);
  const stats = record(report['stats']);
  return {
    passed: number(stats['expected']),
    failed: number(stats['unexpected']) + number(stats['flaky']),
    failures: list(report['suites']).flatMap(failuresOfSuite),
  };
}

function failuresOfSuite(suite: Record<string, unknown>): readonly string[] {
  const own = list(suite['specs']).flatMap((spec) =>
    list(spec['tests'])
      .filter((test) => test['status'] === 'unexpected' || test['status'] === 'flaky')
      .map((test) =>
        failure(
          `${text(spec['file'])} › ${text(spec['title'])}`,
          list(test['results']).flatMap((result) => list(result['errors']).map((error) => error['message'])),
        ),
      ),
  );
  return [...own, ...list(suite['suites']).flatMap(failuresOfSuite)];
}

/** What was skipped, loudly, counts nothing. */
export function countsOfHardware(file: string): Counts {
  const report = read(file);
  return {
    passed: number(report['passed']),
    failed: number(report['failed']),
    failures: number(report['failed']) > 0 ? ['devices on USB: see "not ok" or ✖ in that stage above'] : [],
  };
}

function failure(name: string, messages: readonly unknown[]): string {
  const said = messages
    .map(text)
    .join('\n')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: colours are of no use here
    .replace(/\u001b\[[0-9;]*m/g, '')
    .split('\n')
    .slice(0, SHOWN_LINES)
    .map((line) => `    ${line.slice(0, SHOWN_LINE_CHARS)}`);
  return [`✗ ${name}`, ...said].join('\n');
}

function number(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function items(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function list(value: unknown): readonly Record<string, unknown>[] {
  return items(value).map(record);
}
