/** Follows the device's journal through ./journal-tail.ts, a process that may read it without getting in its way. */
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { z } from 'zod';
import type { OrdinaryUser } from '../runtime/runtime.ts';
import type { FrozenLine } from './journal-book.ts';
import { createSupervised } from './supervised.ts';

const EntrySchema = z.object({
  seq: z.int().min(1),
  kind: z.string(),
  at: z.number(),
  hash: z.string(),
  /** Canonical JSON, as it is hashed. */
  body: z.string(),
});
const BodySchema = z.record(z.string(), z.unknown());

export interface JournalWatch {
  start(): void;
  stop(): Promise<void>;
}

export function createJournalWatch(parts: {
  readonly app: string;
  readonly file: string;
  /** Whom the journal belongs to when that is not us. */
  readonly user: OrdinaryUser | undefined;
  readonly onEntry: (entry: FrozenLine) => void;
  readonly log: (text: string) => void;
}): JournalWatch {
  const { app, file, user } = parts;
  const whose = user ? [String(user.uid), String(user.gid)] : [];
  const output = new PassThrough();
  createInterface({ input: output }).on('line', (line) => {
    const entry = read(line);
    if (entry) parts.onEntry(entry);
  });
  return createSupervised({
    command: {
      command: process.execPath,
      args: [join(app, 'tools/hall/journal-tail.ts'), file, ...whose],
      cwd: app,
      env: process.env,
    },
    onOutput(from, text) {
      if (from === 'stdout') output.write(text);
      else parts.log(text);
    },
    onChange: () => {},
  });
}

function read(line: string): FrozenLine | undefined {
  try {
    const { at, body, ...entry } = EntrySchema.parse(JSON.parse(line));
    return { ...entry, atMs: at, body: BodySchema.parse(JSON.parse(body)) };
  } catch {
    // Half a line of a reader that was ended; the next one reads it again from the start.
    return undefined;
  }
}
