import { lossReport, type Restoration } from './restored.ts';

/** A device that sends heartbeats and has not been heard of for this long is silent: three of them were missed. */
export const SILENT_AFTER_MS = 180_000;

export interface Heard {
  readonly counter: string;
  readonly headSeq: number;
  readonly missingToSeq: number | null;
  readonly lastSeenAtMs: number | null;
  /** null when the device has never sent a heartbeat. */
  readonly heartbeatAtMs: number | null;
  /** Every time its journal was put together again, the newest first; null when it never was. */
  readonly restored?: readonly Restoration[] | null;
}

/** "3号窗口：1–4812 完整", or what is missing, in a sentence for people. Pure. */
export function gapReport(device: Heard): string {
  return `${device.counter}号窗口：${recordReport(device)}`;
}

/** The same of a device whose counter is named beside it. Pure. */
export function recordReport({ headSeq, missingToSeq, restored = null }: Heard): string {
  const missing = missingToSeq === null ? '' : `缺 ${headSeq + 1}–${missingToSeq}`;
  if (headSeq === 0) return missing || '尚无记录';
  return [`1–${headSeq} 完整`, missing, lossReport(restored)].filter(Boolean).join('，');
}

/** Since when nothing has come, UTC ms; null while the device is heard of, and for one that sends no heartbeats. */
export function silentSinceMs(device: Heard, nowMs: number): number | null {
  const { lastSeenAtMs, heartbeatAtMs } = device;
  if (heartbeatAtMs === null || lastSeenAtMs === null) return null;
  return nowMs - lastSeenAtMs > SILENT_AFTER_MS ? lastSeenAtMs : null;
}
