import { readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fromHex } from './framing/framing.ts';
import { framingOf } from './framing/framing-of.ts';
import { loadModelFor, parseDeviceModel } from './models.ts';
import { type ButtonSettings, ButtonSettingsSchema } from './settings.ts';

const folder = fileURLToPath(new URL('../../assets/device-models', import.meta.url));
const settings: ButtonSettings = {
  model: 'ff68',
  path: '/dev/ttyUSB0',
  address: 0x81,
  acknowledge: 'A',
  levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
};

const load = async (changed: Partial<ButtonSettings> = {}, from = folder) => {
  const loaded = await loadModelFor({ folder: from, settings: { ...settings, ...changed } });
  return loaded.ok ? loaded.model.id : loaded.problems.map(({ field, rule }) => `${field}: ${rule}`);
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

describe('a model for the settings', () => {
  it('is read from the folder of models', async () => {
    expect(await load()).toBe('ff68');
  });

  it('must have a level for each of its keys and for no other', async () => {
    expect(await load({ levels: { '0': 2, '1': 3, '3': 5, '4': 1 } })).toEqual([
      'levels.2: must name a level 1–5 or an act: the keys of this model are 0, 1, 2, 3',
      'levels.4: must not be there: the keys of this model are 0, 1, 2, 3',
    ]);
  });

  it('that nobody knows is named together with the file looked for', async () => {
    const loaded = await loadModelFor({ folder, settings: { ...settings, model: 'ff69' } });
    expect(loaded).toMatchObject({
      ok: false,
      message: expect.stringMatching(/ff69\.json: model: no model/),
    });
  });
});

describe('a model file', () => {
  let dropped: string;
  beforeEach(async () => {
    dropped = await mkdtemp(join(tmpdir(), 'yiping-models-'));
  });
  afterEach(() => rm(dropped, { recursive: true }));

  it('must carry the name of its model', async () => {
    await writeFile(join(dropped, 'other.json'), await readFile(join(folder, 'ff68.json')));
    expect(await load({ model: 'other' }, dropped)).toEqual(['id: must be "other", as the file is named']);
  });

  it('that is not JSON is refused with file and line', () => {
    const text = '{\n  "id": "ff68",\n  oops\n}';
    expect(parseDeviceModel('ff68.json', text)).toMatchObject({
      ok: false,
      message: expect.stringMatching(/^ff68\.json: must be JSON: .*line 3/),
    });
  });

  it('with wrong fields is refused with each field and its rule', async () => {
    const model: unknown = JSON.parse(await readFile(join(folder, 'ff68.json'), 'utf8'));
    const wrong = { ...(model as object), framing: 'morse', keys: [], extra: 1 };
    const parsed = parseDeviceModel('ff68.json', JSON.stringify(wrong));
    expect(parsed.ok ? [] : parsed.problems.map((problem) => problem.field)).toEqual(
      expect.arrayContaining(['framing', 'keys', '']),
    );
  });

  it.each(readdirSync(folder))('%s: each vector is what its framing makes of the bytes', async (name) => {
    const read = parseDeviceModel(name, await readFile(join(folder, name), 'utf8'));
    if (!read.ok) throw new Error(read.message);
    const { model } = read;
    for (const { bytes, address, key } of model.vectors) {
      const { signals } = framingOf(model, { address }).decoder().push(fromHex(bytes));
      const pressed = signals.filter((signal) => signal.kind === 'pressed' || signal.kind === 'down');
      const keys = pressed.flatMap((signal) => (signal.kind === 'down' ? signal.keys : [signal.key]));
      expect(keys, bytes).toEqual(key === null ? [] : [key]);
    }
  });
});
