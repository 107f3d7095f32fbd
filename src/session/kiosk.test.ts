import { describe, expect, it } from 'vitest';
import { createFakeJournal } from '../../test/support/fake-journal.ts';
import { createKioskOnFakes, DELAYS } from '../../test/support/kiosk-on-fakes.ts';
import type { Draft } from '../shared/journal/entry.ts';
import { InvitationIdSchema, LEVELS } from '../shared/words.ts';

const settledOf = (written: readonly Draft[]) =>
  written.flatMap((draft) => (draft.kind === 'rating.settled' ? [draft.body] : []));
const closedOf = (written: readonly Draft[]) =>
  written.flatMap((draft) =>
    draft.kind === 'invitation.closed' ? [`${draft.body.outcome}:${draft.body.reason}`] : [],
  );

describe('the main job', () => {
  it('follows a ticket from its call to the thanks, each step frozen before it shows', () => {
    const it = createKioskOnFakes();
    it.queue('called');
    expect(it.screen()).toMatchObject({ name: 'serving', ticketNumber: 'A001' });
    it.queue('served');
    expect(it.screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A001' });
    expect(it.prompts()).toBe(1);
    expect(it.press(4)).toEqual({ accepted: true });
    expect(it.screen()).toMatchObject({ name: 'chosen', level: 4, span: { totalMs: DELAYS.chosen } });
    it.clock.advance(DELAYS.chosen);
    expect(it.screen()).toMatchObject({ name: 'details', level: 4, ticked: [] });
    it.clock.advance(DELAYS.details);
    expect(it.screen()).toMatchObject({
      name: 'thanks',
      receipt: { code: expect.stringMatching(/^.{4}-.{4}-.{4}$/) },
    });
    it.clock.advance(DELAYS.thanks);
    expect(it.screen()).toMatchObject({ name: 'idle' });
    expect(it.kinds()).toEqual([
      'boot.started',
      'invitation.opened',
      'rating.chosen',
      'rating.settled',
      'invitation.closed',
    ]);
    expect(it.reports).toEqual([{ serviceKey: expect.stringContaining('A001'), rated: true }]);
  });

  it('offers the reasons of the chosen level only, and freezes the ticked ones', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(2);
    it.clock.advance(DELAYS.chosen);
    const screen = it.screen();
    if (screen.name !== 'details') throw new Error(`expected details, saw ${screen.name}`);
    const { invitation } = screen;
    expect(screen.indicators.map((indicator) => indicator.code)).toEqual(['210', '211']);
    expect(it.kiosk.citizen.tick({ invitation, code: '211' })).toEqual({ accepted: true });
    expect(it.kiosk.citizen.tick({ invitation, code: '210' })).toEqual({ accepted: true });
    expect(it.kiosk.citizen.tick({ invitation, code: '510' })).toMatchObject({ accepted: false });
    expect(it.kiosk.citizen.finish({ invitation })).toEqual({ accepted: true });
    expect(it.journal.written.at(-1)).toMatchObject({
      kind: 'rating.detailed',
      body: { codes: ['210', '211'] },
    });
  });

  it('freezes a request for help with the press, at every level, once, and keeps it whoever walks away', () => {
    for (const level of LEVELS) {
      const it = createKioskOnFakes();
      it.queue('served');
      it.press(level);
      it.clock.advance(DELAYS.chosen);
      const screen = it.screen();
      if (screen.name !== 'details') throw new Error(`expected details, saw ${screen.name}`);
      expect(screen.helpRequested).toBe(false);
      const { invitation } = screen;
      it.clock.advance(DELAYS.details - 1);
      expect(it.kiosk.citizen.help({ invitation })).toEqual({ accepted: true });
      expect(it.screen()).toMatchObject({ helpRequested: true, span: { endsInMs: DELAYS.details } });
      expect(it.journal.written.at(-1)).toMatchObject({
        kind: 'rating.helpRequested',
        body: { invitation, source: 'touch', deviceId: 'screen' },
      });
      expect(it.kiosk.citizen.help({ invitation })).toEqual({ accepted: true });
      it.kiosk.stop();
      const after = createKioskOnFakes(it.journal);
      expect(after.kinds().filter((kind) => kind === 'rating.helpRequested')).toHaveLength(1);
      expect(closedOf(it.journal.written)).toEqual(['rated:time']);
    }
  });

  it('takes a request for help from a key too, and from nobody outside the details', () => {
    const it = createKioskOnFakes();
    const help = () =>
      it.kiosk.press({ source: 'hid', deviceId: 'box', control: 'help', atMs: it.clock.nowMs() });
    expect(help()).toEqual({ accepted: false, reason: 'notNow' });
    it.queue('served');
    expect(help()).toEqual({ accepted: false, reason: 'notNow' });
    it.press(2);
    expect(help()).toEqual({ accepted: false, reason: 'notNow' });
    it.clock.advance(DELAYS.chosen);
    expect(help()).toEqual({ accepted: true });
    expect(it.journal.written.at(-1)).toMatchObject({ body: { source: 'hid', deviceId: 'box' } });
    expect(it.acknowledged).toHaveLength(2);
  });

  it('does not say that help is coming when the request could not be frozen', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(1);
    it.clock.advance(DELAYS.chosen);
    const screen = it.screen();
    if (screen.name !== 'details') throw new Error(`expected details, saw ${screen.name}`);
    it.journal.failWith('ioError');
    expect(it.kiosk.citizen.help(screen)).toEqual({ accepted: false, reason: 'notDurable' });
    expect(it.screen()).toMatchObject({ name: 'outOfService' });
    it.journal.failWith(null);
    it.clock.advance(1_000);
    expect(it.kinds()).not.toContain('rating.helpRequested');
  });

  it('lets a choice be changed with one press for as long as it says, and settles the last one', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(1);
    it.clock.advance(DELAYS.chosen - 1);
    it.press(5);
    expect(it.screen()).toMatchObject({ name: 'chosen', level: 5 });
    it.clock.advance(DELAYS.chosen);
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 5, by: 'time' }]);
  });

  it('lets nobody hold the counter by changing for ever', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    for (let i = 0; i < 20; i++) it.press(i % 2 ? 4 : 5);
    expect(it.kinds().filter((kind) => kind === 'rating.chosen')).toHaveLength(6);
  });

  it('takes a press of the level that is chosen already for nothing new', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(3);
    expect(it.press(3)).toEqual({ accepted: true });
    expect(it.kinds().filter((kind) => kind === 'rating.chosen')).toHaveLength(1);
  });

  it('acknowledges a press only when it is frozen', () => {
    const it = createKioskOnFakes();
    expect(it.press(5)).toEqual({ accepted: false, reason: 'notNow' });
    it.queue('served');
    it.press(5);
    expect(it.acknowledged).toHaveLength(1);
    it.clock.advance(DELAYS.chosen);
    expect(it.press(1)).toEqual({ accepted: false, reason: 'alreadyRated' });
    expect(it.acknowledged).toHaveLength(1);
    expect(it.kiosk.refusals()).toEqual({ notNow: 1, alreadyRated: 1 });
  });
});

describe('silence is never a rating', () => {
  it('an invitation nobody answers times out without one', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.clock.advance(DELAYS.inviting);
    expect(closedOf(it.journal.written)).toEqual(['timedOut:timedOut']);
    expect(settledOf(it.journal.written)).toEqual([]);
    expect(it.reports).toMatchObject([{ rated: false }]);
  });

  it('who declines is not asked again', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    const screen = it.screen();
    if (screen.name !== 'inviting') throw new Error('not inviting');
    it.kiosk.citizen.decline({ invitation: screen.invitation });
    it.queue('served');
    expect(it.screen().name).toBe('idle');
    expect(closedOf(it.journal.written)).toEqual(['declined:declined']);
  });

  it('a service that was called and never finished is noted as not invited', () => {
    const it = createKioskOnFakes();
    it.queue('called', 'A001');
    it.queue('called', 'A002');
    expect(it.journal.written.at(-1)).toMatchObject({
      kind: 'service.notInvited',
      body: { serviceKey: expect.stringContaining('A001'), reason: 'nextCalled' },
    });
  });
});

describe('one service, one rating', () => {
  it('the same event twice is one event', () => {
    const it = createKioskOnFakes();
    it.queue('served', 'A001', 'same');
    it.clock.advance(DELAYS.inviting);
    it.queue('served', 'A001', 'same');
    expect(it.screen().name).toBe('idle');
  });

  it('a rated service is not asked about again, however often it is finished', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(5);
    it.clock.advance(DELAYS.chosen + DELAYS.details + DELAYS.thanks);
    it.queue('served');
    it.queue('recalled');
    it.queue('served');
    expect(it.screen().name).toBe('idle');
    expect(settledOf(it.journal.written)).toHaveLength(1);
  });

  it('nor after a restart in which the queue side says it once more', () => {
    const journal = createFakeJournal();
    const before = createKioskOnFakes(journal);
    before.queue('served');
    before.press(5);
    before.kiosk.stop();
    const after = createKioskOnFakes(journal);
    after.queue('served');
    expect(after.screen().name).toBe('idle');
  });

  it('a rating the journal knows and the session does not ends the invitation politely', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    const opened = it.journal.written.at(-1);
    if (opened?.kind !== 'invitation.opened') throw new Error('not opened');
    const { invitation } = opened.body;
    const { serviceKey } = opened.body.service;
    it.journal.append([
      {
        kind: 'rating.chosen',
        body: { invitation, serviceKey, level: 3, change: 0, source: 'touch', deviceId: 'x' },
      },
    ]);
    expect(it.press(5)).toEqual({ accepted: false, reason: 'alreadyRated' });
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 3, by: 'fault' }]);
    expect(closedOf(it.journal.written)).toEqual(['rated:fault']);
    expect(it.screen().name).toBe('idle');
  });
});

describe('the next citizen never meets the last one’s page', () => {
  it('the next call settles a choice and closes its invitation as rated', () => {
    const it = createKioskOnFakes();
    it.queue('served', 'A001');
    it.press(2);
    it.queue('called', 'A002');
    expect(it.screen()).toMatchObject({ name: 'serving', ticketNumber: 'A002' });
    expect(settledOf(it.journal.written)).toMatchObject([{ level: 2, by: 'superseded' }]);
    expect(closedOf(it.journal.written)).toEqual(['rated:superseded']);
  });

  it('the next call closes an unanswered invitation as superseded', () => {
    const it = createKioskOnFakes();
    it.queue('served', 'A001');
    it.queue('called', 'A002');
    expect(closedOf(it.journal.written)).toEqual(['superseded:nextCalled']);
  });

  it('the next call keeps reasons that were ticked', () => {
    const it = createKioskOnFakes();
    it.queue('served', 'A001');
    it.press(2);
    it.clock.advance(DELAYS.chosen);
    const screen = it.screen();
    if (screen.name !== 'details') throw new Error('no details');
    it.kiosk.citizen.tick({ invitation: screen.invitation, code: '210' });
    it.queue('called', 'A002');
    expect(it.journal.written.at(-1)).toMatchObject({ kind: 'rating.detailed', body: { codes: ['210'] } });
  });

  it('a finish whose call was lost still asks about the right ticket', () => {
    const it = createKioskOnFakes();
    it.queue('served', 'A001');
    it.queue('served', 'A002');
    expect(it.screen()).toMatchObject({ name: 'inviting', ticketNumber: 'A002' });
    expect(closedOf(it.journal.written)).toEqual(['superseded:nextCalled']);
  });

  it('a tap meant for an earlier invitation is refused', () => {
    const it = createKioskOnFakes();
    it.queue('served', 'A001');
    it.queue('served', 'A002');
    const stale = InvitationIdSchema.parse('018f0000-0000-7000-8000-ffffffffffff');
    expect(it.kiosk.citizen.choose({ invitation: stale, level: 1 })).toEqual({
      accepted: false,
      reason: 'staleInvitation',
    });
    expect(it.screen().name).toBe('inviting');
  });

  it('the second tap of a double tap on "done" does not press the next page’s button', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(5);
    const screen = it.screen();
    if (screen.name !== 'chosen') throw new Error('not chosen');
    it.kiosk.citizen.confirm({ invitation: screen.invitation });
    expect(it.kiosk.citizen.confirm({ invitation: screen.invitation })).toMatchObject({ accepted: false });
    expect(it.screen().name).toBe('details');
  });

  it.each(['skipped', 'transferred'] as const)('a ticket that is %s closes its invitation', (kind) => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.queue(kind);
    expect(it.screen().name).toBe('idle');
    expect(closedOf(it.journal.written)).toEqual([`superseded:${kind}`]);
  });

  it('recall during an invitation means the service is not finished', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.queue('recalled');
    expect(it.screen().name).toBe('serving');
    expect(closedOf(it.journal.written)).toEqual(['interrupted:recalled']);
    it.queue('served');
    expect(it.screen().name).toBe('inviting');
  });

  it('each citizen finds the site’s language', () => {
    const it = createKioskOnFakes();
    it.queue('called', 'A001');
    it.kiosk.citizen.speak({ locale: 'en' });
    it.queue('served', 'A001');
    expect(it.kiosk.snapshot().locale).toBe('en');
    it.queue('called', 'A002');
    expect(it.kiosk.snapshot().locale).toBe('zh-CN');
  });

  it('the clerk’s stars, which only the site knows, stay when the queue side names the same clerk', () => {
    const it = createKioskOnFakes();
    const clerkOn = (clerk: { number: string; name?: string; stars?: number }, id: string) =>
      it.kiosk.queueEvent({ id, kind: 'clerkOn', counter: '3', atMs: 0, clerk });
    clerkOn({ number: '1001', stars: 4 }, 'a');
    clerkOn({ number: '1001', name: '王芳' }, 'b');
    expect(it.kiosk.snapshot().clerk).toEqual({ number: '1001', name: '王芳', stars: 4 });
    clerkOn({ number: '1002', name: '李强' }, 'c');
    expect(it.kiosk.snapshot().clerk).toEqual({ number: '1002', name: '李强' });
    expect(it.kiosk.counter().signedOff).toBeUndefined();
    it.kiosk.queueEvent({ id: 'd', kind: 'clerkOff', counter: '3', atMs: 0 });
    expect(it.kiosk.snapshot().clerk).toBeUndefined();
    expect(it.kiosk.counter()).toMatchObject({ signedOff: true });
    clerkOn({ number: '1001' }, 'e');
    expect(it.kiosk.counter().signedOff).toBeUndefined();
  });

  it('an event for another counter is not ours', () => {
    const it = createKioskOnFakes();
    it.kiosk.queueEvent({ id: 'x', kind: 'paused', counter: '4', atMs: 0 });
    expect(it.screen().name).toBe('idle');
  });
});
