import { describe, expect, it } from 'vitest';
import { createFakeJournal } from '../../test/support/fake-journal.ts';
import { createKioskOnFakes } from '../../test/support/kiosk-on-fakes.ts';

const STORE = { name: 'outOfService', fault: 'store' };

/** A journal that takes what is written and does not say what it holds: nobody is asked on a guess. */
describe('a journal that cannot be read', () => {
  it('takes nobody for unrated: a ticket that was rated is not asked about, before or after', () => {
    const run = createKioskOnFakes();
    run.queue('served', 'A001');
    run.press(5);
    run.press('confirm');
    run.queue('called', 'A002');
    run.journal.hide(true);
    run.queue('served', 'A001');
    expect(run.screen()).toEqual(STORE);
    run.clock.advance(10_000);
    expect(run.screen()).toEqual(STORE);
    run.journal.hide(false);
    run.clock.advance(1_000);
    expect(run.screen().name).not.toBe('inviting');
    expect(run.screen().name).not.toBe('outOfService');
    expect(run.kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(1);
    expect(run.reports.at(-1)?.rated).toBe(true);
  });

  it('loses nobody: a ticket that was not rated is asked about when it can be read', () => {
    const run = createKioskOnFakes();
    run.journal.hide(true);
    run.queue('called', 'A001');
    expect(run.screen()).toEqual(STORE);
    run.queue('served', 'A001');
    expect(run.screen()).toEqual(STORE);
    run.journal.hide(false);
    run.clock.advance(1_000);
    expect(run.screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A001' });
    expect(run.press(3)).toEqual({ accepted: true });
  });

  it('at a start says so, and settles what a crash left when it can be read', () => {
    const journal = createFakeJournal();
    const before = createKioskOnFakes(journal);
    before.queue('served', 'A001');
    before.press(2);
    before.kiosk.stop();
    journal.hide(true);
    const run = createKioskOnFakes(journal);
    expect(run.screen()).toEqual(STORE);
    journal.hide(false);
    run.clock.advance(1_000);
    expect(run.screen().name).toBe('idle');
    expect(journal.written.slice(-3)).toMatchObject([
      { kind: 'boot.started' },
      { kind: 'rating.settled', body: { level: 2, by: 'fault' } },
      { kind: 'invitation.closed', body: { outcome: 'rated' } },
    ]);
  });
});
