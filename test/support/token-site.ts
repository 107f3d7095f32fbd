import { v7 } from 'uuid';
import { makePrivateKey } from '../../src/shared/journal/suites.ts';
import { serviceKeyOf, ticketKeyOf } from '../../src/shared/ticket-identity.ts';
import {
  type InvitationId,
  InvitationIdSchema,
  type Service,
  type ServiceKey,
  type TokenCheck,
} from '../../src/shared/words.ts';
import { createTokenSigner, type ServedTicket, type TokenSigner } from '../../tools/ticket-token/sign.ts';
import type { DeviceJournal } from './device-journal.ts';

/** A hall whose queue system signs tokens: its key, its tickets, and what its tablets write. */
export interface TokenSite {
  readonly hallId: string;
  readonly signer: TokenSigner;
  /** As a kiosk's and a province's settings take it. */
  readonly keys: readonly {
    readonly id: string;
    readonly algorithm: 'EdDSA' | 'SM2';
    readonly publicKey: string;
  }[];
}

const SUITES = { EdDSA: 'ed25519-sha256', SM2: 'sm2-sm3' } as const;

export async function newTokenSite(options: {
  readonly hallId: string;
  readonly algorithm?: 'EdDSA' | 'SM2';
  readonly keyId?: string;
  readonly nowMs?: () => number;
}): Promise<TokenSite> {
  const { hallId, algorithm = 'EdDSA', keyId = 'queue-1', nowMs = Date.now } = options;
  const privateKeyPem = await makePrivateKey(SUITES[algorithm]);
  const signer = await createTokenSigner({
    key: { id: keyId, algorithm, privateKeyPem },
    issuer: '排队叫号系统',
    hall: hallId,
    nowMs,
  });
  return { hallId, signer, keys: [{ id: keyId, algorithm, publicKey: signer.publicKey }] };
}

/** The service of a ticket, as a link tells of it. */
export function serviceOf(hallId: string, ticket: ServedTicket, servedToken?: string): Service {
  const { counter, number, queue = '', serial = '', date, handling = 1 } = ticket;
  const ticketKey = ticketKeyOf({ hall: hallId, businessDate: date, queue, number, serial });
  return {
    serviceKey: serviceKeyOf({ ticketKey, counter, handling }),
    ticketKey,
    ticketNumber: number,
    manual: false,
    ...(servedToken === undefined ? {} : { servedToken }),
  };
}

export interface Opened {
  readonly invitation: InvitationId;
  readonly serviceKey: ServiceKey;
}

/** Writes an invitation as a tablet does, an honest one or not. */
export function writeOpened(journal: DeviceJournal, service: Service, tokenCheck?: TokenCheck): Opened {
  const invitation = InvitationIdSchema.parse(v7());
  journal.append([
    {
      kind: 'invitation.opened',
      body: { invitation, counter: '3', service: { ...service, ...(tokenCheck ? { tokenCheck } : {}) } },
    },
  ]);
  return { invitation, serviceKey: service.serviceKey };
}

export function writeRated(journal: DeviceJournal, opened: Opened, level: 1 | 2 | 3 | 4 | 5 = 5): void {
  journal.append([
    { kind: 'rating.chosen', body: { ...opened, level, change: 0, source: 'touch', deviceId: 'screen' } },
  ]);
  journal.append([
    { kind: 'rating.settled', body: { ...opened, level, by: 'time' } },
    { kind: 'invitation.closed', body: { ...opened, outcome: 'rated', reason: 'settled' } },
  ]);
}
