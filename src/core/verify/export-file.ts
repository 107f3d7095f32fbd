import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { z } from 'zod';
import { canonicalText, GENESIS } from '../../shared/journal/chain.ts';
import type { SeenElsewhere, StoredEntry } from '../../shared/journal/verify.ts';
import type { Sentence } from '../../shared/journal/verify-words.ts';
import { say } from './report-words.ts';

/**
 * A province's export as JSON lines (`GET /v1/devices/{id}/export`): first what the province holds of the device,
 * then an entry a line. Pages of `GET /v1/entries`, one a line, are read too. `prev` does not travel: each entry
 * has to stand on the one before it.
 */
const HeaderSchema = z.object({
  export: z.object({
    deviceId: z.string(),
    headSeq: z.int().min(0),
    headHash: z.string().regex(/^[0-9a-f]{64}$/),
  }),
});
const LineSchema = z.object({
  seq: z.int(),
  id: z.string(),
  kind: z.string(),
  at: z.int(),
  boot: z.string(),
  mono: z.int(),
  body: z.record(z.string(), z.unknown()),
  hash: z.string(),
  sig: z.string().nullable(),
});
const PageSchema = z.object({ entries: z.array(LineSchema) });

const MAX_LINE = 16 * 1024 * 1024;

/** A line that is none, or that is not as a province writes it. */
export class NotAnExport extends Error {
  readonly problem: 'damaged' | 'notAsWritten';
  readonly line: number;
  readonly sentence: Sentence;
  constructor(line: number, problem: 'damaged' | 'notAsWritten', detail = '') {
    const sentence = problem === 'damaged' ? say.brokenLine(line, detail) : say.notAsWritten(line);
    super(sentence.en);
    this.problem = problem;
    this.line = line;
    this.sentence = sentence;
  }
}

/** By its first byte, whatever its name. */
export function looksLikeExport(file: string): boolean {
  const fd = openSync(file, 'r');
  try {
    const first = Buffer.alloc(1);
    return readSync(fd, first, 0, 1, 0) === 1 && first.toString() === '{';
  } finally {
    closeSync(fd);
  }
}

/** Throws NotAnExport while it is read. What the header says the province holds is `seen`. */
export function openExport(file: string): {
  readonly entries: () => Generator<StoredEntry>;
  readonly seen: SeenElsewhere;
} {
  const header = firstHeader(file);
  const hashes = new Map(header && header.headSeq > 0 ? [[header.headSeq, header.headHash]] : []);
  return { entries: () => readEntries(file), seen: { hashes } };
}

function firstHeader(file: string) {
  for (const { value } of jsonLines(file)) return HeaderSchema.safeParse(value).data?.export;
  return undefined;
}

function* readEntries(file: string): Generator<StoredEntry> {
  let prev = GENESIS;
  for (const { value, line } of jsonLines(file)) {
    if (line === 1 && HeaderSchema.safeParse(value).success) continue;
    const page = PageSchema.safeParse(value);
    const one = page.success ? undefined : LineSchema.safeParse(value);
    if (one && !one.success)
      throw new NotAnExport(line, 'damaged', z.prettifyError(one.error).split('\n')[0]);
    const lines = page.data?.entries ?? (one?.data ? [one.data] : []);
    for (const { body, ...entry } of lines) {
      yield { ...entry, body: canonicalOr(body, NO_TEXT), prev };
      prev = entry.hash;
    }
  }
}

function* jsonLines(file: string): Generator<{ readonly line: number; readonly value: unknown }> {
  let line = 0;
  for (const text of textLines(file)) {
    line++;
    if (text.trim() === '') continue;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      const detail = error instanceof Error ? error.message.slice(0, 80) : 'no JSON';
      throw new NotAnExport(line, 'damaged', detail);
    }
    if (!isAsWritten(text.trim(), value)) throw new NotAnExport(line, 'notAsWritten');
    yield { line, value };
  }
}

/**
 * Whether the text says what was read from it and nothing else. Of a name that stands twice one reader takes the first
 * value and another the last; a number in other words may be another number elsewhere.
 */
function isAsWritten(text: string, value: unknown): boolean {
  try {
    return JSON.stringify(value) === text;
  } catch {
    // Deeper than anybody writes.
    return false;
  }
}

/** No JSON, so that the verifier names the entry as one that is not in its canonical form. */
const NO_TEXT = '';

function canonicalOr(body: unknown, otherwise: string): string {
  try {
    return canonicalText(body);
  } catch {
    return otherwise;
  }
}

/** Piece by piece: a year of a busy counter does not have to fit into memory. */
function* textLines(file: string): Generator<string> {
  const fd = openSync(file, 'r');
  const piece = Buffer.alloc(256 * 1024);
  const decoder = new StringDecoder('utf8');
  let rest = '';
  try {
    for (let read = readSync(fd, piece); read > 0; read = readSync(fd, piece)) {
      const lines = (rest + decoder.write(piece.subarray(0, read))).split('\n');
      rest = lines.pop() ?? '';
      if (rest.length > MAX_LINE) throw new NotAnExport(1, 'damaged', 'a line is longer than 16 MiB');
      yield* lines;
    }
    if (rest !== '') yield rest;
  } finally {
    closeSync(fd);
  }
}
