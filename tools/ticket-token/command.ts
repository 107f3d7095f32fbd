import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadSigner, makePrivateKey } from '../../src/shared/journal/suites.ts';
import { serviceKeyOf, ticketKeyOf } from '../../src/shared/ticket-identity.ts';
import { checkTicketToken } from '../../src/shared/ticket-token/check.ts';
import { TokenClaimsSchema } from '../../src/shared/ticket-token/claims.ts';
import { loadTokenKeys, TokenKeysSchema } from '../../src/shared/ticket-token/keys.ts';
import type { TokenReason } from '../../src/shared/words.ts';
import { createTokenSigner, type ServedTicket } from './sign.ts';

/** `npm run ticket-token -- …`: what a queue vendor needs to begin with. docs/ticket-token.md. */
const USAGE = `ticket-token keygen --alg EdDSA|SM2 --kid NAME --out FILE
ticket-token sign   --alg EdDSA|SM2 --kid NAME --key FILE --hall ID TICKET [--issuer TEXT] [--lifetime SECONDS] [--id TEXT]
ticket-token verify --keys FILE --hall ID TICKET [--at UTC-MS] TOKEN

  TICKET     --counter NUMBER --number A001 --date 2026-05-06 [--queue TEXT] [--serial TEXT] [--handling 1]
  keygen     writes a private key (PKCS#8, PEM) and prints its public half: a list of one, as --keys and
             ticketTokens.keys of kiosk.json take it
  --key      the private key; --keys: a JSON list of public halves, ticketTokens.keys of kiosk.json
  --hall     hall.id of the tablet's settings, --counter its counter.number

Exit: 0 done, or the token proves the ticket · 1 it does not · 2 nothing that can be done so
`;

const OPTIONS = {
  alg: { type: 'string' },
  kid: { type: 'string' },
  key: { type: 'string' },
  keys: { type: 'string' },
  out: { type: 'string' },
  hall: { type: 'string' },
  issuer: { type: 'string', default: 'ticket-token' },
  lifetime: { type: 'string', default: '300' },
  id: { type: 'string' },
  at: { type: 'string' },
  counter: { type: 'string' },
  number: { type: 'string' },
  date: { type: 'string' },
  queue: { type: 'string', default: '' },
  serial: { type: 'string', default: '' },
  handling: { type: 'string', default: '1' },
} as const;

const AlgorithmSchema = z.enum(['EdDSA', 'SM2']);
const SUITES = { EdDSA: 'ed25519-sha256', SM2: 'sm2-sm3' } as const;

/** What a vendor does about each. */
const REMEDIES: Readonly<Record<TokenReason, string>> = {
  malformed: 'It is not built as docs/ticket-token.md says: header, claims, encoding, size or lifetime.',
  unknownKey: 'Its kid is the id of no key in the list. Register the public key with the site.',
  forged: 'The signature is not that of the key with this kid, or alg is not that key’s.',
  otherCounter: 'aud names another hall or counter.',
  otherTicket:
    'The ticket in it is another. Sign number, queue, serial, date and handling as the link sends them.',
  notYet: 'iat lies in the future. Set the clock of the machine that signs.',
  expired:
    'exp is over. Sign when the ticket is finished, not earlier; set the clock of the machine that signs.',
  replayed: 'Its jti has proven another service. Make a new one for each token.',
};

export interface CommandResult {
  readonly code: 0 | 1 | 2;
  readonly out: string;
}

export async function runTicketTokenCommand(argv: readonly string[], nowMs: number): Promise<CommandResult> {
  try {
    const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
    const [verb, token] = positionals;
    if (verb === 'keygen') return await keygen(values);
    if (verb === 'sign') return await sign(values, nowMs);
    if (verb === 'verify') return await verify(values, token, nowMs);
    return { code: 2, out: USAGE };
  } catch (error) {
    return { code: 2, out: `${error instanceof Error ? error.message : String(error)}\n\n${USAGE}` };
  }
}

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>>['values'];

function needed(values: Values, name: keyof Values): string {
  const value = values[name];
  if (value === undefined || value === '') throw new Error(`--${name} is needed here.`);
  return value;
}

function ticketOf(values: Values): ServedTicket {
  const handling = Number(values.handling);
  if (!Number.isInteger(handling) || handling < 1 || handling > 9999)
    throw new Error(`--handling ${values.handling} must be a number from 1 to 9999.`);
  const { queue, serial } = values;
  return {
    counter: needed(values, 'counter'),
    number: needed(values, 'number'),
    date: dayOf(needed(values, 'date')),
    queue,
    serial,
    handling,
  };
}

function dayOf(text: string): string {
  if (!z.iso.date().safeParse(text).success)
    throw new Error(`--date ${text} must be a day as 2026-05-06, the one that the link's message names.`);
  return text;
}

function algorithmOf(values: Values) {
  const algorithm = AlgorithmSchema.safeParse(values.alg);
  if (!algorithm.success) throw new Error('--alg must be EdDSA or SM2.');
  return algorithm.data;
}

async function keygen(values: Values): Promise<CommandResult> {
  const algorithm = algorithmOf(values);
  const id = needed(values, 'kid');
  const pem = await makePrivateKey(SUITES[algorithm]);
  const { publicKey } = await loadSigner(SUITES[algorithm], pem);
  const shown = TokenKeysSchema.parse([
    { id, algorithm, publicKey: Buffer.from(publicKey).toString('base64') },
  ]);
  // A key that is there already may be in use: it is never written over.
  writeFileSync(needed(values, 'out'), pem, { mode: 0o600, flag: 'wx' });
  return { code: 0, out: `${JSON.stringify(shown)}\n` };
}

async function sign(values: Values, nowMs: number): Promise<CommandResult> {
  const lifetimeS = Number(values.lifetime);
  if (!Number.isInteger(lifetimeS) || lifetimeS < 1 || lifetimeS > 900)
    throw new Error(`--lifetime ${values.lifetime} must be a number of seconds from 1 to 900.`);
  const privateKeyPem = readFileSync(needed(values, 'key'), 'utf8');
  const signer = await createTokenSigner({
    key: { id: needed(values, 'kid'), algorithm: algorithmOf(values), privateKeyPem },
    issuer: values.issuer,
    hall: needed(values, 'hall'),
    nowMs: () => nowMs,
  });
  const token = signer.sign(ticketOf(values), {
    lifetimeS,
    ...(values.id === undefined ? {} : { tokenId: values.id }),
  });
  const problem = problemOf(token);
  if (problem !== undefined) throw new Error(`${problem}. A tablet would refuse this token as malformed.`);
  return { code: 0, out: `${token}\n` };
}

/** What no tablet takes of the claims that were just signed. */
function problemOf(token: string): string | undefined {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
  const issue = TokenClaimsSchema.safeParse(claims).error?.issues[0];
  return issue && `${issue.path.join('.')}: ${issue.message}`;
}

async function verify(values: Values, token: string | undefined, nowMs: number): Promise<CommandResult> {
  if (token === undefined) throw new Error('Name the token behind the options.');
  const listed = TokenKeysSchema.parse(JSON.parse(readFileSync(needed(values, 'keys'), 'utf8')));
  const loaded = await loadTokenKeys(listed);
  if (!loaded.ok) throw new Error(`The public key ${loaded.id} is none of its algorithm.`);
  const atMs = values.at === undefined ? nowMs : Number(values.at);
  if (!Number.isFinite(atMs)) throw new Error(`--at ${values.at} must be a time as UTC milliseconds.`);
  const hall = needed(values, 'hall');
  const { counter, number, date, queue = '', serial = '', handling = 1 } = ticketOf(values);
  const ticketKey = ticketKeyOf({ hall, businessDate: date, queue, number, serial });
  const proof = checkTicketToken(token, {
    keys: loaded.keys,
    hall,
    counter,
    serviceKey: serviceKeyOf({ ticketKey, counter, handling }),
    nowMs: atMs,
  });
  if (!proof.ok) return { code: 1, out: `${proof.reason}: ${REMEDIES[proof.reason]}\n` };
  return { code: 0, out: `valid\n${JSON.stringify(proof.claims, null, 2)}\n` };
}
