import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from './config.ts';
import { readableRule } from './config-rules.ts';

const src = fileURLToPath(new URL('..', import.meta.url));

/** Where the rules of a settings file are stated; those of boxes are held to in src/device. */
const STATED_IN = [
  'core/config.ts',
  'shared/words.ts',
  'shared/sealing/sealed.ts',
  'shared/ticket-token/keys.ts',
  'shared/ticket-token/claims.ts',
  ...globSync('queue/*/settings.ts', { cwd: src }),
];

function statedRules(): readonly string[] {
  return STATED_IN.map((name) => readFileSync(join(src, name), 'utf8'))
    .map((text) => text.replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, ''))
    .flatMap((text) =>
      [...text.matchAll(/'([^'\n]*)'|`([^`\n]*)`/g)].map(([, one, filled]) => one ?? filled ?? ''),
    )
    .filter((text) => /\bmust\b|^a readable settings|^a settings file|^JSON;/.test(text))
    .map((text) =>
      text
        .replace(/\$\{both\}/g, 'buttons.0 (ff68:81@ttyS0) and buttons.1 (ff68:81@ttyS0) are in one place')
        .replace(/\$\{[^}]*\}/g, '32'),
    );
}

const WHOLE = {
  device: 'yunxi-3',
  hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心' } },
  counter: { number: '3' },
};

const rulesBroken = (value: unknown): readonly string[] => {
  const read = parseConfig(JSON.stringify(value), 'kiosk.json');
  return read.ok ? [] : read.problems.map(({ allowed }) => allowed);
};

describe('the rules of kiosk.json', () => {
  it('are there', () => expect(statedRules().length).toBeGreaterThan(35));

  it.each([...new Set(statedRules())])('%s – is there in Chinese, with its English behind', (rule) => {
    const readable = readableRule(rule);
    expect(readable).toMatch(/^.*[\u4e00-\u9fff].*（.*）$/);
    expect(readable).not.toMatch(/\$\d/);
    expect(readable.endsWith(`（${rule}）`)).toBe(true);
  });

  it.each<readonly [string, unknown]>([
    ['nothing at all', {}],
    ['every field of another kind', Object.fromEntries(Object.keys(WHOLE).map((name) => [name, 3]))],
    ['a field nobody knows', { ...WHOLE, contour: 1 }],
    ['a queue system of no known make', { ...WHOLE, queue: [{ kind: 'telepathy' }] }],
    ['a queue system of which nothing is said', { ...WHOLE, queue: [{}] }],
    ['an algorithm nobody knows', { ...WHOLE, suite: 'rot13' }],
    [
      'numbers out of bounds',
      { ...WHOLE, retentionDays: 1, delays: { chosen: 1, thanks: 1e9, details: 0.5 } },
    ],
    ['texts out of bounds', { ...WHOLE, hall: { id: '', name: { 'zh-CN': '好'.repeat(500) } } }],
    ['too many boxes', { ...WHOLE, buttons: Array(5).fill({}) }],
    [
      'a key that is no base64',
      { ...WHOLE, province: { url: 'https://p.cn', sealTo: { id: 'k', publicKey: '%' } } },
    ],
    ['an address that is none', { ...WHOLE, pairing: { searchFrom: 'here' } }],
    ['a list of another kind', []],
    ...['rate-service', 'http-push', 'http-poll', 'pad', 'database', 'mqtt', 'manual', 'ff68-caller'].map(
      (kind) => [`${kind} without its fields`, { ...WHOLE, queue: [{ kind, contour: 1 }] }] as const,
    ),
  ])('are read in Chinese for %s', (_what, value) => {
    const rules = rulesBroken(value);
    expect(rules.length).toBeGreaterThan(0);
    for (const rule of rules) expect(rule).toMatch(/[\u4e00-\u9fff].*（.*）$/);
  });

  it('say of what is absent that it is, and what it should be', () => {
    const read = parseConfig(JSON.stringify({ ...WHOLE, device: undefined }), 'kiosk.json');
    expect(read).toMatchObject({
      ok: false,
      problems: [
        {
          where: 'kiosk.json › device',
          what: '未填写',
          allowed: '缺少此项，应为 string（Invalid input: expected string, received undefined）',
        },
      ],
    });
  });

  it('name a file that cannot be read or is no JSON, and what to do', () => {
    const allowed = [parseConfig('{', 'k'), readConfig('/nowhere/kiosk.json')].flatMap((read) =>
      read.ok ? [] : read.problems.map((problem) => problem.allowed),
    );
    expect(allowed).toEqual([
      expect.stringContaining('docs/configuration.md'),
      expect.stringContaining('请新建一个'),
    ]);
  });
});
