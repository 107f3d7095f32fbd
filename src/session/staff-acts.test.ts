import { expect, it } from 'vitest';
import { createKioskOnFakes } from '../../test/support/kiosk-on-fakes.ts';
import { LEVELS } from '../shared/words.ts';

function inviting() {
  const it = createKioskOnFakes();
  it.queue('called');
  it.queue('served');
  const screen = it.screen();
  if (screen.name !== 'inviting') throw new Error('nobody is invited');
  return { it, invitation: screen.invitation };
}

it('the clerk takes back an invitation that nobody has answered, and the journal says who', () => {
  const { it: run, invitation } = inviting();
  expect(run.kiosk.staff({ act: 'recall', invitation })).toEqual({ accepted: true });
  expect(run.screen().name).toBe('serving');
  expect(run.journal.written.at(-1)).toEqual({
    kind: 'invitation.closed',
    body: {
      invitation,
      serviceKey: 'hall/2026-05-06/A/A001',
      outcome: 'interrupted',
      reason: 'staffRecalled',
    },
  });
  expect(run.reports).toEqual([{ serviceKey: 'hall/2026-05-06/A/A001', rated: false }]);
});

it('a service whose invitation was taken back may be asked about when it is finished', () => {
  const { it: run, invitation } = inviting();
  run.kiosk.staff({ act: 'recall', invitation });
  run.queue('served');
  expect(run.screen().name).toBe('inviting');
  expect(run.kiosk.staff({ act: 'recall', invitation })).toEqual({
    accepted: false,
    reason: 'staleInvitation',
  });
});

it.each(LEVELS)('a choice of %i is neither taken back nor cut short by hand', (level) => {
  const { it: run, invitation } = inviting();
  run.press(level);
  const kinds = run.kinds();
  expect(run.kiosk.staff({ act: 'recall', invitation })).toEqual({ accepted: false, reason: 'notNow' });
  expect(run.kiosk.staff({ act: 'pause' })).toEqual({ accepted: false, reason: 'notNow' });
  expect(run.kinds()).toEqual(kinds);
  expect(run.screen()).toMatchObject({ name: 'chosen', level });
});

it('a pause by hand ends what is open, says by whom, and ends by either side’s word', () => {
  const { it: run } = inviting();
  run.kiosk.staff({ act: 'pause' });
  expect(run.screen().name).toBe('paused');
  expect(run.journal.written.slice(-2)).toMatchObject([
    { kind: 'invitation.closed', body: { outcome: 'interrupted', reason: 'paused' } },
    { kind: 'pause.changed', body: { paused: true, by: 'staff' } },
  ]);
  const written = run.journal.written.length;
  run.kiosk.staff({ act: 'pause' });
  expect(run.journal.written).toHaveLength(written);
  run.queue('resumed');
  expect(run.screen().name).not.toBe('paused');
  run.queue('paused');
  run.kiosk.staff({ act: 'resume' });
  expect(run.journal.written.at(-1)).toEqual({
    kind: 'pause.changed',
    body: { paused: false, by: 'staff' },
  });
});

it('what is finished while the clerk pauses is asked about afterwards', () => {
  const run = createKioskOnFakes();
  run.queue('called');
  run.kiosk.staff({ act: 'pause' });
  run.queue('served');
  expect(run.screen().name).toBe('paused');
  run.kiosk.staff({ act: 'resume' });
  expect(run.screen().name).toBe('inviting');
});

it('what the counter may know is the same at every level, at every step', () => {
  const seen = LEVELS.map((level) => {
    const { it: run, invitation } = inviting();
    const steps = [run.kiosk.counter()].map(({ invitation: _, ...rest }) => rest);
    run.press(level);
    steps.push(run.kiosk.counter());
    run.kiosk.citizen.confirm({ invitation });
    steps.push(run.kiosk.counter());
    run.kiosk.citizen.finish({ invitation });
    steps.push(run.kiosk.counter());
    run.clock.advance(60_000);
    steps.push(run.kiosk.counter());
    return steps;
  });
  for (const steps of seen) expect(steps).toEqual(seen[0]);
  expect(seen[0]?.map(({ doing }) => doing)).toEqual([
    'inviting',
    'answering',
    'answering',
    'answering',
    'idle',
  ]);
});
