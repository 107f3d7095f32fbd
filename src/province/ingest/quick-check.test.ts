import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDeviceJournal, rateOnce, toEvent } from '../../../test/support/device-journal.ts';
import { EntryEventSchema } from '../../shared/protocol/batch.ts';
import { isPlainEntryEvent } from './quick-check.ts';

const journal = createDeviceJournal({ deviceId: 'quick-1' });
rateOnce(journal, { serviceKey: 'hall-1', level: 2, codes: ['208'] });
const events = journal.entries.map((entry) => toEvent('quick-1', entry));

/** One field of a good event replaced by something near it. */
const nearly = fc
  .record({
    event: fc.constantFrom(...events),
    field: fc.constantFrom('specversion', 'id', 'source', 'type', 'time', 'data', 'extra'),
    dataField: fc.constantFrom('seq', 'boot', 'mono', 'body', 'sig', 'extra'),
    inData: fc.boolean(),
    value: fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('2026-02-29T00:00:00.000Z', '0000-01-01T00:00:00.000Z', '9999-12-28T23:59:59.999Z'),
      fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
      fc.uuid(),
      fc.base64String({ minLength: 80, maxLength: 92 }),
      fc.string({ maxLength: 100 }).map((text) => `org.yiping.${text}`),
      fc.integer(),
      fc.double(),
    ),
  })
  .map(({ event, field, dataField, inData, value }) =>
    inData ? { ...event, data: { ...event.data, [dataField]: value } } : { ...event, [field]: value },
  );

describe('the quick look at an event', () => {
  it('knows what a device writes, so that the schema is hardly ever asked', () => {
    for (const event of events) expect(isPlainEntryEvent(event)).toBe(true);
  });

  it('never says yes where the schema says no', () => {
    fc.assert(
      fc.property(nearly, (event) => {
        if (isPlainEntryEvent(event)) expect(EntryEventSchema.safeParse(event).success).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
