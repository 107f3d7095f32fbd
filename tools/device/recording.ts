/** Keeps what comes and goes over a line, on its way to the driver. */
import { type FileHandle, open } from 'node:fs/promises';
import type { BoxParts, DriverEvent, OpenPort } from '../../src/device/buttons.ts';
import { hex } from '../../src/device/decode/hex.ts';
import type { Clock } from '../../src/shared/clock.ts';
import { CAPTURE_LIMITS, CAPTURE_PIECE, type CaptureHead, type CaptureLine } from './capture.ts';

export interface Recording {
  readonly ok: true;
  /** The same way to the box, listened to. */
  readonly openPort: OpenPort;
  event(event: DriverEvent): void;
  /** @returns how many lines there are. */
  close(): Promise<number>;
}

/** A file that is there already is not written over: it may be the recording of the fault. */
export async function createRecording(parts: {
  readonly file: string;
  readonly box: BoxParts;
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly openPort: OpenPort;
  readonly onFull: (what: string) => void;
}): Promise<Recording | { readonly ok: false; readonly why: string }> {
  const { box, clock } = parts;
  let file: FileHandle;
  try {
    file = await open(parts.file, 'wx', 0o600);
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
  const startMonoMs = clock.monoMs();
  let lines = 0;
  let bytes = 0;
  let isFull = false;
  let writing: Promise<unknown> = Promise.resolve();

  const write = (what: CaptureHead | CaptureLine) => {
    const row = `${JSON.stringify(what)}\n`;
    if (isFull) return;
    if (lines + 1 > CAPTURE_LIMITS.lines || bytes + row.length > CAPTURE_LIMITS.bytes) {
      isFull = true;
      parts.onFull(lines + 1 > CAPTURE_LIMITS.lines ? `${lines} lines` : `${bytes} bytes`);
      return;
    }
    lines += 1;
    bytes += row.length;
    writing = writing.then(() => file.write(row)).catch(() => {});
  };
  const now = () => Math.round(clock.monoMs() - startMonoMs);
  const pieces = (kind: 'in' | 'out', all: Uint8Array) => {
    const atMs = now();
    for (let from = 0; from < all.length; from += CAPTURE_PIECE)
      write({ kind, atMs, bytes: hex(all.subarray(from, from + CAPTURE_PIECE)) });
  };

  const { address, acknowledge, levels } = box.settings;
  write({
    kind: 'capture',
    version: 1,
    model: box.model,
    settings: { address, acknowledge, levels },
  });

  return {
    ok: true,
    async openPort(request) {
      const result = await parts.openPort({
        ...request,
        onData(data) {
          pieces('in', data);
          request.onData(data);
        },
        onGone(fault) {
          write({ kind: 'gone', atMs: now() });
          request.onGone(fault);
        },
      });
      if (!result.ok) return result;
      write({ kind: 'open', atMs: now() });
      const { port } = result;
      return {
        ok: true,
        port: {
          close: () => port.close(),
          write(data) {
            const isOut = port.write(data);
            if (isOut) pieces('out', data);
            return isOut;
          },
        },
      };
    },
    event(event) {
      if (event.type === 'press' || event.type === 'withdrawn')
        write({ kind: event.type, atMs: now(), control: event.press.control });
    },
    async close() {
      await writing;
      await file.close();
      return lines;
    },
  };
}
