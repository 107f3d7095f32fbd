import { generateKeyPairSync } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { v7 as uuidv7 } from 'uuid';
import { canonicalText, entryHash, GENESIS } from '../../src/shared/journal/chain.ts';
import type { Draft, Entry } from '../../src/shared/journal/entry.ts';
import { ed25519Signer, type Signer } from '../../src/shared/journal/suite.ts';
import {
  BATCH_MEDIA_TYPE,
  type EntryEvent,
  EVENT_TYPE_PREFIX,
  entriesPath,
  type Registration,
} from '../../src/shared/protocol/batch.ts';
import { signRequest } from '../../src/shared/protocol/signature.ts';
import {
  type DeviceId,
  DeviceIdSchema,
  InvitationIdSchema,
  type Level,
  ServiceKeySchema,
} from '../../src/shared/words.ts';

/**
 * A journal without a disk, for tests of those who receive one: chained and signed like a device's own, with
 * a key made at run time.
 */
export interface DeviceJournal {
  readonly deviceId: DeviceId;
  readonly signer: Signer;
  readonly entries: readonly Entry[];
  /** One commit: the last of its entries is signed. @returns the entries it added. */
  append(drafts: readonly LooseDraft[], options?: { readonly unsigned?: boolean }): readonly Entry[];
  registration(at?: { readonly hall?: string; readonly counter?: string }): Registration;
  /**
   * The same history and key up to here, free to go on differently: a device restored from a copy.
   *
   * @param boot of what it writes from now on; that of the original where it is left out.
   */
  copy(boot?: string): DeviceJournal;
}

/** A draft as the store takes it, or one that a later or a broken version might write. */
export type LooseDraft = Draft | { readonly kind: string; readonly body: Readonly<Record<string, unknown>> };

export function newSigner(): Signer {
  const { privateKey } = generateKeyPairSync('ed25519');
  return ed25519Signer(privateKey.export({ format: 'pem', type: 'pkcs8' }).toString());
}

/** @param options.begun false leaves out seq 1, `journal.begun`. */
export function createDeviceJournal(options: {
  readonly deviceId: string;
  readonly signer?: Signer;
  readonly startMs?: number;
  /** A wall clock that runs; without it each commit is a millisecond after the one before. */
  readonly nowMs?: () => number;
  readonly begun?: boolean;
}): DeviceJournal {
  const deviceId = DeviceIdSchema.parse(options.deviceId);
  const signer = options.signer ?? newSigner();
  const { startMs = Date.now(), nowMs } = options;
  const journal = journalOf({ deviceId, signer, startMs, nowMs, boot: 'boot-1', entries: [] });
  if (options.begun !== false)
    journal.append([
      {
        kind: 'journal.begun',
        body: { format: 1, deviceId, suite: signer.suite.name, publicKey: base64(signer.publicKey) },
      },
    ]);
  return journal;
}

function journalOf(state: {
  readonly deviceId: DeviceId;
  readonly signer: Signer;
  readonly startMs: number;
  readonly nowMs: (() => number) | undefined;
  readonly boot: string;
  readonly entries: Entry[];
}): DeviceJournal {
  const { deviceId, signer, startMs, nowMs, boot, entries } = state;
  return {
    deviceId,
    signer,
    entries,
    append(drafts, { unsigned = false } = {}) {
      // One commit, one time.
      const mono = entries.length + 1;
      const at = nowMs?.() ?? startMs + mono;
      const added = drafts.map((draft, index) => {
        const seq = entries.length + 1;
        const prev = entries.at(-1)?.hash ?? GENESIS;
        const content = { id: uuidv7(), kind: draft.kind, at, boot, mono };
        const hash = entryHash(signer.suite, prev, seq, content, canonicalText(draft.body));
        const signed = index === drafts.length - 1 && !unsigned;
        const sig = signed ? signer.sign(Buffer.from(hash, 'hex')).toString('base64') : null;
        const entry: Entry = { ...content, body: draft.body, seq, prev, hash, sig };
        entries.push(entry);
        return entry;
      });
      return added;
    },
    registration: ({ hall = '示范大厅', counter = '3' } = {}) => ({
      deviceId,
      publicKey: base64(signer.publicKey),
      suite: signer.suite.name,
      hall,
      counter,
    }),
    copy: (next = boot) => journalOf({ ...state, boot: next, entries: [...entries] }),
  };
}

/** What a counter writes for one citizen: opened, chosen, settled, closed; two commits as on a device. */
export function rateOnce(
  journal: DeviceJournal,
  service: {
    readonly serviceKey: string;
    readonly level: Level;
    readonly ticketNumber?: string;
    readonly counter?: string;
    readonly codes?: readonly string[];
  },
): readonly Entry[] {
  const invitation = InvitationIdSchema.parse(uuidv7());
  const serviceKey = ServiceKeySchema.parse(service.serviceKey);
  const { level, ticketNumber = 'A001', counter = '3', codes = [] } = service;
  const clerk = { number: '0107', name: '王敏' };
  return [
    ...journal.append([
      {
        kind: 'invitation.opened',
        body: { invitation, counter, service: { serviceKey, ticketNumber, clerk, manual: false } },
      },
    ]),
    ...journal.append([
      {
        kind: 'rating.chosen',
        body: { invitation, serviceKey, level, change: 0, source: 'touch', deviceId: 'screen' },
      },
    ]),
    ...journal.append([
      { kind: 'rating.settled', body: { invitation, serviceKey, level, by: 'time' } },
      ...(codes.length > 0
        ? [
            {
              kind: 'rating.detailed',
              body: { invitation, serviceKey, pack: 'national-2020', codes: [...codes] },
            } as const,
          ]
        : []),
      { kind: 'invitation.closed', body: { invitation, serviceKey, outcome: 'rated', reason: 'settled' } },
    ]),
  ];
}

export function toEvent(deviceId: string, entry: Entry): EntryEvent {
  const body: Record<string, unknown> = { ...(entry.body as Record<string, unknown>) };
  return {
    specversion: '1.0',
    id: entry.id,
    source: `/v1/devices/${deviceId}`,
    type: `${EVENT_TYPE_PREFIX}${entry.kind}`,
    time: new Date(entry.at).toISOString(),
    data: {
      seq: entry.seq,
      boot: entry.boot,
      mono: entry.mono,
      body,
      ...(entry.sig === null ? {} : { sig: entry.sig }),
    },
  };
}

export interface UploadRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
}

/** The request a device would send. `signedPath`, `signer` and `pack` are there to get it wrong. */
export function uploadRequest(
  journal: DeviceJournal,
  entries: readonly Entry[],
  wrong: {
    readonly signer?: Signer;
    readonly signedPath?: string;
    readonly nowMs?: number;
    readonly pack?: (json: string) => Buffer;
    readonly edit?: (events: EntryEvent[]) => unknown;
  } = {},
): UploadRequest {
  const events = entries.map((entry) => toEvent(journal.deviceId, entry));
  const json = JSON.stringify(wrong.edit ? wrong.edit(events) : events);
  const payload = (wrong.pack ?? gzipSync)(json);
  const url = entriesPath(journal.deviceId);
  return {
    url,
    payload,
    headers: {
      'content-type': BATCH_MEDIA_TYPE,
      'content-encoding': 'gzip',
      ...signRequest(wrong.signer ?? journal.signer, {
        method: 'POST',
        path: wrong.signedPath ?? url,
        body: payload,
        keyId: journal.deviceId,
        nowMs: wrong.nowMs ?? Date.now(),
      }),
    },
  };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
