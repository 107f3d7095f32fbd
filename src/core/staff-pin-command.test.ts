import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askForPin } from '../shared/screen/pin-prompt.ts';
import { findPin, STAFF_PIN_FILE } from './staff-pin.ts';
import { setPinOf } from './staff-pin-command.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'yiping-pin-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function typed(...chunks: readonly string[]): Promise<string | null> {
  const input = new PassThrough();
  for (const chunk of chunks) input.write(chunk);
  input.end();
  return askForPin(input, () => {});
}

it.each<[string, readonly string[], string | null]>([
  ['the same twice', ['2468\n2468\n'], '2468'],
  ['in pieces, as a terminal sends it', ['2', '46', '8\r', '2468', '\r'], '2468'],
  ['mistyped and mended', ['2469\u007f8\n2468\n'], '2468'],
  ['two that differ', ['2468\n2469\n'], null],
  ['once', ['2468\n'], null],
  ['given up', ['24\u0003'], null],
  ['nothing', [], null],
])('asks twice: %s', async (_what, chunks, pin) => {
  expect(await typed(...chunks)).toBe(pin);
});

it('shows nothing of what is typed', async () => {
  const said: string[] = [];
  const raw: boolean[] = [];
  const input = Object.assign(new PassThrough(), {
    isTTY: true,
    setRawMode: (yes: boolean) => raw.push(yes),
  });
  input.write('2468\r2468\r');
  expect(await askForPin(input, (text) => said.push(text))).toBe('2468');
  expect(said.join('')).not.toContain('2468');
  expect(raw).toEqual([true, false]);
});

it("makes no folder, and sets none in one that is no kiosk's: it says which, and what to name", async () => {
  const absent = join(folder, 'not-there');
  for (const other of [absent, folder])
    expect(await setPinOf(other, '2468')).toMatchObject({
      code: 2,
      out: expect.stringMatching(new RegExp(`${other} .*--yiping-data=`)),
    });
  expect(existsSync(absent)).toBe(false);
  expect(existsSync(join(folder, STAFF_PIN_FILE))).toBe(false);
});

it('takes the folder of a kiosk whose settings are elsewhere', async () => {
  writeFileSync(join(folder, 'journal.sqlite'), '');
  expect(await setPinOf(folder, '2468')).toMatchObject({ code: 0 });
});

it('sets the PIN in the folder, or says why not and leaves it as it was', async () => {
  writeFileSync(join(folder, 'kiosk.json'), '{}');
  expect(await setPinOf(folder, null)).toMatchObject({ code: 1 });
  expect(await setPinOf(folder, 'abcd')).toMatchObject({ code: 2, out: expect.stringContaining('4 至 12') });
  expect(existsSync(join(folder, STAFF_PIN_FILE))).toBe(false);
  const set = await setPinOf(folder, '2468');
  expect(set).toMatchObject({ code: 0 });
  expect(set.out).not.toContain('2468');
  const found = findPin(join(folder, STAFF_PIN_FILE));
  expect(found.state === 'set' && (await found.isRight('2468'))).toBe(true);
});
