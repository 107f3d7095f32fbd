import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v7 } from 'uuid';
import type { Clock } from '../../src/shared/clock.ts';
import type { Draft } from '../../src/shared/journal/entry.ts';
import { ed25519Signer, type Signer } from '../../src/shared/journal/suite.ts';
import {
  DeviceIdSchema,
  type InvitationId,
  InvitationIdSchema,
  type Level,
  type ServiceKey,
  ServiceKeySchema,
} from '../../src/shared/words.ts';
import { openStore, type Store, type StoreParts, type Unfinished } from '../../src/store/store.ts';
import { createFakeClock } from './fake-clock.ts';

export function newKeyPem(): string {
  return generateKeyPairSync('ed25519').privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
}

export function newSigner(): Signer {
  return ed25519Signer(newKeyPem());
}

export function newFolder(): { readonly folder: string; readonly remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'yiping-store-'));
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function storeParts(folder: string, overrides: Partial<StoreParts> = {}): StoreParts {
  const clock: Clock = overrides.clock ?? createFakeClock();
  return {
    folder,
    signer: newSigner(),
    deviceId: DeviceIdSchema.parse('hall-01-counter-12'),
    boot: 'boot-of-a-test',
    newId: (atMs) => v7({ msecs: atMs }),
    ...overrides,
    clock,
  };
}

export function mustOpen(parts: StoreParts): Store {
  const opened = openStore(parts);
  if (!opened.ok) throw new Error(`${opened.problem}: ${opened.message}`);
  return opened.store;
}

export function invitationId(): InvitationId {
  return InvitationIdSchema.parse(v7());
}

export function serviceKey(text: string): ServiceKey {
  return ServiceKeySchema.parse(text);
}

export interface Service {
  readonly invitation: InvitationId;
  readonly serviceKey: ServiceKey;
}

export function newService(name: string): Service {
  return { invitation: invitationId(), serviceKey: serviceKey(name) };
}

/** Drafts of one service, as a session makes them. */
export const drafts = {
  opened: (service: Service): Draft => ({
    kind: 'invitation.opened',
    body: {
      invitation: service.invitation,
      counter: '12',
      service: {
        serviceKey: service.serviceKey,
        ticketNumber: 'A012',
        queueName: '不动产登记',
        manual: false,
      },
    },
  }),
  chosen: (service: Service, level: Level, change = 0): Draft => ({
    kind: 'rating.chosen',
    body: { ...service, level, change, source: 'touch', deviceId: 'screen' },
  }),
  withdrawn: (service: Service, level: Level): Draft => ({
    kind: 'rating.withdrawn',
    body: { ...service, level, reason: 'together', source: 'hid', deviceId: 'box' },
  }),
  settled: (service: Service, level: Level): Draft => ({
    kind: 'rating.settled',
    body: { ...service, level, by: 'time' },
  }),
  detailed: (service: Service, codes: string[]): Draft => ({
    kind: 'rating.detailed',
    body: { ...service, pack: 'national-2020', codes },
  }),
  helpRequested: (service: Service): Draft => ({
    kind: 'rating.helpRequested',
    body: { ...service, source: 'touch', deviceId: 'screen' },
  }),
  closed: (service: Service, outcome: 'rated' | 'timedOut' | 'declined' = 'rated'): Draft => ({
    kind: 'invitation.closed',
    body: { ...service, outcome, reason: 'finished' },
  }),
  paused: (paused: boolean): Draft => ({ kind: 'pause.changed', body: { paused, by: 'clerk' } }),
} as const;

/** What is open in a journal that can be read. */
export function unfinishedIn(store: Pick<Store, 'unfinished'>): Unfinished {
  const left = store.unfinished();
  if (left === 'unreadable') throw new Error('the journal cannot be read');
  return left;
}

/** A whole service, rated, in the acts a citizen makes. */
export function rateOnce(store: Store, name: string, level: Level = 5): Service {
  const service = newService(name);
  for (const act of [
    [drafts.opened(service)],
    [drafts.chosen(service, level)],
    [drafts.settled(service, level), drafts.closed(service)],
  ]) {
    const result = store.append(act);
    if (!result.ok) throw new Error(result.message);
  }
  return service;
}
