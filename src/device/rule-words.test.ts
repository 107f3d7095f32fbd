import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkModel, describeProblem } from './model-check.ts';
import { ruleInChinese } from './rule-words.ts';
import { ButtonSettingsSchema } from './settings.ts';

const folder = import.meta.dirname;

/** Every text of this room that states a rule, with something in place of what is filled in. */
function statedRules(): readonly string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.includes('rule-words'))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  return files
    .map((text) => text.replace(/\/\*.*?\*\/|^\s*\/\/.*$/gms, ''))
    .flatMap((text) =>
      [...text.matchAll(/'([^'\n]*)'|`([^`]*)`/g)].map(([, plain, filled]) => plain ?? filled ?? ''),
    )
    .filter((text) => /\bmust\b|travels on|is taken by|can be read there/.test(text))
    .map((text) =>
      text.replace(
        /\$\{[^}]*\}/g,
        (what) =>
          /\? '([^']*)'/.exec(what)?.[1] ?? (/^..all.$/.test(what) ? 'the keys of this model are 1, 2' : 'x'),
      ),
    );
}

describe('the rules of models and settings', () => {
  it('are there', () => expect(statedRules().length).toBeGreaterThan(50));

  it.each([...new Set(statedRules())])('%s – is there in Chinese', (rule) => {
    expect(ruleInChinese(rule)).toMatch(/[\u4e00-\u9fff]/);
    expect(ruleInChinese(rule)).not.toMatch(/\$\d/);
  });

  it('of the schema library have their Chinese as well, with what was there', () => {
    const messages = [
      checkModel(
        'pad.json',
        '{"keys": 3, "outputs": ["siren"], "transport": {"kind": "serial", "baudRate": 1}}',
      ),
      checkModel('pad.json', '{"timing": {"debounceMs": 99999}, "framing": {"kind": "morse"}, "usb": []}'),
    ].flatMap((read) => (read.ok ? [] : read.problems.map(({ rule }) => rule)));
    messages.push(
      ...(
        ButtonSettingsSchema.safeParse({ model: '..', path: 'x', address: 300, levels: { a: 9 } }).error
          ?.issues ?? []
      ).map(({ message }) => message),
    );
    expect(messages.length).toBeGreaterThan(12);
    for (const rule of messages) expect(ruleInChinese(rule), rule).toMatch(/[\u4e00-\u9fff]/);
    expect(ruleInChinese('Invalid input: expected array, received number')).toBe('应为 array，现为 number');
  });

  it('are read in Chinese with the English behind, or in English alone', () => {
    const problem = {
      file: 'pad.json',
      line: 7,
      field: 'framing.press',
      rule: 'must have {key} exactly once',
    };
    expect(describeProblem(problem)).toBe(
      'pad.json:7: framing.press: {key} 必须恰好出现一次（must have {key} exactly once）',
    );
    expect(describeProblem(problem, 'en')).toBe('pad.json:7: framing.press: must have {key} exactly once');
  });
});
