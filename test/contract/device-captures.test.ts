import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkModelFolders } from '../../src/device/buttons.ts';
import { parseCapture, readCapture } from '../../tools/device/capture.ts';
import { replay } from '../../tools/device/replay.ts';
import { modelFolder } from '../support/device-model.ts';

/** Recordings of every model with keys (test/support/device-captures-make.ts), held against the drivers of today. */
const folder = fileURLToPath(new URL('../fixtures/captures', import.meta.url));
const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
const { models } = await checkModelFolders([modelFolder]);
const onEvent = () => {};

it('there is a capture of every model that has keys', () => {
  const keyed = models.filter(({ keys }) => keys.length > 0).map(({ id }) => id);
  expect(files.map((name) => basename(name, '.jsonl')).sort()).toEqual(keyed);
});

describe.each(files)('%s', (name) => {
  const file = join(folder, name);
  const model = models.find(({ id }) => id === basename(name, '.jsonl'));

  it('replayed presses exactly what was pressed when it was recorded, with today’s model too', async () => {
    const read = await readCapture(file);
    if (!read.ok) throw new Error(read.why);
    const { capture } = read;
    const { stated, made, counters } = await replay({ capture, ...(model ? { model } : {}), onEvent });
    expect(made).toEqual(stated);
    // Every key, one for a bounce, one amid noise, and one after the replug.
    expect(made.length).toBe(capture.head.model.keys.length + 3);
    expect(new Set(made).size).toBe(capture.head.model.keys.length);
    expect(counters).toMatchObject({ connections: 2, losses: 1 });
    expect(counters.settling).toBeGreaterThan(0);
    expect(counters.repeats + counters.coolDown).toBeGreaterThan(0);
  });

  it('says nothing of where or by whom it was recorded', () => {
    const [head = ''] = readFileSync(file, 'utf8').split('\n');
    expect(Object.keys(JSON.parse(head).settings).sort()).toEqual(
      expect.not.arrayContaining(['path', 'usbSerial', 'usbPort']),
    );
    expect(readFileSync(file, 'utf8')).not.toMatch(/\/tmp|\/dev|\/home/);
  });
});

describe('a capture that is not right', () => {
  const text = readFileSync(join(folder, 'ff68.jsonl'), 'utf8');
  const [head = '', ...rows] = text.split('\n');

  it.each([
    ['is empty', '', 1],
    ['is no JSON', `${head}\n{\n`, 2],
    ['has no head', `${rows[0]}\n`, 1],
    ['has a kind nobody knows', `${head}\n{"kind":"noise","atMs":1}\n`, 2],
    ['has bytes that are none', `${head}\n{"kind":"in","atMs":1,"bytes":"XY"}\n`, 2],
    ['goes back in time', `${head}\n{"kind":"open","atMs":9}\n{"kind":"gone","atMs":8}\n`, 3],
    ['has a line without end', `${head}\n"${'x'.repeat(70_000)}"\n`, 2],
  ])('that %s is refused with its line', (_, content, line) => {
    expect(parseCapture(content)).toMatchObject({ ok: false, line });
  });

  it('with more lines than are read is refused before they are', () => {
    const many = `${head}\n${'{"kind":"open","atMs":1}\n'.repeat(100_001)}`;
    expect(parseCapture(many)).toMatchObject({ ok: false, why: expect.stringContaining('lines') });
  });

  it('cut off in the middle of a line is good up to there', () => {
    expect(parseCapture(text.slice(0, -7))).toMatchObject({ ok: true });
  });

  it('with a frame taken out does not press what it states', async () => {
    const at = rows.findIndex((row) => row.includes('"in"'));
    const read = parseCapture([head, ...rows.filter((_, index) => index !== at)].join('\n'));
    if (!read.ok) throw new Error(read.why);
    const { stated, made } = await replay({ capture: read.capture, onEvent });
    expect(made).not.toEqual(stated);
  });
});
