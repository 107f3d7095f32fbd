import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type Logger, multistream, pino } from 'pino';
import { createStream } from 'rotating-file-stream';

export type { Logger };

/**
 * The log: JSON lines in `<data>/logs`, two megabytes and five files before it, twelve in all however many years it runs, and
 * the same on stderr. It never holds a level, a name, a text or a credential; fields of those names are cut out
 * should one ever be passed.
 */
const PRIVATE = [
  'level',
  'name',
  'text',
  'contact',
  'mobile',
  'transactor',
  'password',
  'token',
  'key',
].flatMap((field) => [`data.${field}`, `data.*.${field}`]);

export function createLog(dataFolder: string): Logger {
  const file = logFile(join(dataFolder, 'logs'));
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ severity: label }) },
      redact: { paths: PRIVATE, remove: true },
    },
    multistream([...(file ? [{ stream: file }] : []), { stream: process.stderr }]),
  );
}

/** A log that cannot be written is no reason to stop taking ratings; stderr still has it. */
function logFile(folder: string) {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch {
    return null;
  }
  const file = createStream('kiosk.log', { path: folder, size: '2M', maxFiles: 5, mode: 0o600 });
  file.on('error', () => {});
  file.on('warning', () => {});
  return file;
}

/** The same event again and again is one line with a count, not a full disk. */
export function createCoalescer(log: Logger, clock: { monoMs(): number }, everyMs = 10_000) {
  const last = new Map<string, { atMs: number; swallowed: number }>();
  return (
    severity: 'info' | 'warn' | 'error',
    event: string,
    data: Readonly<Record<string, unknown>> = {},
  ): void => {
    const key = `${event} ${JSON.stringify(data)}`.slice(0, 300);
    const nowMs = clock.monoMs();
    const before = last.get(key);
    if (before && nowMs - before.atMs < everyMs) {
      before.swallowed++;
      return;
    }
    if (last.size > 500) last.clear();
    last.set(key, { atMs: nowMs, swallowed: 0 });
    log[severity]({ event, data, ...(before?.swallowed ? { repeated: before.swallowed } : {}) });
  };
}
