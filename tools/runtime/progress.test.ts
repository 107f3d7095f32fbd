import { expect, test } from 'vitest';
import { barLine, createProgress } from './progress.ts';

function screen(isTTY: boolean): {
  readonly text: () => string;
  readonly write: (text: string) => void;
  isTTY: boolean;
} {
  let all = '';
  return {
    isTTY,
    write: (text) => {
      all += text;
    },
    text: () => all,
  };
}

test('the bar says how much of how much', () => {
  expect(barLine('Fetching', 50e6, 200e6)).toBe('Fetching ██████··················  25 % (50 of 200 MB)');
  expect(barLine('Fetching', 0, 0)).toContain('  0 %');
  expect(barLine('Fetching', 300, 200)).toContain('100 %');
});

test('a terminal gets one line that moves and goes away', () => {
  const terminal = screen(true);
  const step = createProgress(terminal).step('Fetching');
  step.report(1e6, 4e6);
  step.report(1e6, 4e6);
  step.end();
  expect(terminal.text().match(/25 %/g)).toHaveLength(1);
  expect(terminal.text()).not.toContain('\n');
  expect(terminal.text().endsWith('\r\u001b[2K')).toBe(true);
});

test('a log file gets a handful of plain lines', () => {
  const log = screen(false);
  const step = createProgress(log).step('Fetching');
  for (let done = 0; done <= 100; done += 1) step.report(done, 100);
  step.end();
  expect(log.text()).toBe('Fetching …\nFetching: 25 %\nFetching: 50 %\nFetching: 75 %\nFetching: 100 %\n');
});
