import { describe, expect, it } from 'vitest';
import { type ButtonSettings, ButtonSettingsSchema } from './settings.ts';

const settings: ButtonSettings = {
  model: 'ff68',
  path: '/dev/ttyUSB0',
  address: 0x81,
  acknowledge: 'A',
  levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
};

describe('the settings of a site', () => {
  it('are taken as they stand when they are whole', () => {
    expect(ButtonSettingsSchema.parse(settings)).toEqual(settings);
  });

  it('must say what each key means: there is no default', () => {
    const { levels: _, ...without } = settings;
    expect(ButtonSettingsSchema.safeParse(without).error?.issues[0]?.path).toEqual(['levels']);
  });

  it.each([
    ['address', 256],
    ['acknowledge', 'C'],
    ['path', 'ttyUSB0'],
    ['levels', { '0': 6 }],
    ['levels', { 'two words': 5 }],
    ['model', '../../secrets'],
    ['baud', 9600],
  ])('refuse %s = %j', (field, value) => {
    expect(ButtonSettingsSchema.safeParse({ ...settings, [field]: value }).success).toBe(false);
  });
});
