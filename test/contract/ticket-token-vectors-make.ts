/**
 * Writes test/fixtures/ticket-token-vectors.json anew: `node test/contract/ticket-token-vectors-make.ts`. Only for a new
 * format. The private keys are made here, used once and forgotten, so the vectors can be checked and never added to.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSigner, makePrivateKey } from '../../src/shared/journal/suites.ts';
import { SUITE_OF, TOKEN_ALGORITHMS, type TokenAlgorithm } from '../../src/shared/ticket-token/claims.ts';
import type { TokenReason } from '../../src/shared/words.ts';
import { signCompact } from '../../tools/ticket-token/sign.ts';

const NOW_S = Date.UTC(2026, 4, 6, 2, 0, 0) / 1000;
const HALL = 'yunxi';
const COUNTER = '3';
const SERVICE_KEY = 'yunxi/2026-05-06/%E7%A4%BE%E4%BC~0ef0021f967ca848/A001/77/3/1';

const payload = {
  iss: '云溪叫号系统',
  aud: `yiping:${HALL}/${COUNTER}`,
  jti: 'wq3kD0vX5mB7s2LhYtR9aQ',
  iat: NOW_S,
  exp: NOW_S + 300,
  ticket: { number: 'A001', queue: '社会保险', serial: '77', date: '2026-05-06', handling: 1 },
};

async function vectorOf(algorithm: TokenAlgorithm) {
  const signer = await loadSigner(SUITE_OF[algorithm], await makePrivateKey(SUITE_OF[algorithm]));
  const other = await loadSigner(SUITE_OF[algorithm], await makePrivateKey(SUITE_OF[algorithm]));
  const header = { alg: algorithm, kid: 'queue-1', typ: 'yiping-ticket+jwt' };
  const token = signCompact(signer, header, payload);
  const [head = '', body = '', signature = ''] = token.split('.');
  const none = Buffer.from(JSON.stringify({ ...header, alg: 'none' })).toString('base64url');
  const said = (change: object) => signCompact(signer, header, { ...payload, ...change });
  const refused: readonly { readonly reason: TokenReason; readonly what: string; readonly token: string }[] =
    [
      { reason: 'forged', what: 'signed by another key', token: signCompact(other, header, payload) },
      {
        reason: 'malformed',
        what: 'a key in the header',
        token: signCompact(other, { ...header, jwk: { kty: 'OKP' } }, payload),
      },
      { reason: 'malformed', what: 'alg none, no signature', token: `${none}.${body}.` },
      { reason: 'malformed', what: 'padding', token: `${head}.${body}.${signature}==` },
      {
        reason: 'unknownKey',
        what: 'a key that nobody registered',
        token: signCompact(signer, { ...header, kid: 'queue-2' }, payload),
      },
      { reason: 'otherCounter', what: 'for counter 4', token: said({ aud: `yiping:${HALL}/4` }) },
      {
        reason: 'otherTicket',
        what: 'of ticket A002',
        token: said({ ticket: { ...payload.ticket, number: 'A002' } }),
      },
      { reason: 'expired', what: 'ten minutes old', token: said({ iat: NOW_S - 600, exp: NOW_S - 300 }) },
      { reason: 'notYet', what: 'of in ten minutes', token: said({ iat: NOW_S + 600, exp: NOW_S + 900 }) },
      { reason: 'malformed', what: 'living for an hour', token: said({ exp: NOW_S + 3600 }) },
    ];
  return {
    algorithm,
    key: { id: 'queue-1', algorithm, publicKey: Buffer.from(signer.publicKey).toString('base64') },
    header: JSON.stringify(header),
    payload: JSON.stringify(payload),
    token,
    refused,
  };
}

const vectors = {
  hall: HALL,
  counter: COUNTER,
  serviceKey: SERVICE_KEY,
  nowMs: NOW_S * 1000,
  vectors: await Promise.all(TOKEN_ALGORITHMS.map(vectorOf)),
};
writeFileSync(
  join(import.meta.dirname, '../fixtures/ticket-token-vectors.json'),
  `${JSON.stringify(vectors, null, 2)}\n`,
);
