/** Writes test/fixtures/journal-vectors.json anew: `node test/contract/journal-vectors-make.ts`. Only for a new format. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { canonicalEntry, canonicalText, entryHash, GENESIS } from '../../src/shared/journal/chain.ts';
import { ed25519Sha256 } from '../../src/shared/journal/suite.ts';

const service = {
  serviceKey: 'hall-01/20260506/Q1/A012/1/c12',
  invitation: '019dfb2a-3f80-7000-8000-000000000001',
};
const contents: readonly { kind: string; body: object }[] = [
  {
    kind: 'journal.begun',
    body: {
      suite: 'ed25519-sha256',
      publicKey: Buffer.alloc(32).toString('base64'),
      format: 1,
      deviceId: 'hall-01-counter-12',
    },
  },
  {
    kind: 'invitation.opened',
    body: {
      invitation: service.invitation,
      counter: '12',
      service: {
        serviceKey: service.serviceKey,
        ticketNumber: 'A012',
        queueName: '不动产登记 "一窗" \\ 🏠',
        manual: false,
        clerk: { number: '0731', name: '李敏', stars: 5 },
      },
    },
  },
  { kind: 'rating.chosen', body: { ...service, level: 2, change: 0, source: 'serial', deviceId: 'ff68/81' } },
  { kind: 'rating.settled', body: { ...service, level: 2, by: 'time' } },
  { kind: 'rating.detailed', body: { ...service, pack: 'national-2020', codes: ['207', '214'] } },
  { kind: 'invitation.closed', body: { ...service, outcome: 'rated', reason: 'finished' } },
];

let prev = GENESIS;
const entries = contents.map(({ kind, body }, index) => {
  const seq = index + 1;
  const place = {
    id: `019dfb2a-3f80-7000-8000-00000000010${seq}`,
    kind,
    at: Date.UTC(2026, 4, 6, 1, 0, 0) + 1500 * index,
    boot: '5f0f6a0e-6f0b-4e0e-9b1b-1d4f3a2b7c11',
    mono: 84_000 + 1500 * index,
  };
  const canonicalBody = canonicalText(body);
  const hash = entryHash(ed25519Sha256, prev, seq, place, canonicalBody);
  const entry = { seq, ...place, body, canonical: canonicalEntry(place, canonicalBody), prev, hash };
  prev = hash;
  return entry;
});
const file = join(import.meta.dirname, '../fixtures/journal-vectors.json');
writeFileSync(file, `${JSON.stringify({ format: 1, hash: 'sha-256', entries }, null, 2)}\n`);
