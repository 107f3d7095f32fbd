import { findNodeAtLocation, type Node, type ParseError, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { z } from 'zod';
import { fromHex, hex } from './decode/hex.ts';
import { framingOf } from './framing/framing-of.ts';
import { type DeviceModel, DeviceModelSchema } from './models.ts';
import { ruleInChinese } from './rule-words.ts';

/** One thing wrong with a model file or with the settings that name it. */
export interface ModelProblem {
  readonly file: string;
  /** Counted from 1; absent where no line is meant. */
  readonly line?: number;
  /** Dotted path inside the file or the settings; empty when the whole is meant. */
  readonly field: string;
  /** In English; what a technician reads has the Chinese before it (→ {@link describeProblem}). */
  readonly rule: string;
}

export type ModelResult =
  | { readonly ok: true; readonly model: DeviceModel }
  | { readonly ok: false; readonly problems: readonly ModelProblem[]; readonly message: string };

type Path = readonly (string | number)[];

/**
 * Everything that can be wrong with one file: its JSON, its fields, and what its framing makes of its vectors.
 * @param file only named in the problems.
 */
export function checkModel(file: string, text: string): ModelResult {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: false, disallowComments: true });
  const [broken] = errors;
  if (broken || !root) {
    const line = lineAt(text, broken?.offset ?? 0);
    const why = broken ? printParseErrorCode(broken.error) : 'nothing there';
    return refuse([{ file, line, field: '', rule: `must be JSON: ${why}` }]);
  }
  const problem = (path: Path, rule: string): ModelProblem => ({
    file,
    line: lineAt(text, nodeNear(root, path).offset),
    field: path.join('.'),
    rule,
  });
  const twice = repeatedNames(root).map(({ path, offset }) => ({
    file,
    line: lineAt(text, offset),
    field: path.join('.'),
    rule: 'must not be there twice',
  }));
  if (twice.length > 0) return refuse(twice);

  const parsed = DeviceModelSchema.safeParse(JSON.parse(text));
  if (!parsed.success)
    return refuse(parsed.error.issues.flatMap(placesOf).map(([path, rule]) => problem(path, rule)));
  const unproved = unprovedVectors(parsed.data).map(([path, rule]) => problem(path, rule));
  return unproved.length > 0 ? refuse(unproved) : { ok: true, model: parsed.data };
}

export function refuse(problems: readonly ModelProblem[]): ModelResult {
  return { ok: false, problems, message: problems.map((problem) => describeProblem(problem)).join('\n') };
}

/** Such as `pad.json:7: keys.0.code: 必须……（must be …）`; in English without the Chinese. */
export function describeProblem(problem: ModelProblem, language: 'zh-CN' | 'en' = 'zh-CN'): string {
  const { file, line, field, rule } = problem;
  const place = line === undefined ? file : `${file}:${line}`;
  const chinese = language === 'zh-CN' ? ruleInChinese(rule) : undefined;
  const said = chinese === undefined ? rule : `${chinese}（${rule}）`;
  return field === '' ? `${place}: ${said}` : `${place}: ${field}: ${said}`;
}

type Placed = readonly [path: Path, rule: string];

/** A field that should not be there is meant itself, not what it stands in. */
function placesOf(issue: z.core.$ZodIssue): readonly Placed[] {
  const path = issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part));
  if (issue.code !== 'unrecognized_keys') return [[path, issue.message]];
  return issue.keys.map(
    (key) => [[...path, key], 'must not be there: the format has no such field'] as const,
  );
}

function unprovedVectors(model: DeviceModel): readonly Placed[] {
  const codes = model.keys.map(({ code }) => code);
  const found: Placed[] = [];
  model.vectors.forEach(({ bytes, address, key }, at) => {
    const { signals } = framingOf(model, { address }).decoder().push(fromHex(bytes));
    const pressed = signals.flatMap((signal) => {
      if (signal.kind !== 'pressed' && signal.kind !== 'down') return [];
      if (address !== undefined && signal.address !== undefined && signal.address !== address) return [];
      return (signal.kind === 'down' ? signal.keys : [signal.key]).filter((code) => codes.includes(code));
    });
    const wanted = key === null ? [] : [key];
    if (pressed.join() !== wanted.join())
      found.push([
        ['vectors', at, 'bytes'],
        `must press ${wanted.join() || 'nothing'}: the framing makes ${pressed.join(' and ') || 'nothing'} of them`,
      ]);
  });
  model.outputVectors.forEach(({ bytes, output, key, stars, digits, address, acknowledge }, at) => {
    const said = framingOf(model, { address, acknowledge }).say({
      output,
      ...(key === undefined ? {} : { key }),
      ...(stars === undefined ? {} : { stars }),
      ...(digits === undefined ? {} : { digits }),
    });
    const made = said ? hex(said) : 'nothing';
    if (made !== bytes)
      found.push([['outputVectors', at, 'bytes'], `must be what the framing says: ${made}`]);
  });
  return found;
}

/** The value at a path or, where it is missing, the innermost thing around it. */
function nodeNear(root: Node, path: Path): Node {
  for (let length = path.length; length > 0; length--) {
    const node = findNodeAtLocation(root, path.slice(0, length));
    // The name of a member says where it is even when its value begins on a later line.
    if (node) return node.parent?.type === 'property' ? node.parent : node;
  }
  return root;
}

/** JSON takes the last of two members of one name without a word. */
function repeatedNames(node: Node, path: Path = []): readonly { path: Path; offset: number }[] {
  const children = node.children ?? [];
  if (node.type === 'array') return children.flatMap((child, at) => repeatedNames(child, [...path, at]));
  if (node.type !== 'object') return [];
  const names = new Set<string>();
  return children.flatMap((member) => {
    const [name, value] = member.children ?? [];
    const at = [...path, String(name?.value)];
    const again = names.has(String(name?.value)) ? [{ path: at, offset: member.offset }] : [];
    names.add(String(name?.value));
    return [...again, ...(value ? repeatedNames(value, at) : [])];
  });
}

function lineAt(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}
