import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countsOfPlaywright, countsOfVitest, NOTHING, serversOfVitest, sum } from './counts.ts';

describe('what is said at the end of npm test', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'yiping-counts-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const reported = (value: unknown) => {
    const file = join(folder, 'report.json');
    writeFileSync(file, JSON.stringify(value));
    return file;
  };

  it('names each failed test with its reason, without colours', () => {
    const counts = countsOfVitest(
      reported({
        numPassedTests: 1,
        numFailedTests: 1,
        testResults: [
          {
            name: 'a.test.ts',
            status: 'failed',
            assertionResults: [
              { status: 'passed', fullName: 'is fine' },
              {
                status: 'failed',
                fullName: 'counts',
                failureMessages: ['\u001b[31mexpected 1\u001b[0m\n  at a:3'],
              },
            ],
          },
        ],
      }),
    );
    expect(counts).toMatchObject({ passed: 1, failed: 1 });
    expect(counts.failures).toEqual(['✗ a.test.ts › counts\n    expected 1\n      at a:3']);
  });

  it('names the real servers of the tests that passed, each once', () => {
    const ran = (fullName: string, status = 'passed') => ({ fullName, status });
    const file = reported({
      testResults: [
        {
          assertionResults: [
            ran('mqtt through mosquitto 2.0.11: keeps'),
            ran('mqtt through mosquitto 2.0.11: comes back'),
          ],
        },
        {
          assertionResults: [
            ran('database, PostgreSQL 15.18, TLS: x'),
            ran('database, MariaDB 10.11.19, TLS: x', 'failed'),
          ],
        },
        { assertionResults: [ran('says why PostgreSQL refuses')] },
      ],
    });
    expect(serversOfVitest(file)).toEqual(['PostgreSQL 15.18', 'mosquitto 2.0.11']);
  });

  it('names a file that could not be read', () => {
    const { failures } = countsOfVitest(
      reported({
        testResults: [
          { name: 'b.test.ts', status: 'failed', message: 'no such module', assertionResults: [] },
        ],
      }),
    );
    expect(failures).toEqual(['✗ b.test.ts\n    no such module']);
  });

  it('finds failed pages however deep they are described', () => {
    const { failures } = countsOfPlaywright(
      reported({
        stats: { expected: 3, unexpected: 1, flaky: 0 },
        suites: [
          {
            suites: [
              {
                specs: [
                  {
                    file: 'c.spec.ts',
                    title: 'is calm',
                    tests: [{ status: 'unexpected', results: [{ errors: [{ message: 'it is not' }] }] }],
                  },
                ],
              },
            ],
          },
        ],
      }),
    );
    expect(failures).toEqual(['✗ c.spec.ts › is calm\n    it is not']);
  });

  it('a runner without a report has counted nothing', () => {
    expect(sum(countsOfVitest(join(folder, 'none.json')), NOTHING)).toEqual(NOTHING);
  });
});
