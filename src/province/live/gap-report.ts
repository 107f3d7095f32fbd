/** A device that sends heartbeats and has not been heard of for this long is silent: three of them were missed. */
export const SILENT_AFTER_MS = 180_000;

export interface Heard {
  readonly counter: string;
  readonly headSeq: number;
  readonly missingToSeq: number | null;
  readonly lastSeenAtMs: number | null;
  /** null when the device has never sent a heartbeat. */
  readonly heartbeatAtMs: number | null;
}

/** "3号窗口：1–4812 完整", or what is missing, in a sentence for people. Pure. */
export function gapReport(device: Heard): string {
  const { counter, headSeq, missingToSeq } = device;
  const name = `${counter}号窗口`;
  const missing = missingToSeq === null ? '' : `缺 ${headSeq + 1}–${missingToSeq}`;
  if (headSeq === 0) return `${name}：${missing || '尚无记录'}`;
  return `${name}：1–${headSeq} 完整${missing ? `，${missing}` : ''}`;
}

/** Since when nothing has come, UTC ms; null while the device is heard of, and for one that sends no heartbeats. */
export function silentSinceMs(device: Heard, nowMs: number): number | null {
  const { lastSeenAtMs, heartbeatAtMs } = device;
  if (heartbeatAtMs === null || lastSeenAtMs === null) return null;
  return nowMs - lastSeenAtMs > SILENT_AFTER_MS ? lastSeenAtMs : null;
}
