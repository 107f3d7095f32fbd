import { describe, expect, it } from 'vitest';
import { createFakeJournal } from '../../test/support/fake-journal.ts';
import { createKioskOnFakes } from '../../test/support/kiosk-on-fakes.ts';

/** What docs/session.md says of each race between the queue side, the clerk, the citizen and the network. */
function at(phase: 'serving' | 'inviting' | 'chosen' | 'details' | 'thanks' | 'rated') {
  const run = createKioskOnFakes();
  run.queue('called', 'A001');
  if (phase === 'serving') return run;
  run.queue('served', 'A001');
  if (phase === 'inviting') return run;
  run.press(4);
  if (phase === 'chosen') return run;
  run.press('confirm');
  if (phase === 'details') return run;
  run.clock.advance(20_001);
  if (phase === 'thanks') return run;
  run.clock.advance(8_001);
  return run;
}
type Run = ReturnType<typeof createKioskOnFakes>;
const closings = (run: Run) =>
  run.journal.written.flatMap((draft) => {
    if (draft.kind === 'invitation.closed') return [`${draft.body.outcome} ${draft.body.reason}`];
    if (draft.kind === 'service.notInvited') return [`notInvited ${draft.body.reason}`];
    return [];
  });
const settled = (run: Run) => run.kinds().filter((kind) => kind === 'rating.settled').length;
const shows = (run: Run) => {
  const screen = run.screen();
  return `${screen.name}${'ticketNumber' in screen && screen.ticketNumber ? ` ${screen.ticketNumber}` : ''}`;
};

describe('the next call', () => {
  it.each([
    ['serving', ['notInvited nextCalled'], 0],
    ['inviting', ['superseded nextCalled'], 0],
    ['chosen', ['rated superseded'], 1],
    ['details', ['rated citizen'], 1],
    ['thanks', ['rated citizen'], 1],
    ['rated', ['rated citizen'], 1],
  ] as const)('while the one before is %s: its own end, and the next one’s page', (phase, ends, ratings) => {
    const run = at(phase);
    run.queue('called', 'A002');
    expect(shows(run)).toBe('serving A002');
    expect(closings(run)).toEqual(ends);
    expect(settled(run)).toBe(ratings);
  });

  it('the finish is lost: the one before was not invited, and its late finish asks nobody else', () => {
    const run = at('serving');
    run.queue('called', 'A002');
    run.queue('served', 'A002');
    expect(shows(run)).toBe('inviting A002');
    run.queue('called', 'A003');
    expect(closings(run)).toEqual(['notInvited nextCalled', 'superseded nextCalled']);
  });
});

describe('served twice', () => {
  it.each(['inviting', 'chosen', 'details', 'thanks'] as const)('while %s: nothing changes', (phase) => {
    const run = at(phase);
    const before = run.kinds();
    run.queue('served', 'A001');
    expect([run.screen().name, run.kinds()]).toEqual([phase, before]);
  });

  it('after the rating: not asked again', () => {
    const run = at('rated');
    run.queue('served', 'A001');
    expect(run.screen().name).toBe('idle');
    expect(settled(run)).toBe(1);
  });

  it('over both links under one id: one', () => {
    const run = at('serving');
    run.queue('served', 'A001', 'same');
    run.press('cancel');
    run.queue('served', 'A001', 'same');
    expect(run.screen().name).toBe('idle');
  });
});

describe('called again', () => {
  it('while being asked: the invitation ends, and the service may be asked about when it is finished', () => {
    const run = at('inviting');
    run.queue('recalled', 'A001');
    expect(closings(run)).toEqual(['interrupted recalled']);
    run.queue('served', 'A001');
    expect(shows(run)).toBe('inviting A001');
  });

  it('after the rating: it stands, and nobody is asked again', () => {
    const run = at('rated');
    run.queue('recalled', 'A001');
    run.queue('served', 'A001');
    expect([run.screen().name, settled(run)]).toEqual(['idle', 1]);
  });

  it('after it was finished under a pause: nothing is owed any more', () => {
    const run = at('serving');
    run.queue('paused');
    run.queue('served', 'A001');
    run.queue('recalled', 'A001');
    run.queue('resumed');
    expect(shows(run)).toBe('serving A001');
    run.queue('called', 'A002');
    expect(closings(run)).toEqual(['notInvited nextCalled']);
  });
});

it.each(['transferred', 'skipped'] as const)(
  '%s while being asked: the page goes with the ticket',
  (kind) => {
    const run = at('inviting');
    run.queue(kind, 'A001');
    expect(run.screen().name).toBe('idle');
    expect(closings(run)).toEqual([`superseded ${kind}`]);
    run.queue('served', 'A001');
    expect(shows(run)).toBe('inviting A001');
  },
);

it('a pause in the middle ends what is open; what is finished meanwhile is asked about afterwards', () => {
  const run = at('inviting');
  run.queue('paused');
  expect(closings(run)).toEqual(['interrupted paused']);
  run.queue('called', 'A002');
  run.queue('served', 'A002');
  expect(run.screen().name).toBe('paused');
  run.queue('resumed');
  expect(shows(run)).toBe('inviting A002');
});

it('who was there is noted with a service that nobody was asked about', () => {
  const run = createKioskOnFakes();
  run.queue('clerkOn');
  run.queue('called', 'A001');
  run.queue('called', 'A002');
  expect(run.journal.written.at(-1)).toEqual({
    kind: 'service.notInvited',
    body: { serviceKey: 'hall/2026-05-06/A/A001', reason: 'nextCalled', clerk: '1001' },
  });
});

describe('the queue side is lost', () => {
  it('between call and finish: the number goes, and comes back with the true state', () => {
    const run = at('serving');
    run.kiosk.queueLost();
    expect(run.screen().name).toBe('idle');
    run.kiosk.queueBack({ tellsState: true });
    expect(shows(run)).toBe('serving A001');
  });

  it('and finished meanwhile: said after it is back, asked about then', () => {
    const run = at('serving');
    run.kiosk.queueLost();
    run.queue('served', 'A001');
    expect(run.screen().name).toBe('idle');
    run.kiosk.queueBack({ tellsState: true });
    expect(shows(run)).toBe('inviting A001');
  });

  it('while somebody is being asked: nobody knows who sits there, so the page goes; still there, they are asked again', () => {
    const run = at('inviting');
    run.kiosk.queueLost();
    expect(run.screen().name).toBe('idle');
    expect(closings(run)).toEqual(['interrupted queueLost']);
    expect(run.reports).toEqual([]);
    run.clock.advance(600_000);
    run.kiosk.queueBack({ tellsState: true });
    expect(shows(run)).toBe('inviting A001');
    run.press(5);
    run.clock.advance(60_000);
    expect(run.reports).toEqual([{ serviceKey: 'hall/2026-05-06/A/A001', rated: true }]);
  });

  it('and gone when it is back: no page of theirs, and the queue side hears that nobody rated', () => {
    const run = at('inviting');
    run.kiosk.queueLost();
    run.queue('called', 'A002');
    run.kiosk.queueBack({ tellsState: true });
    expect(shows(run)).toBe('serving A002');
    expect(run.reports).toEqual([{ serviceKey: 'hall/2026-05-06/A/A001', rated: false }]);
    expect(closings(run)).toEqual(['interrupted queueLost']);
  });

  it('and the system cannot say what is so: nobody is asked about what may be over', () => {
    const run = at('inviting');
    run.kiosk.queueLost();
    run.kiosk.queueBack({ tellsState: false });
    expect(run.screen().name).toBe('idle');
    expect(run.reports).toEqual([{ serviceKey: 'hall/2026-05-06/A/A001', rated: false }]);
  });

  it.each(['chosen', 'details', 'thanks'] as const)(
    'while the citizen answers (%s): heard to the end',
    (phase) => {
      const run = at(phase);
      run.kiosk.queueLost();
      expect(run.screen().name).toBe(phase);
      run.clock.advance(60_000);
      expect([run.screen().name, settled(run)]).toEqual(['idle', 1]);
    },
  );

  it('again and again: each invitation has its own end, and there is one rating at most', () => {
    const run = at('inviting');
    for (let n = 0; n < 3; n++) {
      run.kiosk.queueLost();
      run.kiosk.queueLost();
      run.kiosk.queueBack({ tellsState: true });
      run.kiosk.queueBack({ tellsState: true });
    }
    run.press(1);
    run.clock.advance(60_000);
    expect(closings(run)).toEqual([...Array(3).fill('interrupted queueLost'), 'rated time']);
    expect(settled(run)).toBe(1);
  });

  it('where the site pauses then: the page says so, and goes by itself', () => {
    const run = createKioskOnFakes(createFakeJournal(), 'paused');
    run.queue('called', 'A001');
    run.kiosk.queueLost();
    expect(run.screen()).toEqual({ name: 'outOfService', fault: 'queue' });
    run.kiosk.queueBack({ tellsState: true });
    expect(shows(run)).toBe('serving A001');
  });

  it('under a pause and back under it: asked again after the pause', () => {
    const run = at('inviting');
    run.kiosk.queueLost();
    run.queue('paused');
    run.kiosk.queueBack({ tellsState: true });
    expect(run.screen().name).toBe('paused');
    run.queue('resumed');
    expect(shows(run)).toBe('inviting A001');
  });
});
