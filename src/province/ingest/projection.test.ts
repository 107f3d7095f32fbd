import { describe, expect, it } from 'vitest';
import {
  createDeviceJournal,
  type DeviceJournal,
  rateOnce,
  toEvent,
} from '../../../test/support/device-journal.ts';
import { receiptCode } from '../../shared/journal/receipt.ts';
import { projectEntries } from './projection.ts';
import { readBatch } from './read-batch.ts';

function project(journal: DeviceJournal, fromSeq = 1, deviceId: string = journal.deviceId) {
  const entries = journal.entries.slice(fromSeq - 1);
  const read = readBatch(Buffer.from(JSON.stringify(entries.map((entry) => toEvent(deviceId, entry)))));
  if (!read.ok) throw new Error(read.refused.message);
  return projectEntries(
    read.entries,
    entries.map((entry) => entry.hash),
    { id: deviceId, publicKey: Buffer.from(journal.signer.publicKey).toString('base64') },
  );
}

describe('projectEntries', () => {
  it('reads a rating, its service and its reasons from the entries of one citizen', () => {
    const journal = createDeviceJournal({ deviceId: 'pro-1' });
    rateOnce(journal, { serviceKey: 'hall-1', level: 1, ticketNumber: 'B012', codes: ['108', '115'] });
    const settled = journal.entries.find((entry) => entry.kind === 'rating.settled');
    expect(project(journal)).toMatchObject({
      invitations: [{ serviceKey: 'hall-1', ticketNumber: 'B012', clerkNumber: '0107' }],
      ratings: [
        { serviceKey: 'hall-1', level: 1, codes: '108,115', receipt: receiptCode(settled?.hash ?? '') },
      ],
      lateDetails: [],
      alarms: [],
    });
  });

  it('leaves reasons aside whose rating came in another batch', () => {
    const journal = createDeviceJournal({ deviceId: 'pro-2' });
    rateOnce(journal, { serviceKey: 'hall-1', level: 1, codes: ['108'] });
    const detailed = journal.entries.find((entry) => entry.kind === 'rating.detailed');
    const said = project(journal, detailed?.seq ?? 0);
    expect(said.ratings).toEqual([]);
    expect(said.lateDetails).toMatchObject([{ serviceKey: 'hall-1', codes: '108' }]);
  });

  it('says nothing of kinds it does not know', () => {
    const journal = createDeviceJournal({ deviceId: 'pro-3' });
    journal.append([{ kind: 'rating.sung', body: { melody: 'c d e' } }]);
    for (const said of Object.values(project(journal))) expect(said).toEqual([]);
  });

  it('raises an alarm for a body it cannot read', () => {
    const journal = createDeviceJournal({ deviceId: 'pro-4' });
    journal.append([{ kind: 'rating.settled', body: { level: 7 } }]);
    expect(project(journal)).toMatchObject({ ratings: [], alarms: [{ kind: 'badBody', seq: 2 }] });
  });

  it('raises an alarm when the journal names another device, or begins twice, or not at all', () => {
    const journal = createDeviceJournal({ deviceId: 'pro-5' });
    expect(project(journal, 1, 'pro-6').alarms).toMatchObject([{ kind: 'otherIdentity', seq: 1 }]);
    const [first] = journal.entries;
    if (!first) throw new Error('the journal is empty');
    journal.append([{ kind: first.kind, body: first.body as Record<string, unknown> }]);
    expect(project(journal).alarms).toMatchObject([{ kind: 'otherIdentity', seq: 2 }]);
    const headless = createDeviceJournal({ deviceId: 'pro-7', begun: false });
    headless.append([{ kind: 'boot.started', body: { version: '1', counter: '3' } }]);
    expect(project(headless).alarms).toMatchObject([{ kind: 'otherIdentity', seq: 1 }]);
  });
});
