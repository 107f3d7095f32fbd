import { describe, expect, it } from 'vitest';
import { createFakeJournal } from '../../test/support/fake-journal.ts';
import { createKioskOnFakes, DELAYS } from '../../test/support/kiosk-on-fakes.ts';
import type { Draft } from '../shared/journal/entry.ts';

const settledOf = (written: readonly Draft[]) =>
  written.flatMap((draft) => (draft.kind === 'rating.settled' ? [draft.body] : []));
const closedOf = (written: readonly Draft[]) =>
  written.flatMap((draft) =>
    draft.kind === 'invitation.closed' ? [`${draft.body.outcome}:${draft.body.reason}`] : [],
  );

/** Pauses, a journal out of order, power cuts: each ends what is open in one defined way. */
describe('pause', () => {
  it('ends an open invitation, refuses presses and shows itself', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.queue('paused');
    expect(it.screen()).toEqual({ name: 'paused' });
    expect(it.press(5)).toEqual({ accepted: false, reason: 'notNow' });
    expect(closedOf(it.journal.written)).toEqual(['interrupted:paused']);
    it.queue('resumed');
    expect(it.screen().name).toBe('idle');
  });

  it('keeps a choice that was made', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(1);
    it.queue('paused');
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 1, by: 'paused' }]);
  });

  it.each(['queue', 'staff'])('goes on when its ticket is gone, and ends by an ordered reset (%s)', (by) => {
    const run = createKioskOnFakes();
    run.queue('called');
    if (by === 'queue') run.queue('paused');
    else run.kiosk.staff({ act: 'pause' });
    run.kiosk.queueEvent({ id: 'gone', kind: 'reset', nothingOpen: true, counter: '3', atMs: 0 });
    expect(run.screen().name).toBe('paused');
    run.queue('served', 'A002');
    expect(run.screen().name).toBe('paused');
    run.queue('reset');
    expect(run.screen().name).toBe('idle');
    const pauses = run.journal.written.flatMap((draft) =>
      draft.kind === 'pause.changed' ? [draft.body] : [],
    );
    expect(pauses).toEqual([
      { paused: true, by },
      { paused: false, by: 'queue' },
    ]);
  });

  it('asks afterwards about a service that was finished meanwhile', () => {
    const it = createKioskOnFakes();
    it.queue('paused');
    it.queue('served');
    expect(it.screen().name).toBe('paused');
    it.queue('resumed');
    expect(it.screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A001' });
  });
});

describe('a journal out of order', () => {
  it('a press that is not durable is not thanked for, and the screen says so', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.journal.failWith('diskFull');
    expect(it.press(5)).toEqual({ accepted: false, reason: 'notDurable' });
    expect(it.screen()).toEqual({ name: 'outOfService', fault: 'diskFull' });
    expect(it.acknowledged).toEqual([]);
  });

  it('heals by itself and asks the same citizen again', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.journal.failWith('ioError');
    it.press(5);
    it.clock.advance(5_000);
    expect(it.screen()).toEqual({ name: 'outOfService', fault: 'store' });
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(it.screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A001' });
    expect(closedOf(it.journal.written)).toEqual(['interrupted:store']);
    expect(it.press(5)).toEqual({ accepted: true });
  });

  it('a choice that was frozen before is settled when the journal is back', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(4);
    it.journal.failWith('diskFull');
    it.clock.advance(DELAYS.chosen);
    expect(it.screen().name).toBe('outOfService');
    it.queue('called', 'A002');
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 4 }]);
    expect(it.screen()).toMatchObject({ name: 'serving', ticketNumber: 'A002' });
  });

  it('a change of mind that cannot be frozen leaves the first choice standing', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(4);
    it.journal.failWith('ioError');
    expect(it.press(1)).toEqual({ accepted: false, reason: 'notDurable' });
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 4, by: 'fault' }]);
  });

  it('an invitation that could not be opened is opened later', () => {
    const it = createKioskOnFakes();
    it.journal.failWith('diskFull');
    it.queue('served');
    expect(it.screen().name).toBe('outOfService');
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(it.screen().name).toBe('inviting');
    expect(it.kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(1);
  });
});

describe('a disk that reports an error and keeps the act', () => {
  it('a first choice is settled as it was pressed, and its citizen is not asked again', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.journal.failWith('ioError', { butKeeps: true });
    expect(it.press(2)).toEqual({ accepted: false, reason: 'notDurable' });
    expect(it.screen()).toEqual({ name: 'outOfService', fault: 'store' });
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(it.screen().name).toBe('idle');
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 2, by: 'fault' }]);
    expect(closedOf(it.journal.written)).toEqual(['rated:fault']);
    expect(it.reports.at(-1)?.rated).toBe(true);
  });

  it('a change of mind that it kept is the last choice', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(2);
    it.journal.failWith('ioError', { butKeeps: true });
    it.press(4);
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 4, by: 'fault' }]);
    expect(closedOf(it.journal.written)).toEqual(['rated:fault']);
  });

  it('what it kept is not written twice', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(5);
    it.journal.failWith('ioError', { butKeeps: true });
    it.clock.advance(3_000);
    expect(it.screen().name).toBe('outOfService');
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(settledOf(it.journal.written)).toHaveLength(1);
    expect(closedOf(it.journal.written)).toEqual(['rated:time']);
  });

  it('an invitation that it kept and nobody saw is closed, and opened anew', () => {
    const it = createKioskOnFakes();
    it.journal.failWith('ioError', { butKeeps: true });
    it.queue('served');
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(closedOf(it.journal.written)).toEqual(['interrupted:store']);
    expect(it.screen().name).toBe('inviting');
  });
});

describe('after a power cut', () => {
  it('the last choice is settled and the invitation is closed', () => {
    const journal = createFakeJournal();
    const before = createKioskOnFakes(journal);
    before.queue('served');
    before.press(4);
    before.press(2);
    before.kiosk.stop();
    createKioskOnFakes(journal);
    expect(settledOf(journal.written)).toMatchObject([{ level: 2, by: 'recovery' }]);
    expect(closedOf(journal.written)).toEqual(['rated:recovery']);
  });

  it('an invitation without a choice was interrupted, and may be opened again', () => {
    const journal = createFakeJournal();
    const before = createKioskOnFakes(journal);
    before.queue('served');
    before.kiosk.stop();
    const after = createKioskOnFakes(journal);
    expect(closedOf(journal.written)).toEqual(['interrupted:restart']);
    after.queue('served');
    expect(after.screen().name).toBe('inviting');
  });
});
