import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { invitationId, mustOpen, newFolder, storeParts } from '../../test/support/store-parts.ts';
import { createTokenSigner, type ServedTicket, type TokenSigner } from '../../tools/ticket-token/sign.ts';
import { makePrivateKey } from '../shared/journal/suites.ts';
import type { QueueEvent } from '../shared/queue-event.ts';
import { serviceKeyOf, ticketKeyOf } from '../shared/ticket-identity.ts';
import type { TrustedKey } from '../shared/ticket-token/check.ts';
import { loadTokenKeys } from '../shared/ticket-token/keys.ts';
import { createTicketTokens } from './ticket-tokens.ts';

const NOW_MS = Date.UTC(2026, 4, 6, 2, 0, 0);
let signer: TokenSigner;
let keys: readonly TrustedKey[];

beforeAll(async () => {
  const key = {
    id: 'q1',
    algorithm: 'EdDSA',
    privateKeyPem: await makePrivateKey('ed25519-sha256'),
  } as const;
  signer = await createTokenSigner({ key, issuer: 'a test', hall: 'H1', nowMs: () => NOW_MS });
  const loaded = await loadTokenKeys([{ id: 'q1', algorithm: 'EdDSA', publicKey: signer.publicKey }]);
  if (!loaded.ok) throw new Error(loaded.id);
  keys = loaded.keys;
});

const ticket = (number: string): ServedTicket => ({ counter: '3', number, date: '2026-05-06' });

type Told = Extract<QueueEvent, { readonly service: unknown }>;

function event(number: string, servedToken?: string, kind: Told['kind'] = 'served'): Told {
  const ticketKey = ticketKeyOf({ hall: 'H1', businessDate: '2026-05-06', queue: '', number, serial: '' });
  return {
    id: `${kind} ${number}`,
    counter: '3',
    atMs: NOW_MS,
    kind,
    service: {
      serviceKey: serviceKeyOf({ ticketKey, counter: '3', handling: 1 }),
      ticketKey,
      manual: false,
      ...(servedToken === undefined ? {} : { servedToken }),
    },
  };
}

function tokensOf(over: Partial<Parameters<typeof createTicketTokens>[0]> = {}) {
  const notes: string[] = [];
  const tokens = createTicketTokens({
    keys,
    required: false,
    hall: 'H1',
    counter: '3',
    nowMs: () => NOW_MS,
    recent: [],
    note: (_severity, name, data) => notes.push(`${name} ${JSON.stringify(data)}`),
    ...over,
  });
  const found = (told: Told) => {
    const checked = tokens.checked(told);
    if (!('service' in checked)) throw new Error('no service');
    return checked.service;
  };
  return { tokens, found, notes };
}

describe('the tablet’s look at a token', () => {
  it('says what it found, and keeps only what proves something', () => {
    const { found, tokens, notes } = tokensOf();
    const token = signer.sign(ticket('A1'), { tokenId: 'token-of-ticket-A1' });
    expect(found(event('A1', token))).toMatchObject({
      servedToken: token,
      tokenCheck: { result: 'valid', tokenId: 'token-of-ticket-A1' },
    });
    const refused = found(event('A2', token));
    expect(refused.tokenCheck).toEqual({ result: 'refused', reason: 'otherTicket' });
    expect(JSON.stringify(refused)).not.toContain(token.slice(0, 20));
    expect(found(event('A3')).tokenCheck).toEqual({ result: 'absent' });
    expect(tokens.counts()).toEqual({ valid: 1, absent: 1, refused: 1 });
    expect(notes).toEqual(['ticketTokenRefused {"reason":"otherTicket"}']);
  });

  it('binds a token to its service, also over a restart', () => {
    const first = signer.sign(ticket('B1'), { tokenId: 'used-twice-by-a-fault' });
    const second = signer.sign(ticket('B2'), { tokenId: 'used-twice-by-a-fault' });
    const before = tokensOf();
    const opened = before.found(event('B1', first));
    expect(before.found(event('B1', first)).tokenCheck?.result).toBe('valid');
    expect(before.found(event('B2', second)).tokenCheck).toEqual({ result: 'refused', reason: 'replayed' });
    const { folder, remove } = newFolder();
    onTestFinished(remove);
    const parts = storeParts(folder);
    const store = mustOpen(parts);
    const invitation = invitationId();
    expect(
      store.append([{ kind: 'invitation.opened', body: { invitation, counter: '3', service: opened } }]).ok,
    ).toBe(true);
    store.close();
    const again = mustOpen(parts);
    onTestFinished(() => again.close());
    const after = tokensOf({ recent: again.entries() });
    expect(after.found(event('B2', second)).tokenCheck).toEqual({ result: 'refused', reason: 'replayed' });
    expect(after.found(event('B1', first)).tokenCheck?.result).toBe('valid');
  });

  it('goes by the clock it is given', () => {
    const token = signer.sign(ticket('C1'));
    for (const [offMs, reason] of [
      [-3_600_000, 'notYet'],
      [3_600_000, 'expired'],
    ] as const)
      expect(tokensOf({ nowMs: () => NOW_MS + offMs }).found(event('C1', token)).tokenCheck).toEqual({
        result: 'refused',
        reason,
      });
  });

  it('takes a token with nothing but "served", and no word of a link’s own about it', () => {
    const { found } = tokensOf();
    const token = signer.sign(ticket('D1'));
    expect(found(event('D1', token, 'called'))).toEqual(event('D1', undefined, 'called').service);
    const told = event('D1');
    const lying = { ...told.service, tokenCheck: { result: 'valid', tokenId: 'x'.repeat(20) } as const };
    expect(found({ ...told, service: lying }).tokenCheck).toEqual({ result: 'absent' });
    expect(tokensOf({ keys: null }).found({ ...told, service: lying })).not.toHaveProperty('tokenCheck');
  });

  it('without keys carries tokens as they are and says nothing', () => {
    const { found, notes } = tokensOf({ keys: null });
    expect(found(event('E1', 'whatever')).servedToken).toBe('whatever');
    expect(found(event('E1', 'whatever'))).not.toHaveProperty('tokenCheck');
    expect(notes).toEqual([]);
  });

  it('where every service is to bring one, notes one that does not', () => {
    const { found, notes } = tokensOf({ required: true });
    found(event('F1'));
    expect(notes).toEqual(['ticketTokenAbsent {"required":true}']);
  });
});
