import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyReader, type ReadKey } from './keys.ts';
import { type Ff68CallerSettings, Ff68CallerSettingsSchema } from './settings.ts';

function keypad(more: Partial<Ff68CallerSettings> = {}) {
  const read = createKeyReader({ ...Ff68CallerSettingsSchema.parse({ kind: 'ff68-caller' }), ...more });
  let atMs = 0;
  return (key: number, digits: readonly number[] = [], afterMs = 100): ReadKey => {
    atMs += afterMs;
    return read({ address: 3, func: 1, key, digits }, atMs);
  };
}
const act = (read: ReadKey) => (read.type === 'act' ? read.act : read.type);

it('every key of the published table', () => {
  const press = keypad();
  expect(act(press(0x0c))).toEqual({ act: 'call', number: undefined });
  expect(act(press(0x0c, [2, 3]))).toEqual({ act: 'call', number: 23 });
  expect(act(press(0x0d))).toEqual({ act: 'recall' });
  expect(act(press(0x0b))).toEqual({ act: 'evaluate' });
  expect(act(press(0x12))).toEqual({ act: 'pause' });
  expect(act(press(0x13))).toEqual({ act: 'transfer' });
  expect(act(press(0x0a))).toEqual({ act: 'nothing' });
  expect(act(press(0x11))).toEqual({ act: 'nothing' });
  expect(act(press(0x0e))).toBe('typing');
  expect(act(press(0x44))).toBe('unknown');
});

it.each([
  ['A', { 6: 'giveUp', 0: 'suspend', 3: 'callBack' }],
  ['B', { 5: 'giveUp', 0: 'pause', 4: 'logOut', 8: 'nothing', 7: 'nothing' }],
] as const)('function keys as program %s has them', (functions, table) => {
  const press = keypad({ functions });
  for (const [digit, what] of Object.entries(table))
    expect(act(press(0x0f, [Number(digit)]))).toEqual({ act: what });
  expect(act(press(0x0f))).toBe('unknown');
});

it('more digits log a clerk in with program B, and with a table of the site’s own', () => {
  expect(act(keypad({ functions: 'B' })(0x0f, [1, 0]))).toEqual({ act: 'logIn', number: '10' });
  expect(act(keypad()(0x0f, [1, 0]))).toBe('unknown');
  const press = keypad({ functionKeys: { '6': 'transfer', '12': 'logOut' }, startKey: 'transfer' });
  expect(act(press(0x0f, [6]))).toEqual({ act: 'transfer' });
  expect(act(press(0x0f, [1, 2]))).toEqual({ act: 'logOut' });
  expect(act(press(0x0a))).toEqual({ act: 'transfer' });
});

it('digits may come as keys of their own, are taken back by 0E, and forgotten after a while', () => {
  const press = keypad();
  press(1);
  press(0);
  press(7);
  expect(act(press(0x0c))).toEqual({ act: 'call', number: 107 });
  expect(act(press(0x0c))).toEqual({ act: 'call', number: undefined });
  press(9);
  press(0x0e);
  expect(act(press(0x0c))).toEqual({ act: 'call', number: undefined });
  press(9);
  expect(act(press(0x0c, [], 20_000))).toEqual({ act: 'call', number: undefined });
});

it('whatever the line carries is read or refused', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({
          key: fc.integer({ min: -5, max: 300 }),
          digits: fc.array(fc.integer({ min: -5, max: 300 })),
        }),
      ),
      (keys) => {
        const press = keypad({ functions: 'B' });
        for (const { key, digits } of keys)
          expect(['act', 'typing', 'unknown', 'malformed']).toContain(press(key, digits).type);
      },
    ),
  );
});
