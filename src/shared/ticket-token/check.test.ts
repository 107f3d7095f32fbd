import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createTokenSigner, type ServedTicket, signCompact } from '../../../tools/ticket-token/sign.ts';
import type { Signer } from '../journal/suite.ts';
import { loadSigner, makePrivateKey } from '../journal/suites.ts';
import { serviceKeyOf, ticketKeyOf } from '../ticket-identity.ts';
import { checkTicketToken, type TrustedKey } from './check.ts';
import { SUITE_OF, TOKEN_ALGORITHMS, TOKEN_TYPE, type TokenAlgorithm } from './claims.ts';
import { hasDuplicateMember } from './compact-jws.ts';
import { loadTokenKeys, TokenKeysSchema } from './keys.ts';

const NOW_MS = Date.UTC(2026, 4, 6, 2, 0, 0);
const HALL = '云溪/1';
const COUNTER = '3~a';
const TICKET: ServedTicket = {
  counter: COUNTER,
  number: 'A001',
  queue: '社会保险',
  serial: '77',
  date: '2026-05-06',
  handling: 2,
};
const SERVICE = serviceKeyOf({
  ticketKey: ticketKeyOf({
    hall: HALL,
    businessDate: '2026-05-06',
    queue: '社会保险',
    number: 'A001',
    serial: '77',
  }),
  counter: COUNTER,
  handling: 2,
});

async function keyOf(algorithm: TokenAlgorithm, id: string) {
  const privateKeyPem = await makePrivateKey(SUITE_OF[algorithm]);
  const signer = await loadSigner(SUITE_OF[algorithm], privateKeyPem);
  const tokens = await createTokenSigner({
    key: { id, algorithm, privateKeyPem },
    issuer: 'queue system of a test',
    hall: HALL,
    nowMs: () => NOW_MS,
  });
  const loaded = await loadTokenKeys([{ id, algorithm, publicKey: tokens.publicKey }]);
  if (!loaded.ok) throw new Error(loaded.id);
  return { signer, tokens, trusted: loaded.keys };
}

const partsOf = (token: string) => token.split('.') as [string, string, string];
const encoded = (json: string) => Buffer.from(json).toString('base64url');

describe.each(TOKEN_ALGORITHMS)('a token signed by %s', (algorithm) => {
  let key: Awaited<ReturnType<typeof keyOf>>;
  let keys: readonly TrustedKey[];
  beforeAll(async () => {
    key = await keyOf(algorithm, 'q1');
    const other = await keyOf(algorithm === 'EdDSA' ? 'SM2' : 'EdDSA', 'q2');
    keys = [...key.trusted, ...other.trusted];
  });

  const check = (text: string, at: Partial<Parameters<typeof checkTicketToken>[1]> = {}) => {
    const proof = checkTicketToken(text, {
      keys,
      hall: HALL,
      counter: COUNTER,
      serviceKey: SERVICE,
      nowMs: NOW_MS,
      ...at,
    });
    return proof.ok ? 'valid' : proof.reason;
  };
  const header = (over: object = {}) => ({ alg: algorithm, kid: 'q1', typ: TOKEN_TYPE, ...over });
  const honest = () => JSON.parse(Buffer.from(partsOf(key.tokens.sign(TICKET))[1], 'base64url').toString());
  const signed = (payload: object, over: object = {}) => signCompact(key.signer, header(over), payload);
  /** Signed over exactly this text, however odd. */
  const signedText = (head: string, payload: string, signer: Signer = key.signer) => {
    const text = `${encoded(head)}.${encoded(payload)}`;
    return `${text}.${Buffer.from(signer.sign(Buffer.from(text))).toString('base64url')}`;
  };

  it('proves its ticket at its counter while it lives', () => {
    const token = key.tokens.sign(TICKET);
    expect(check(token)).toBe('valid');
    expect(check(token, { nowMs: NOW_MS + 359_999 })).toBe('valid');
    expect(check(token, { nowMs: NOW_MS + 360_000 })).toBe('expired');
    expect(check(token, { nowMs: NOW_MS - 60_000 })).toBe('valid');
    expect(check(token, { nowMs: NOW_MS - 60_001 })).toBe('notYet');
    expect(check(token, { counter: '4' })).toBe('otherCounter');
    expect(check(token, { hall: '云溪' })).toBe('otherCounter');
    expect(check(key.tokens.sign({ ...TICKET, number: 'A002' }))).toBe('otherTicket');
    expect(check(key.tokens.sign({ ...TICKET, handling: 1 }))).toBe('otherTicket');
    expect(check(key.tokens.sign({ ...TICKET, date: '2026-05-05' }))).toBe('otherTicket');
    expect(check(token, { keys: [] })).toBe('unknownKey');
  });

  it('is refused when a character of it is another', () => {
    const token = key.tokens.sign(TICKET);
    const alphabet = 'ABCXYZabcxyz0189-_.=+/ \n"é';
    fc.assert(
      fc.property(fc.nat(token.length - 1), fc.constantFrom(...alphabet), (at, character) => {
        fc.pre(token[at] !== character);
        expect(check(token.slice(0, at) + character + token.slice(at + 1))).not.toBe('valid');
      }),
      { numRuns: 80 },
    );
    expect(check(token.slice(0, -1))).not.toBe('valid');
    expect(check(`${token}=`)).toBe('malformed');
    expect(check(`${token}.`)).toBe('malformed');
    expect(check(` ${token}`)).toBe('malformed');
    expect(check(`${token}\n`)).toBe('malformed');
  });

  it('takes its algorithm from the site’s key and never from itself', async () => {
    const payload = honest();
    const mallory = await keyOf(algorithm, 'q1');
    for (const alg of ['none', 'None', 'HS256', 'ES256', '', undefined])
      expect(check(signed(payload, { alg }))).toBe('malformed');
    const [head, body] = partsOf(signed(payload, { alg: 'none' }));
    expect(check(`${head}.${body}.`)).toBe('malformed');
    // The other algorithm's name over a good signature, and the other key's name.
    expect(check(signed(payload, { alg: algorithm === 'EdDSA' ? 'SM2' : 'EdDSA' }))).toBe('forged');
    expect(check(signed(payload, { kid: 'q2' }))).toBe('forged');
    expect(check(signed(payload, { kid: 'q2', alg: algorithm === 'EdDSA' ? 'SM2' : 'EdDSA' }))).toBe(
      'forged',
    );
    expect(check(mallory.tokens.sign(TICKET))).toBe('forged');
    expect(
      check(`${partsOf(key.tokens.sign(TICKET)).slice(0, 2).join('.')}.${encoded('x'.repeat(64))}`),
    ).toBe('forged');
    for (const extra of [
      { jwk: { kty: 'OKP', crv: 'Ed25519', x: key.tokens.publicKey } },
      { jku: 'https://q.example/keys' },
      { x5u: 'https://q.example/cert' },
      { x5c: [key.tokens.publicKey] },
      { crit: ['exp'] },
      { b64: false },
      { zip: 'DEF' },
      { typ: 'JWT' },
      { typ: undefined },
      { kid: undefined },
    ])
      expect(check(signed(payload, extra))).toBe('malformed');
  });

  it('has one spelling: no duplicate member, no loose base64url, no byte too many', () => {
    const head = JSON.stringify(header());
    const payload = JSON.stringify(honest());
    expect(check(signedText(head, payload))).toBe('valid');
    const spaced = JSON.stringify(honest(), null, 2).replace('A001', '\\u0041001');
    expect(check(signedText(head, spaced))).toBe('valid');
    expect(check(signedText(head.replace('{', '{"alg":"none",'), payload))).toBe('malformed');
    expect(check(signedText(head, payload.replace('{', '{"iss":"x",')))).toBe('malformed');
    expect(check(signedText(head, payload.replace('{', '{"\\u0069ss":"x",')))).toBe('malformed');
    expect(check(signedText(head, payload.replace('"number":', '"number":"B1","number":')))).toBe(
      'malformed',
    );
    expect(check(signedText(head, payload.replace('{', '{"__proto__":{},')))).toBe('malformed');
    expect(check(signedText(head, payload.replace('{', '{"nbf":1,')))).toBe('malformed');
    expect(check(signedText(head, `[${payload}]`))).toBe('malformed');
    expect(check(signedText(head, payload.replace('queue system', 'x'.repeat(4000))))).toBe('malformed');
    const loose = Buffer.from(payload);
    loose[loose.indexOf('queue system')] = 0xff;
    const text = `${encoded(head)}.${loose.toString('base64url')}`;
    expect(check(`${text}.${key.signer.sign(Buffer.from(text)).toString('base64url')}`)).toBe('malformed');
  });

  it('lives fifteen minutes at the most, and its claims are bounded', () => {
    const payload = honest();
    const { iat } = payload;
    expect(check(signed({ ...payload, exp: iat + 900 }))).toBe('valid');
    for (const wrong of [
      { exp: iat + 901 },
      { exp: iat },
      { exp: iat - 1 },
      { iat: String(iat) },
      { iat: iat + 0.5 },
      { exp: 1e300 },
      { jti: 'short' },
      { jti: undefined },
      { aud: undefined },
      { aud: [payload.aud] },
      { iss: '' },
      { ticket: { ...payload.ticket, handling: 0 } },
      { ticket: { ...payload.ticket, date: '2026-02-30' } },
      { ticket: { ...payload.ticket, number: '' } },
      { ticket: { ...payload.ticket, level: 5 } },
      { ticket: undefined },
    ])
      expect(check(signed({ ...payload, ...wrong }))).toBe('malformed');
    for (const aud of ['yiping:%E4/3', 'yiping:a/b/c', 'yiping:/', `x${payload.aud}`, '3'])
      expect(check(signed({ ...payload, aud }))).toBe('otherCounter');
  });

  it('is refused and nothing worse, whatever comes in its place', () => {
    const piece = fc.oneof(fc.string(), fc.base64String(), fc.json().map(encoded));
    const token = fc.oneof(
      fc.string(),
      fc.tuple(piece, piece, piece).map((three) => three.join('.')),
    );
    fc.assert(
      fc.property(token, (text) => {
        expect(check(text)).not.toBe('valid');
      }),
      { numRuns: 300 },
    );
    expect(check('a'.repeat(5000))).toBe('malformed');
    expect(check(signedText(`${'{"a":'.repeat(500)}1${'}'.repeat(500)}`, '{}'))).toBe('malformed');
  });
});

it('members of one name are found at any depth, and names in text or in other objects are none', () => {
  for (const json of ['{"a":1,"a":2}', '{"x":[{"b":{"a":1,"\\u0061":2}}]}', '[{"a":{}, "a" : []}]'])
    expect(hasDuplicateMember(json)).toBe(true);
  for (const json of ['{"a":"a","b":{"a":1},"c":[{"a":1},{"a":2}]}', '{"a":"{\\"a\\":1,\\"a\\":2}"}', '"a"'])
    expect(hasDuplicateMember(json)).toBe(false);
});

describe('the keys of a site', () => {
  const key = (over: object) => [
    { id: 'q1', algorithm: 'EdDSA', publicKey: randomBytes(32).toString('base64'), ...over },
  ];
  it('are refused where they would let anybody sign, or cannot be told apart', () => {
    expect(TokenKeysSchema.safeParse(key({})).success).toBe(true);
    for (const hex of ['00'.repeat(32), `${'00'.repeat(31)}80`, `01${'00'.repeat(31)}`, '00'.repeat(31)])
      expect(
        TokenKeysSchema.safeParse(key({ publicKey: Buffer.from(hex, 'hex').toString('base64') })).success,
      ).toBe(false);
    expect(TokenKeysSchema.safeParse([...key({}), ...key({})]).success).toBe(false);
    expect(TokenKeysSchema.safeParse(key({ algorithm: 'SM2' })).success).toBe(false);
    expect(TokenKeysSchema.safeParse(key({ algorithm: 'none' })).success).toBe(false);
  });

  it('of SM2 must be a point of the curve', async () => {
    const publicKey = Buffer.concat([Buffer.from([4]), Buffer.alloc(64, 1)]).toString('base64');
    expect(await loadTokenKeys([{ id: 'q1', algorithm: 'SM2', publicKey }])).toEqual({ ok: false, id: 'q1' });
  });
});
