import { expect, it } from 'vitest';
import { parseConfig } from './config.ts';
import { shownValue } from './config-shown.ts';

const SECRET = 'S3cret-Pw';
const site = (over: object) => ({
  device: 'hall-01-c12',
  hall: { id: 'h', name: { 'zh-CN': '厅' } },
  counter: { number: '12' },
  ...over,
});

/** All that a refusal says; the names of fields are no secret. */
function refusal(text: string): string {
  const result = parseConfig(text, 'kiosk.json');
  if (result.ok) throw new Error('taken');
  return JSON.stringify(result.problems);
}

it.each<[string, object]>([
  ['a field that is not ours', { queue: [{ kind: 'mqtt', url: 'mqtt://10.0.0.5', password: SECRET }] }],
  ['a block with another fault', { queue: [{ kind: 'database', user: 'q', password: SECRET }] }],
  ['an address', { queue: [{ kind: 'mqtt', url: `mqtt://kiosk:${SECRET}@10.0.0.5:1883` }] }],
  ['an address without a scheme', { queue: [{ kind: 'mqtt', url: `kiosk:${SECRET}@10.0.0.5:1883` }] }],
  ['an address with signs in it', { queue: [{ kind: 'mqtt', url: `mqtt://k:a@b/${SECRET} c?@10.0.0.5` }] }],
  ['the query of an address', { queue: [{ kind: 'rate-service', url: `ftp://10.0.0.5/?t=${SECRET}` }] }],
  ['the address of the province', { province: { url: `https://me:${SECRET}@pj.example/api` } }],
  ['text around an address', { device: `see ws://a:${SECRET}@b for more` }],
  ['a field of its own', { password: SECRET, device: '!' }],
  ['a list', { device: [SECRET] }],
  ['a list of keys', { ticketTokens: { keys: [SECRET] } }],
  ['a connection string', { queue: [`Server=10.0.0.5;Pwd=${SECRET};Uid=x`] }],
  ['settings with names of their own', { device: `host=10.0.0.5 db_password=${SECRET}` }],
  ['settings behind a comma', { device: `jdbc:mysql://10.0.0.5/db,access_token=${SECRET}` }],
  ['the end of an address', { province: { url: `ftp://pj.example/api#access_token=${SECRET}` } }],
  ['a text that should be a field', { device: `{"password":"${SECRET}"}` }],
  ['words', { device: `password: ${SECRET}` }],
  ['Chinese words', { device: `host=10.0.0.5 密码=${SECRET}` }],
  ['a header', { device: `Authorization: Bearer ${SECRET}` }],
  ['a text in the place of a block', { staff: SECRET }],
  ['a connection string in words', { queue: [`host=10.0.0.5 user=a password=${SECRET}`] }],
  [
    'an address with settings behind it',
    { province: { url: `jdbc:mysql://10.0.0.5/db;password=${SECRET}` } },
  ],
  ['a kind that does not fit', { queue: { password: SECRET } }],
])('a password is not said again: in %s', (_what, over) => {
  expect(refusal(JSON.stringify(site(over)))).not.toContain(SECRET);
});

it.each([
  `{"queue":[{"password":"${SECRET}" "a":1}]}`,
  `{"queue":\n[{"password":${SECRET}}]}`,
  `{"password":"${SECRET}`,
  `{"password":"${SECRET}\n"}`,
  `${SECRET}`,
])('a file that is no JSON is not quoted: %j', (text) => {
  const said = refusal(text);
  for (let at = 0; at + 4 <= SECRET.length; at++) expect(said).not.toContain(SECRET.slice(at, at + 4));
});

it('the line of what is no JSON is named', () => {
  expect(refusal('{\n"a":1,\n"device": x1,\n"c":[]}')).toContain('第 3 行');
  expect(refusal('{\n"a":1\n"device": 1}')).toContain('第 3 行');
});

it.each<[unknown, string | undefined, string]>([
  [undefined, undefined, '未填写'],
  [null, 'password', 'null'],
  [12, 'number', '12'],
  ['Mars', 'timezone', '"Mars"'],
  ['12345678', 'password', '（不显示）'],
  ['AAAA', 'publicKey', '"AAAA"'],
  ['https://pj.example/api', 'url', '"https://pj.example/api"'],
  ['hall;01', 'device', '"hall;01"'],
  ['Server=h;Pwd=x', 'url', '"Server=h;…"'],
  ['mqtt://kiosk:pw@10.0.0.5:1883', 'url', '"mqtt://…@10.0.0.5:1883"'],
  ['mqtt://kiosk:p@w@10.0.0.5:1883', 'url', '"mqtt://…@10.0.0.5:1883"'],
  [{ kind: 'mqtt', password: 'x' }, undefined, '{kind, password}'],
  [[1, 2], undefined, '[2 项]'],
])('%j in %s is shown as %s', (value, field, shown) => {
  expect(shownValue(value, field)).toBe(shown);
});
