import { join } from 'node:path';
import { type Logger, multistream, pino } from 'pino';
import type { Clock } from '../shared/clock.ts';
import { createLogFile } from './log-file.ts';

export type { Logger };

/**
 * The log: JSON lines in `<data>/logs`, two megabytes and five files before it, twelve in all however many years it runs, and
 * the same on stderr. A log that cannot be written is no reason to stop taking ratings; stderr still has it. It never
 * holds a level, a name, a text or a credential; fields of those names are cut out should one ever be passed.
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

export function createLog(dataFolder: string, clock: Pick<Clock, 'monoMs'>): Logger {
  const file = createLogFile(join(dataFolder, 'logs'), clock);
  return pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ severity: label }) },
      redact: { paths: PRIVATE, remove: true },
    },
    multistream([{ stream: file }, { stream: process.stderr }]),
  );
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
