import { expect, test } from 'vitest';
import { nodeProblem } from './preflight.ts';

test('Node 24 and newer are fine', () => {
  expect(nodeProblem('24.0.0')).toBeUndefined();
  expect(nodeProblem('26.1.2')).toBeUndefined();
});

test('an older Node is told to be started through npm', () => {
  expect(nodeProblem('20.19.0')).toContain('npm start');
});
