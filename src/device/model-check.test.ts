import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { checkModel } from './model-check.ts';

const shipped = (id: string) =>
  readFileSync(fileURLToPath(new URL(`../../assets/device-models/${id}.json`, import.meta.url)), 'utf8');

/** `line: field: rule` of everything wrong after a change; the line in which the change was made is asserted too. */
const wrongAfter = (id: string, from: string, to: string) => {
  const text = shipped(id);
  const at = text.indexOf(from);
  expect(at, `${from} in ${id}`).toBeGreaterThanOrEqual(0);
  const read = checkModel(`${id}.json`, text.replace(from, to));
  return {
    line: text.slice(0, at).split('\n').length,
    problems: read.ok ? [] : read.problems.map(({ line, field, rule }) => ({ line, field, rule })),
  };
};

describe('a wrong model is told its line and its rule', () => {
  it.each([
    ['ff68', '"parity": "none"', '"parity": "always"', 'transport.parity', /"none"/],
    ['ff68', '"baudRate": 9600', '"baudRate": "fast"', 'transport.baudRate', /number/],
    ['ff68', '"kind": "ff68"', '"kind": "morse"', 'framing.kind', /./],
    ['ff68', '"settleMs": 300', '"settleMs": 300, "wait": 1', 'timing.wait', /must not be there/],
    ['ff68', '"display"]', '"display", "siren"]', 'outputs.5', /./],
    ['ff68', '"code": "2"', '"code": "1"', 'keys', /same code twice/],
    ['ff68', '"kind": "serial"', '"kind": "serial", "kind": "hid"', 'transport.kind', /twice/],
    [
      'ff68',
      'FF 68 03 03 68 81 11 00 92 16',
      'FF 68 03 03 68 81 11 00 93 16',
      'vectors.1.bytes',
      /must press 0/,
    ],
    [
      'ff68',
      'FF 68 03 03 68 81 01 0B 8D 16',
      'FF 68 03 03 68 81 01 0B 8E 16',
      'outputVectors.0.bytes',
      /8D 16/,
    ],
    ['ff68', '"bytes": "FF 68', '"bytes": "FF68', 'vectors.0.bytes', /must be 1–64 pairs/],
    ['generic-line', '"end": "0D 0A"', '"end": "0D 0A 0D 0A 0D"', 'framing.end', /1–4 bytes/],
    ['generic-line', '"press": "KEY {key}"', '"press": "KEY"', 'framing.press', /\{key\} exactly once/],
    [
      'generic-line',
      '"stars": "STARS {stars}"',
      '"stars": "{key}{stars}"',
      'framing.outputs.stars',
      /between/,
    ],
    ['generic-fixed-xor8', '{key} {check} 0D"', '{key} 0D"', 'framing.press', /\{check\} exactly once/],
    ['generic-fixed-xor8', '"press": "AA', '"press": "{any}', 'framing.press', /never changes/],
    ['generic-fixed-xor8', '"from": 2', '"from": 9', 'framing.press', /behind byte 9/],
    ['generic-modbus-rtu', '"answerMs": 40', '"answerMs": 90', 'framing.answerMs', /at most pollMs/],
    ['generic-modbus-rtu', '"count": 5', '"count": 3', 'framing.down.keys.4', /below 3/],
    ['generic-hid-pad', '"kind": "hid"', '"kind": "keyboard"', 'transport', /Unrecognized|must not be there/],
    ['generic-hid-pad', '"byte": 0, "bit": 4', '"byte": 8, "bit": 4', 'framing.down.keys.5.byte', /below 8/],
    ['keypad-5', '"1E"', '"1F"', 'framing.keys', /same usage twice/],
    ['delcom-lamp', '"0fc5"', '"0FC5"', 'usb.0.vendorId', /small hexadecimal/],
  ])('%s: %s → %s', (id, from, to, field, rule) => {
    const { problems, line } = wrongAfter(id, from, to);
    const mine = problems.filter((problem) => problem.field.startsWith(field) && rule.test(problem.rule));
    expect(mine, JSON.stringify(problems)).not.toEqual([]);
    // The whole that a rule is about begins where its name stands.
    expect(mine.some((problem) => Math.abs((problem.line ?? 0) - line) <= 6)).toBe(true);
  });

  it('names exactly the line of a value', () => {
    const { problems, line } = wrongAfter('keypad-4', '"key": "3"', '"key": "7"');
    expect(problems).toContainEqual({ line, field: 'vectors.2.key', rule: expect.stringContaining('"7"') });
  });

  it('names the nearest thing around a field that is missing', () => {
    const text = shipped('ff68').replace(/"settleMs": 300/, '"togetherMs": 60');
    const read = checkModel('ff68.json', text);
    const line = text.slice(0, text.indexOf('"timing"')).split('\n').length;
    expect(read.ok ? [] : read.problems).toMatchObject([{ line, field: 'timing.settleMs' }]);
  });

  it.each([
    ['nothing', '', 1],
    ['half a file', '{\n  "id": "ff68",\n', 3],
    ['a comment', '{\n  // ours\n  "id": "ff68"\n}', 2],
    ['a comma too many', '{\n  "id": "ff68",\n}', 3],
    ['a word', '{\n  "id": "ff68",\n  oops\n}', 3],
  ])('%s is no JSON', (_what, text, line) => {
    const read = checkModel('ff68.json', text);
    expect(read.ok ? [] : read.problems).toEqual([
      { file: 'ff68.json', line, field: '', rule: expect.stringMatching(/^must be JSON: /) },
    ]);
  });

  it('reads as file, line, field, rule', () => {
    const read = checkModel('pad.json', '[]');
    expect(read.ok ? '' : read.message).toMatch(/^pad\.json:1: /);
  });
});

describe('a model must be whole', () => {
  it('without a vector for a key or an output it is refused', () => {
    const model = JSON.parse(shipped('generic-line'));
    const problems = (changed: object) => {
      const read = checkModel('x.json', JSON.stringify({ ...model, ...changed }));
      return read.ok ? [] : read.problems.map(({ field, rule }) => `${field}: ${rule}`);
    };
    expect(problems({ vectors: model.vectors.slice(1) })).toEqual([
      'keys.0.code: "1" must have a vector: bytes that press it',
    ]);
    expect(problems({ outputVectors: model.outputVectors.slice(1) })).toEqual([
      'outputs.0: must have an output vector: the bytes of "prompt"',
    ]);
    expect(problems({ keys: model.keys.slice(1) })).toEqual([
      'framing.keys.1: must not be there: "keys" has no "1"',
      'vectors.0.key: must be a key of this model: it has no "1"',
    ]);
    expect(problems({ outputs: ['prompt'] })).toContain(
      'framing.outputs.thanks: must not be there: "outputs" does not name it',
    );
  });
});
