import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from './config.ts';

const WHOLE = {
  device: 'yunxi-3',
  hall: { id: 'yunxi', name: { 'zh-CN': '云溪市政务服务中心' } },
  counter: { number: '3' },
};

function problemsOf(value: unknown) {
  const result = parseConfig(JSON.stringify(value), 'kiosk.json');
  if (result.ok) throw new Error('taken');
  return result.problems;
}

const raw = (bytes: number, fill: number) => Buffer.alloc(bytes, fill).toString('base64');
const tokenKey = (over: object = {}) => ({ id: 'q1', algorithm: 'EdDSA', publicKey: raw(32, 9), ...over });

describe('settings', () => {
  it('need no more than who, where and which counter', () => {
    const result = parseConfig(JSON.stringify(WHOLE), 'kiosk.json');
    expect(result).toMatchObject({
      ok: true,
      config: {
        locale: 'zh-CN',
        timezone: 'Asia/Shanghai',
        queue: [],
        buttons: [],
        delays: { chosen: 3000 },
      },
    });
  });

  it.each([
    ['an absent field', { ...WHOLE, device: undefined }, 'device', '未填写'],
    ['a wrong kind', { ...WHOLE, counter: { number: 3 } }, 'counter.number', '3'],
    ['a field nobody knows', { ...WHOLE, contour: 1 }, '(whole file)', 'device'],
    [
      'a queue link of no known make',
      { ...WHOLE, queue: [{ kind: 'telepathy' }] },
      'queue.0.kind',
      'telepathy',
    ],
    ['an address that is none', { ...WHOLE, province: { url: 'pj.example' } }, 'province.url', 'pj.example'],
    [
      'an address with a path',
      { ...WHOLE, province: { url: 'https://pj.example/api' } },
      'province.url',
      '/api',
    ],
    ['a time zone that is none', { ...WHOLE, timezone: 'Mars' }, 'timezone', 'Mars'],
    ['a delay nobody can meet', { ...WHOLE, delays: { chosen: 1 } }, 'delays.chosen', '1'],
  ])('name %s: where it stands, what stands there, what is allowed', (_what, value, where, what) => {
    const problems = problemsOf(value);
    const problem = problems.find((one) => one.where.endsWith(where));
    expect(problem?.what).toContain(what);
    expect(problem?.allowed.length).toBeGreaterThan(5);
  });

  it.each([
    ['no key at all', []],
    ['one id for two keys', [1, 2].map((byte) => tokenKey({ publicKey: raw(32, byte) }))],
    ['a key under which anybody can sign', [tokenKey({ publicKey: raw(32, 0) })]],
    ['a key of the other algorithm', [tokenKey({ algorithm: 'SM2' })]],
  ])('refuse %s for served-ticket tokens', (_what, keys) => {
    expect(parseConfig(JSON.stringify({ ...WHOLE, ticketTokens: { keys: [tokenKey()] } }), 'k').ok).toBe(
      true,
    );
    expect(problemsOf({ ...WHOLE, ticketTokens: { keys } })[0]?.where).toContain('ticketTokens.keys');
  });

  it('give no level to a key by themselves', () => {
    const box = { model: 'ff68', path: '/dev/ttyS0', address: 129, acknowledge: 'A' };
    expect(problemsOf({ ...WHOLE, buttons: [box] })[0]?.where).toContain('buttons.0.levels');
  });

  it('may begin with the sign that editors of Windows put there', () => {
    expect(parseConfig(`\uFEFF${JSON.stringify(WHOLE)}`, 'kiosk.json').ok).toBe(true);
  });

  it('name every problem at once, so that a technician comes only once', () => {
    expect(problemsOf({ ...WHOLE, device: '!', locale: 'fr', timezone: 'Mars' })).toHaveLength(3);
  });

  it.each([
    ['ed25519-sha256', 32],
    ['sm2-sm3', 65],
  ] as const)('with suite %s seal to a key of %i bytes, and to no other', (suite, bytes) => {
    const settings = (key: Buffer) => ({
      ...WHOLE,
      suite,
      province: {
        url: 'https://pj.example.gov.cn',
        sealTo: { id: 'province-2026', publicKey: key.toString('base64') },
      },
    });
    expect(parseConfig(JSON.stringify(settings(Buffer.alloc(bytes, 4))), 'kiosk.json')).toMatchObject({
      ok: true,
      config: { suite, province: { sealTo: { id: 'province-2026' } } },
    });
    for (const wrong of [Buffer.alloc(bytes - 1, 4), Buffer.alloc(97 - bytes, 4), Buffer.alloc(bytes)])
      expect(problemsOf(settings(wrong))).toMatchObject([
        {
          where: expect.stringContaining('province.sealTo.publicKey'),
          allowed: expect.stringContaining(suite),
        },
      ]);
  });

  it('that are no JSON, or are not there, are said to be so', () => {
    expect(parseConfig('{', 'kiosk.json')).toMatchObject({ ok: false, problems: [{ where: 'kiosk.json' }] });
    expect(readConfig('/nowhere/kiosk.json')).toMatchObject({
      ok: false,
      problems: [{ where: '/nowhere/kiosk.json', what: expect.stringContaining('ENOENT') }],
    });
  });
});
