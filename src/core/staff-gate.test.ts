import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createStaffGate } from './staff-gate.ts';
import { STAFF_LOCKOUT_FILE, waitAfter } from './staff-lockout.ts';
import { STAFF_PIN_FILE, setPin } from './staff-pin.ts';

const PIN = '246813';
const WRONG = '7531';

let dataFolder: string;
beforeEach(() => {
  dataFolder = mkdtempSync(join(tmpdir(), 'yiping-staff-'));
});
afterEach(() => rmSync(dataFolder, { recursive: true, force: true }));

const pinFile = () => join(dataFolder, STAFF_PIN_FILE);
const lockoutFile = () => join(dataFolder, STAFF_LOCKOUT_FILE);

function gateOn(clock = createFakeClock()) {
  const lines: string[] = [];
  const gate = createStaffGate({
    dataFolder,
    clock,
    note: (...line) => lines.push(JSON.stringify(line)),
  });
  return { gate, clock, lines };
}

it('is a salted hash with its parameters, readable by one user, and never the PIN', async () => {
  expect(await setPin(pinFile(), PIN)).toEqual({ ok: true });
  const first = readFileSync(pinFile(), 'utf8');
  expect(first).not.toContain(PIN);
  expect(JSON.parse(first)).toMatchObject({ kdf: 'scrypt', n: 32_768, r: 8, p: 1 });
  expect(statSync(pinFile()).mode & 0o777).toBe(0o600);
  await setPin(pinFile(), PIN);
  expect(readFileSync(pinFile(), 'utf8')).not.toBe(first);
});

it.each(['123', '1234567890123', '12a4', '', '１２３４'])('takes no PIN such as "%s"', async (pin) => {
  expect(await setPin(pinFile(), pin)).toMatchObject({ ok: false });
  expect(existsSync(pinFile())).toBe(false);
});

it('lets the right one in, and nobody while there is none', async () => {
  const { gate, lines } = gateOn();
  expect(gate.state()).toEqual({ pin: 'absent', waitMs: 0 });
  expect(await gate.tryPin(PIN)).toBe('absent');
  expect(await gate.setFirst(PIN)).toBe(true);
  expect(await gate.setFirst('999999')).toBe(false);
  expect(await gate.tryPin('999999')).toBe('wrong');
  expect(await gate.tryPin(PIN)).toBe('right');
  expect(lines.join()).not.toContain(PIN);
});

it('locks everybody out after three wrong ones, longer each time, also after a restart and for the right one', async () => {
  await setPin(pinFile(), PIN);
  const { gate, clock, lines } = gateOn();
  expect([await gate.tryPin(WRONG), await gate.tryPin(WRONG), await gate.tryPin(WRONG)]).toEqual([
    'wrong',
    'wrong',
    'lockedOut',
  ]);
  expect(gate.state()).toEqual({ pin: 'set', waitMs: 30_000 });
  const again = gateOn(clock);
  expect(await again.gate.tryPin(PIN)).toBe('lockedOut');
  clock.advance(30_000);
  expect(await again.gate.tryPin(WRONG)).toBe('lockedOut');
  expect(again.gate.state().waitMs).toBe(60_000);
  clock.advance(60_000);
  expect(await again.gate.tryPin(PIN)).toBe('right');
  // From the beginning again.
  expect(await again.gate.tryPin(WRONG)).toBe('wrong');
  expect(lines.join()).not.toContain(WRONG);
});

it('waits up to a quarter of an hour and no longer', () => {
  expect([2, 3, 4, 5, 7, 8, 100].map((failures) => waitAfter(failures) / 1_000)).toEqual([
    0, 30, 60, 120, 480, 900, 900,
  ]);
});

it('counts a try before it looks at it, so that a pulled plug gives none back', async () => {
  await setPin(pinFile(), PIN);
  const attempt = gateOn().gate.tryPin(WRONG);
  expect(JSON.parse(readFileSync(lockoutFile(), 'utf8'))).toMatchObject({ failures: 1 });
  await attempt;
});

it('looks at one at a time', async () => {
  await setPin(pinFile(), PIN);
  const { gate } = gateOn();
  expect(await Promise.all([gate.tryPin(WRONG), gate.tryPin(PIN)])).toEqual(['wrong', 'busy']);
});

it('a clock that was set back keeps nobody out for longer than the wait itself', async () => {
  await setPin(pinFile(), PIN);
  const { gate, clock } = gateOn();
  for (let i = 0; i < 3; i++) await gate.tryPin(WRONG);
  clock.jumpWall(-86_400_000);
  expect(gate.state().waitMs).toBe(30_000);
  clock.advance(30_000);
  expect(await gate.tryPin(PIN)).toBe('right');
});

it('whoever spoils the file of the lock-out waits, and whoever sets a new PIN does not', async () => {
  await setPin(pinFile(), PIN);
  writeFileSync(lockoutFile(), 'not ours');
  const { gate, clock } = gateOn();
  expect(gate.state().waitMs).toBe(30_000);
  await setPin(pinFile(), '112233');
  expect(gate.state().waitMs).toBe(0);
  clock.advance(1);
  expect(await gate.tryPin('112233')).toBe('right');
});

it.each([
  ['not JSON', 'x'],
  ['without a hash', JSON.stringify({ kdf: 'scrypt', n: 32_768, r: 8, p: 1, salt: '', hash: '' })],
  ['made cheap', JSON.stringify({ kdf: 'scrypt', n: 2, r: 8, p: 1, salt: `${'A'.repeat(22)}==`, hash: '' })],
  ['far too long', 'x'.repeat(100_000)],
])('a file that is %s lets nobody in, and is not taken for none', async (_what, text) => {
  writeFileSync(pinFile(), text);
  const { gate } = gateOn();
  expect(gate.state().pin).toBe('set');
  expect(await gate.tryPin(PIN)).toBe('wrong');
  expect(await gate.setFirst(PIN)).toBe(false);
});
