import { describe, expect, it } from 'vitest';
import { createKioskOnFakes, DELAYS, type KioskOnFakes } from '../../test/support/kiosk-on-fakes.ts';
import { LEVELS } from '../shared/words.ts';
import { CALM_MS } from './keys.ts';

function details(it: KioskOnFakes) {
  const screen = it.screen();
  if (screen.name !== 'details') throw new Error(`expected details, saw ${screen.name}`);
  return screen;
}

function inDetails(level: (typeof LEVELS)[number] = 2): KioskOnFakes {
  const it = createKioskOnFakes();
  it.queue('served');
  it.press(level);
  it.clock.advance(CALM_MS);
  it.press(level);
  it.clock.advance(CALM_MS);
  return it;
}

describe('a press that is withdrawn', () => {
  it('was the first choice: asked again, with all the time, and nothing is rated', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(1);
    it.clock.advance(50);
    it.withdraw();
    expect(it.screen()).toMatchObject({ name: 'inviting', span: { endsInMs: DELAYS.inviting } });
    expect(it.prompts()).toBe(2);
    expect(it.journal.written.at(-1)).toEqual({
      kind: 'rating.withdrawn',
      body: expect.objectContaining({ level: 1, reason: 'together', source: 'serial', deviceId: 'box' }),
    });
    it.press(4);
    it.clock.advance(DELAYS.chosen);
    expect(it.journal.written).toContainEqual({
      kind: 'rating.settled',
      body: expect.objectContaining({ level: 4 }),
    });
  });

  it('was a change of mind: the level before it stands again, and is settled after a kill', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(5);
    it.press(1);
    it.withdraw();
    expect(it.screen()).toMatchObject({ name: 'chosen', level: 5 });
    it.kiosk.stop();
    const after = createKioskOnFakes(it.journal);
    expect(after.journal.written).toContainEqual({
      kind: 'rating.settled',
      body: expect.objectContaining({ level: 5, by: 'recovery' }),
    });
  });

  it('changed nothing, or is settled: so it stays', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(5);
    it.clock.advance(400);
    it.press(5);
    it.withdraw();
    expect(it.screen()).toMatchObject({ name: 'chosen', level: 5 });
    it.clock.advance(DELAYS.chosen);
    it.withdraw();
    expect(it.screen().name).toBe('details');
    expect(it.kinds()).not.toContain('rating.withdrawn');
  });

  it('cannot be frozen: asked again when the disk is back, and not rated', () => {
    for (const butKeeps of [false, true]) {
      const it = createKioskOnFakes();
      it.queue('served');
      it.press(1);
      it.journal.failWith('ioError', { butKeeps });
      it.withdraw();
      expect(it.screen().name).toBe('outOfService');
      it.journal.failWith(null);
      it.clock.advance(1_000);
      expect(it.screen().name).toBe('inviting');
      expect(it.kinds().filter((kind) => kind === 'rating.withdrawn')).toHaveLength(1);
      expect(it.kinds()).not.toContain('rating.settled');
    }
  });

  it('is what "cancel" does to a choice, a step at a time; then it is a no', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(5);
    it.press(3);
    it.press('cancel');
    expect(it.screen()).toMatchObject({ name: 'chosen', level: 5 });
    it.press('cancel');
    expect(it.screen().name).toBe('inviting');
    expect(it.journal.written.at(-1)).toMatchObject({ body: { reason: 'cancelled' } });
    it.press('cancel');
    expect(it.journal.written.at(-1)).toMatchObject({ body: { outcome: 'declined' } });
  });
});

describe('five keys are enough', () => {
  it('the same key again confirms, but not as a double tap; a face on the screen does not', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(4);
    it.clock.advance(CALM_MS - 1);
    it.press(4);
    const screen = it.screen();
    if (screen.name !== 'chosen') throw new Error(`expected a choice, saw ${screen.name}`);
    it.clock.advance(1);
    it.kiosk.citizen.choose({ invitation: screen.invitation, level: 4 });
    expect(it.screen().name).toBe('chosen');
    it.press(4);
    expect(details(it)).toMatchObject({ level: 4, keys: true });
    expect(it.journal.written).toContainEqual({
      kind: 'rating.settled',
      body: expect.objectContaining({ level: 4, by: 'citizen' }),
    });
  });

  it.each(LEVELS)('at level %i they tick, go on, go back, ask for help and finish', (level) => {
    const it = inDetails(level);
    expect(details(it).focus).toBeUndefined();
    // Nothing was spoken yet: nothing is ticked.
    it.press(5);
    expect(details(it)).toMatchObject({ focus: 0, ticked: [] });
    it.press(5);
    expect(details(it)).toMatchObject({ focus: 1, ticked: [`${level}10`] });
    it.press(4);
    expect(details(it).focus).toBe(0);
    it.press(3);
    expect(details(it).focus).toBe(1);
    it.press(5);
    it.press(5);
    expect(details(it)).toMatchObject({ focus: 1, ticked: [`${level}11`] });
    it.press(2);
    expect(details(it).helpRequested).toBe(true);
    expect(it.acknowledged.map(({ control }) => control)).toEqual([level, 2]);
    it.press(1);
    expect(it.screen().name).toBe('thanks');
    expect(it.kinds().slice(1)).toEqual([
      'invitation.opened',
      'rating.chosen',
      'rating.settled',
      'invitation.closed',
      'rating.helpRequested',
      'rating.detailed',
    ]);
    expect(it.journal.written.at(-1)).toMatchObject({ body: { codes: [`${level}11`] } });
  });

  it('each act is said, and said again when asked', () => {
    const it = inDetails(3);
    it.press(4);
    it.press(5);
    it.press('repeat');
    it.press(2);
    it.press(1);
    const item = { text: 'details.indicators', of: 2, ticked: false };
    expect(it.spoken).toEqual([
      { text: 'chosen.recorded', level: 3 },
      { text: 'details.question' },
      { ...item, code: '310', place: 1 },
      { ...item, code: '311', place: 2 },
      { ...item, code: '311', place: 2 },
      { text: 'details.helpNoted' },
      { text: 'thanks.title' },
    ]);
  });

  it('nothing is said to somebody who touches, and the screen forgets the keys', () => {
    const it = inDetails(2);
    it.press(4);
    const said = it.spoken.length;
    it.kiosk.citizen.tick({ invitation: details(it).invitation, code: '210' });
    expect(details(it)).toMatchObject({ keys: false, ticked: ['210'] });
    expect(details(it).focus).toBeUndefined();
    expect(it.spoken).toHaveLength(said);
  });

  it('a key meant for the choice that has just been settled does nothing to its reasons', () => {
    const it = createKioskOnFakes();
    it.queue('served');
    it.press(2);
    it.clock.advance(DELAYS.chosen + CALM_MS - 1);
    expect(it.press(1)).toEqual({ accepted: false, reason: 'alreadyRated' });
    expect(it.press('confirm')).toEqual({ accepted: false, reason: 'notNow' });
    it.clock.advance(1);
    expect(it.press('confirm')).toEqual({ accepted: true });
    expect(it.screen().name).toBe('thanks');
  });

  it('to repeat gives the citizen all the time again, but for a choice', () => {
    const it = createKioskOnFakes();
    expect(it.press('repeat')).toEqual({ accepted: false, reason: 'notNow' });
    it.queue('served');
    it.clock.advance(10_000);
    it.press('repeat');
    expect(it.screen()).toMatchObject({ span: { endsInMs: DELAYS.inviting } });
    it.press(5);
    it.clock.advance(1_000);
    it.press('repeat');
    expect(it.screen()).toMatchObject({ name: 'chosen', span: { endsInMs: DELAYS.chosen - 1_000 } });
    expect(it.kiosk.refusals()).toEqual({ notNow: 1 });
  });
});
