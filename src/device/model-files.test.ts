import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkModelFolders, loadModelFor } from './model-files.ts';
import type { ButtonSettings } from './settings.ts';

const shipped = fileURLToPath(new URL('../../assets/device-models', import.meta.url));
const settings: ButtonSettings = {
  model: 'ff68',
  path: '/dev/ttyUSB0',
  address: 0x81,
  acknowledge: 'A',
  levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
};

let own: string;
beforeEach(async () => {
  own = await mkdtemp(join(tmpdir(), 'yiping-models-'));
});
afterEach(() => rm(own, { recursive: true }));

const load = async (changed: Partial<ButtonSettings> = {}) => {
  const loaded = await loadModelFor({ folders: [own, shipped], settings: { ...settings, ...changed } });
  return loaded.ok ? loaded.model.id : loaded.problems.map(({ field, rule }) => `${field}: ${rule}`);
};
const dropIn = (name: string, from: string) =>
  copyFile(join(shipped, `${from}.json`), join(own, `${name}.json`));

describe('a model for the settings of a site', () => {
  it('is read from what is shipped', async () => {
    expect(await load()).toBe('ff68');
  });

  it('must have a level for each of its keys and for no other', async () => {
    expect(await load({ levels: { '0': 2, '1': 3, '3': 5, '4': 1 } })).toEqual([
      'levels.2: must name a level 1–5 or an act: the keys of this model are 0, 1, 2, 3',
      'levels.4: must not be there: the keys of this model are 0, 1, 2, 3',
    ]);
  });

  it('that says nothing of itself on USB needs a path, or a place on USB', async () => {
    const { path: _, ...without } = settings;
    const loaded = await loadModelFor({ folders: [shipped], settings: without });
    expect(loaded.ok ? [] : loaded.problems.map(({ field }) => field)).toEqual(['path']);
    const placed = { ...without, usbPort: '1-1.2' };
    expect((await loadModelFor({ folders: [shipped], settings: placed })).ok).toBe(true);
  });

  it('that types has no path, because its node is taken from the kernel', async () => {
    const levels = { '1': 2, '2': 3, '3': 4, '4': 5 } as const;
    expect(await load({ model: 'keypad-4', levels })).toEqual([expect.stringMatching(/^path: must not/)]);
  });

  it('that is asked takes at most its part of a round: boxes on one line are to be missed within two seconds', async () => {
    const id = 'generic-modbus-rtu';
    const slow = JSON.parse(await readFile(join(shipped, `${id}.json`), 'utf8'));
    Object.assign(slow, { id: 'slow-box', framing: { ...slow.framing, pollMs: 400, answerMs: 200 } });
    await writeFile(join(own, 'slow-box.json'), JSON.stringify(slow));
    const levels = { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 } as const;
    const box = (address: number, path = '/dev/ttyS0') => ({ model: 'slow-box', path, address, levels });
    const loaded = (...boxes: readonly ButtonSettings[]) =>
      loadModelFor({ folders: [own, shipped], settings: box(1), boxes });
    expect(await loaded(box(1), box(2))).toMatchObject({ ok: true });
    expect(await loaded(box(1), box(2), box(3, '/dev/ttyS1'))).toMatchObject({ ok: true });
    const refused = await loaded(box(1), box(2), box(3));
    expect(refused).toMatchObject({ ok: false, problems: [{ field: 'framing.answerMs' }] });
    expect(refused.ok ? '' : refused.message).toContain(
      'slow-box.json: framing.answerMs: 3 个评价器共用一条线路时不能大于 150',
    );
    expect(refused.ok ? '' : refused.message).toContain('让其中的评价器单独使用一条线路');
  });

  it('that nobody knows is named together with each file looked for', async () => {
    const loaded = await loadModelFor({ folders: [own, shipped], settings: { ...settings, model: 'ff69' } });
    expect(loaded.ok ? [] : loaded.problems.map(({ file }) => file)).toEqual([
      join(own, 'ff69.json'),
      join(shipped, 'ff69.json'),
    ]);
  });

  it('may be dropped in by a technician, without a folder for it as well', async () => {
    const model = await readFile(join(shipped, 'generic-line.json'), 'utf8');
    await writeFile(join(own, 'our-box.json'), model.replace('"generic-line"', '"our-box"'));
    const levels = { '1': 1, '2': 2, '3': 3, '4': 4, '5': 5 } as const;
    expect(await load({ model: 'our-box', levels })).toBe('our-box');
    const absent = await loadModelFor({ folders: [join(own, 'absent'), shipped], settings });
    expect(absent.ok).toBe(true);
  });

  it('that is there twice is refused, with both files named', async () => {
    await dropIn('ff68', 'ff68');
    const loaded = await loadModelFor({ folders: [own, shipped], settings });
    expect(loaded).toMatchObject({ ok: false });
    for (const folder of [own, shipped])
      expect(loaded.ok ? '' : loaded.message).toContain(join(folder, 'ff68.json'));
  });

  it('must carry the name of its file', async () => {
    await dropIn('other', 'ff68');
    expect(await load({ model: 'other' })).toEqual(['id: must be "other", as the file is named']);
  });

  it('that cannot be read says why', async () => {
    await mkdir(join(own, 'pad.json'));
    expect(await load({ model: 'pad' })).toEqual([expect.stringMatching(/must be readable: EISDIR/)]);
  });
});

describe('folders of models', () => {
  it('are in order as they are shipped', async () => {
    const { models, problems } = await checkModelFolders([shipped]);
    expect(problems).toEqual([]);
    expect(models.map(({ framing }) => framing.kind)).toEqual(
      expect.arrayContaining(['ff68', 'line', 'fixed', 'modbus-rtu', 'hid-report', 'key-codes']),
    );
  });

  it('name everything wrong in any file, and two files of one name', async () => {
    await dropIn('ff68', 'ff68');
    await writeFile(join(own, 'empty.json'), '');
    const { problems } = await checkModelFolders([shipped, own]);
    expect(problems.map(({ file, field }) => [file, field])).toEqual([
      [join(own, 'empty.json'), ''],
      [join(own, 'ff68.json'), 'id'],
    ]);
  });
});
