/**
 * A capture: what came over a line and when, as JSON lines, so that it can be played again anywhere. Its first line says of
 * which model and with which settings; no name, no place and no number of a device is in it.
 */
import { readFile, stat } from 'node:fs/promises';
import { z } from 'zod';
import { ButtonSettingsSchema } from '../../src/device/buttons.ts';
import { HexSchema } from '../../src/device/framing/bytes.ts';
import { DeviceModelSchema } from '../../src/device/models.ts';
import { ControlSchema } from '../../src/shared/press.ts';

export const CAPTURE_LIMITS = { bytes: 8 * 1024 * 1024, lines: 100_000, lineBytes: 64 * 1024 } as const;
/** As many as one line of bytes holds; a longer piece is several lines of the same moment. */
export const CAPTURE_PIECE = 64;

/** Ms since the recording began, on a clock that nobody sets. */
const atMs = z.int().min(0).max(86_400_000);

const HeadSchema = z.strictObject({
  kind: z.literal('capture'),
  version: z.literal(1),
  model: DeviceModelSchema,
  settings: z.strictObject({
    address: ButtonSettingsSchema.unwrap().shape.address,
    acknowledge: ButtonSettingsSchema.unwrap().shape.acknowledge,
    levels: ButtonSettingsSchema.unwrap().shape.levels,
  }),
});
export type CaptureHead = z.output<typeof HeadSchema>;

const LineSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('open'), atMs }),
  z.strictObject({ kind: z.literal('in'), atMs, bytes: HexSchema }),
  z.strictObject({ kind: z.literal('out'), atMs, bytes: HexSchema }),
  z.strictObject({ kind: z.literal('gone'), atMs }),
  /** What the driver made of it when it was recorded; a replay is held against these. */
  z.strictObject({ kind: z.literal('press'), atMs, control: ControlSchema }),
  z.strictObject({ kind: z.literal('withdrawn'), atMs, control: ControlSchema }),
]);
export type CaptureLine = z.output<typeof LineSchema>;

export interface Capture {
  readonly head: CaptureHead;
  readonly lines: readonly CaptureLine[];
}

export type CaptureResult =
  | { readonly ok: true; readonly capture: Capture }
  | { readonly ok: false; readonly line?: number; readonly why: string };

export async function readCapture(file: string): Promise<CaptureResult> {
  try {
    const { size } = await stat(file);
    if (size > CAPTURE_LIMITS.bytes)
      return { ok: false, why: `${size} bytes; at most ${CAPTURE_LIMITS.bytes} are read` };
    return parseCapture(await readFile(file, 'utf8'));
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

export function parseCapture(text: string): CaptureResult {
  const rows = text.split('\n');
  // A recording that was cut off has half a line at its end, and is good up to there.
  const last = rows.pop();
  if (rows.length === 0) return { ok: false, line: 1, why: last ? 'has no whole line' : 'is empty' };
  if (rows.length > CAPTURE_LIMITS.lines)
    return { ok: false, why: `${rows.length} lines; at most ${CAPTURE_LIMITS.lines} are read` };
  let head: CaptureHead | undefined;
  const lines: CaptureLine[] = [];
  for (const [at, row] of rows.entries()) {
    const wrong = (why: string): CaptureResult => ({ ok: false, line: at + 1, why });
    if (row.length > CAPTURE_LIMITS.lineBytes)
      return wrong(`longer than ${CAPTURE_LIMITS.lineBytes} characters`);
    const value = parsed(row);
    if (value === undefined) return wrong('must be JSON');
    if (!head) {
      const read = HeadSchema.safeParse(value);
      if (!read.success) return wrong(firstRule(read.error));
      head = read.data;
      continue;
    }
    const read = LineSchema.safeParse(value);
    if (!read.success) return wrong(firstRule(read.error));
    const before = lines.at(-1)?.atMs ?? 0;
    if (read.data.atMs < before) return wrong(`atMs: must not be before ${before}, the line above`);
    lines.push(read.data);
  }
  return head ? { ok: true, capture: { head, lines } } : { ok: false, line: 1, why: 'is empty' };
}

function parsed(row: string): unknown {
  try {
    return JSON.parse(row);
  } catch {
    return undefined;
  }
}

function firstRule(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue?.path.join('.') ?? '';
  return field === '' ? (issue?.message ?? 'is no line of a capture') : `${field}: ${issue?.message}`;
}
