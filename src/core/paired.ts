import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type QueueSettings, QueueSettingsSchema } from '../queue/links.ts';
import { newSealKey, PAIRED_FILES, type PairedFile, SEAL_KEY_FILE, sealSecret } from '../queue/pairing.ts';
import { outsideText } from '../shared/words.ts';
import { readSmallFile, writeWhole } from './whole-file.ts';

/**
 * What a pairing leaves on disk: `paired.json` in the data folder, which names a folder of its own with the secrets,
 * sealed. The file is the pairing: replaced whole, and what it does not name is rubbish that the next one sweeps away.
 */
export const PAIRED_JSON = 'paired.json';
const FOLDER = /^paired-[0-9a-f]{16}$/;

const PairedSchema = z.strictObject({
  v: z.literal(1),
  folder: z.string().regex(FOLDER),
  files: z.array(z.enum(PAIRED_FILES)).max(PAIRED_FILES.length),
  /** One entry of `queue`, without the files. */
  queue: z.record(z.string(), z.unknown()),
  /** Where it was paired, and the name the queue system gave itself. */
  origin: z.string().max(300),
  system: outsideText(60),
  pairing: z.string().max(100),
  pairedAtMs: z.int(),
});

export interface Paired {
  readonly settings: QueueSettings;
  readonly origin: string;
  readonly system: string;
  readonly pairedAtMs: number;
}

export type PairedResult =
  | { readonly ok: true; readonly paired: Paired | null }
  | { readonly ok: false; readonly message: string };

/** What is true of this tablet: paired, not paired, or a file that nobody can read. */
export function readPaired(dataFolder: string): PairedResult {
  const path = join(dataFolder, PAIRED_JSON);
  const found = readSmallFile(path);
  if (found.kind === 'absent') return { ok: true, paired: null };
  const bad = (what: string): PairedResult => ({
    ok: false,
    message: `配对文件 ${path} ${what}：请删除该文件，再到工作人员界面重新配对叫号系统。`,
  });
  if (found.kind === 'unreadable') return bad('无法读取');
  const parsed = PairedSchema.safeParse(jsonOf(found.text));
  if (!parsed.success) return bad('内容有误');
  const { queue, files, folder, origin, system, pairedAtMs } = parsed.data;
  const settings = settingsOf(queue, files, join(dataFolder, folder));
  return settings ? { ok: true, paired: { settings, origin, system, pairedAtMs } } : bad('内容有误');
}

/** A pairing that is being tried: its secrets are on disk, and nothing names them yet. */
export interface Candidate {
  readonly settings: QueueSettings;
  /** From now on this is the tablet's pairing. @returns why not. */
  adopt(about: {
    readonly origin: string;
    readonly system: string;
    readonly pairing: string;
    readonly nowMs: number;
  }): string | null;
  discard(): void;
}

export type CandidateResult =
  | { readonly ok: true; readonly candidate: Candidate }
  | { readonly ok: false; readonly fault: 'settings' | 'notStored'; readonly detail: string };

/** @param id of its folder: 16 hex digits that were never given before. */
export function keepCandidate(parts: {
  readonly dataFolder: string;
  readonly id: string;
  readonly queue: Readonly<Record<string, unknown>>;
  readonly files: Readonly<Partial<Record<PairedFile, string>>>;
}): CandidateResult {
  const { dataFolder, queue } = parts;
  const folder = `paired-${parts.id}`;
  const path = join(dataFolder, folder);
  const files = PAIRED_FILES.filter((name) => parts.files[name] !== undefined);
  const settings = settingsOf(queue, files, path);
  if (!settings) return { ok: false, fault: 'settings', detail: problemOf(queue, files, path) };
  const discard = () => rmSync(path, { recursive: true, force: true });
  const failed = (detail: string): CandidateResult => {
    discard();
    return { ok: false, fault: 'notStored', detail };
  };
  try {
    mkdirSync(path, { mode: 0o700 });
    const key = newSealKey();
    const kept = writeWhole(join(path, SEAL_KEY_FILE), `${key}\n`);
    if (!kept.ok) return failed(kept.detail);
    for (const name of files) {
      const text = parts.files[name] ?? '';
      // Certificates are no secret, and are read as they are.
      const isSecret = name === 'passwordFile' || name === 'keyFile';
      const written = writeWhole(join(path, name), isSecret ? `${sealSecret(text, { key, name })}\n` : text);
      if (!written.ok) return failed(written.detail);
    }
  } catch (error) {
    return failed(error instanceof Error ? error.message : String(error));
  }
  return {
    ok: true,
    candidate: {
      settings,
      adopt({ origin, system, pairing, nowMs }) {
        // The kiosk may have started again meanwhile and swept it.
        if (!existsSync(join(path, SEAL_KEY_FILE))) return `${path} is gone`;
        const paired: z.input<typeof PairedSchema> = {
          ...{ v: 1, folder, files, queue: { ...queue }, origin, system, pairing, pairedAtMs: nowMs },
        };
        const written = writeWhole(join(dataFolder, PAIRED_JSON), `${JSON.stringify(paired, null, 2)}\n`);
        if (!written.ok) return written.detail;
        sweep(dataFolder, folder);
        return null;
      },
      discard,
    },
  };
}

/** The tablet follows `kiosk.json` again. @returns why not. */
export function forgetPairing(dataFolder: string): string | null {
  try {
    rmSync(join(dataFolder, PAIRED_JSON), { force: true });
    sweep(dataFolder);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Folders that nothing names: of a trial that the power ended, or of the pairing before. */
export function sweepPairings(dataFolder: string): void {
  const found = readSmallFile(join(dataFolder, PAIRED_JSON));
  if (found.kind === 'unreadable') return;
  const named = found.kind === 'text' ? PairedSchema.safeParse(jsonOf(found.text)) : null;
  // Of a file that nobody can read, nobody knows what it names.
  if (named?.success === false) return;
  sweep(dataFolder, named?.data.folder);
}

function sweep(dataFolder: string, except?: string): void {
  for (const name of readdirSync(dataFolder))
    if (FOLDER.test(name) && name !== except)
      rmSync(join(dataFolder, name), { recursive: true, force: true });
}

function withFiles(queue: Readonly<Record<string, unknown>>, files: readonly PairedFile[], folder: string) {
  return { ...queue, ...Object.fromEntries(files.map((name) => [name, join(folder, name)])) };
}

function settingsOf(
  queue: Readonly<Record<string, unknown>>,
  files: readonly PairedFile[],
  folder: string,
): QueueSettings | null {
  const parsed = QueueSettingsSchema.safeParse(withFiles(queue, files, folder));
  // A clerk's hand and the bus are of this machine: no queue system can offer them.
  if (!parsed.success || parsed.data.kind === 'manual' || parsed.data.kind === 'ff68-caller') return null;
  return parsed.data;
}

/** Field and rule, never the value: it may be a secret in the wrong place. */
function problemOf(
  queue: Readonly<Record<string, unknown>>,
  files: readonly PairedFile[],
  folder: string,
): string {
  const parsed = QueueSettingsSchema.safeParse(withFiles(queue, files, folder));
  const issue = parsed.success ? undefined : parsed.error.issues[0];
  const field = issue?.path.join('.') || 'kind';
  return outsideText(60).safeParse(field).success ? field : 'kind';
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
