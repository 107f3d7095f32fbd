import { afterEach, expect, it } from 'vitest';
import { CAMERA_LIMIT_MS } from '../../src/core/pairing-camera.ts';
import { CAMERA_TROUBLES } from '../../src/shared/screen/staff-pairing.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createPairingTablet } from './pairing-rig.ts';

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

function tabletWith(camera: boolean) {
  const clock = createFakeClock();
  const tablet = createPairingTablet({ settings: { camera }, clock });
  ends.push(tablet.remove);
  return { clock, ...tablet };
}

/** A tablet whose page has the camera. */
function looking() {
  const tablet = tabletWith(true);
  expect(tablet.pairing.act({ act: 'camera' })).toEqual({ accepted: true });
  expect(tablet.view().stage).toEqual({ name: 'camera' });
  expect(tablet.lent).toEqual([true]);
  return tablet;
}

it('is not offered, and lent to nobody, where the site does not let it', () => {
  const { pairing, view, lent } = tabletWith(false);
  expect(view().camera).toBeUndefined();
  expect(pairing.act({ act: 'camera' })).toEqual({ accepted: false, reason: 'notOffered' });
  expect(lent).toEqual([]);
});

it('is offered where it does, and lent when it is asked for and not before', () => {
  const { view, lent } = tabletWith(true);
  expect(view().camera).toBe(true);
  expect(lent).toEqual([]);
});

it('takes what the camera read as what a scanner typed', () => {
  const { pairing, lent, trouble } = looking();
  pairing.act({ act: 'scan', text: 'https://example.invalid/menu' });
  expect(lent).toEqual([true, false]);
  expect(trouble()).toBe('notAnOffer');
});

it('is taken back when it is given up, when the page is left, and when nobody looks any more', () => {
  for (const way of ['stop', 'left', 'end'] as const) {
    const { pairing, lent, view } = looking();
    if (way === 'stop') pairing.act({ act: 'stop' });
    else pairing[way]();
    expect(lent).toEqual([true, false]);
    expect(view().stage).toEqual({ name: 'none' });
  }
});

it('is taken back when nothing was seen for a while, and says so', () => {
  const { clock, lent, trouble, lines, pairing } = looking();
  clock.advance(CAMERA_LIMIT_MS - 1);
  expect(lent).toEqual([true]);
  clock.advance(1);
  expect(lent).toEqual([true, false]);
  expect(trouble()).toBe('nothingSeen');
  expect(lines.join()).toContain('nothingSeen');
  // Another try has its whole time again.
  pairing.act({ act: 'camera' });
  clock.advance(CAMERA_LIMIT_MS - 1);
  expect(lent).toEqual([true, false, true]);
});

it('says why there are no pictures, and only while they are waited for', () => {
  for (const reason of CAMERA_TROUBLES) {
    const { pairing, lent, trouble } = looking();
    pairing.act({ act: 'cameraFailed', trouble: reason });
    expect(lent).toEqual([true, false]);
    expect(trouble()).toBe(reason);
    expect(pairing.act({ act: 'cameraFailed', trouble: reason })).toEqual({
      accepted: false,
      reason: 'notNow',
    });
  }
});

it('is lent once, and not while something else is under way', () => {
  const { pairing, lent } = looking();
  expect(pairing.act({ act: 'camera' })).toEqual({ accepted: false, reason: 'notNow' });
  expect(lent).toEqual([true]);
  pairing.act({ act: 'ask', address: 'https://127.0.0.1:9' });
  expect(pairing.act({ act: 'camera' })).toEqual({ accepted: false, reason: 'notNow' });
  expect(lent).toEqual([true, false]);
});
