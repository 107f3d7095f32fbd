import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readSimOptions } from './options.ts';
import { SIM_LINK_NAMES } from './wires.ts';

it('without a word is three counters over RateService, with a page, on this machine only', () => {
  expect(readSimOptions([])).toMatchObject({
    link: 'rate-service',
    counters: ['3', '4', '5'],
    counter: '3',
    host: '127.0.0.1',
    page: true,
    kiosk: false,
    script: false,
  });
});

const NAMES: readonly (readonly [string, string])[] = [
  ...SIM_LINK_NAMES.map((name) => [name, name] as const),
  ['http', 'http-push'],
  ['database', 'postgresql'],
];
it.each(NAMES)('--link %s is %s', (word, link) => expect(readSimOptions(['--link', word]).link).toBe(link));

it('is a whole hall when asked', () => {
  const words = '--link mqtt --counters 20 --counter 7 --script day --seed 9 --speed 600 --days 2 --no-page';
  expect(readSimOptions(words.split(' '))).toMatchObject({
    counter: '7',
    script: true,
    seed: 9,
    speed: 600,
    days: 2,
    page: false,
  });
  expect(readSimOptions(words.split(' ')).counters).toHaveLength(20);
});

it.each([
  ['--link fax', /没有名为 fax 的接口.*rate-service\|mqtt\|http-push\|http-poll\|pad/s],
  ['--script night', /没有名为 night 的脚本，只有 day/],
  ['--counters 0', /--counters 0 应为 1 到 100 的整数/],
  ['--counters many', /--counters many 应为 1 到 100 的整数/],
  ['--counter 9', /没有 9 号窗口；有 3、4、5/],
  ['--port 70000', /--port 70000 应为 0 到 65535 的整数/],
  ['--script day --speed 1.5', /--speed 1.5 应为 1 到 10000 的整数/],
  ['--days -1', /--days.*--link NAME/s],
  ['--lnik mqtt', /--lnik.*--link NAME/s],
  ['mqtt', /mqtt.*--link NAME/s],
  ['--link', /--link.*--link NAME/s],
])('%s is refused, and the remedy is named', (words, problem) => {
  expect(() => readSimOptions(words.split(' '))).toThrow(problem);
});

it('names only commands that there are', () => {
  const root = join(import.meta.dirname, '../..');
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const words = ['cli.ts', 'options.ts'].map((name) => readFileSync(join(import.meta.dirname, name), 'utf8'));
  const named = [...words.join('\n').matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name);
  expect(named).toContain('preflight');
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named));
});
