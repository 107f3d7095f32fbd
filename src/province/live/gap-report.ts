/** A device that sends heartbeats and has not been heard of for this long is silent: three of them were missed. */
export const SILENT_AFTER_MS = 180_000;

export interface Heard {
  readonly counter: string;
  readonly headSeq: number;
  readonly missingToSeq: number | null;
  readonly lastSeenAtMs: number | null;
  /** null when the device has never sent a heartbeat. */
  readonly heartbeatAtMs: number | null;
  /** The entry that says the journal was put together again, and how far the lost one went; null when it never was. */
  readonly restoredSeq?: number | null;
  readonly lostToSeq?: number | null;
}

/** "3号窗口：1–4812 完整", or what is missing, in a sentence for people. Pure. */
export function gapReport(device: Heard): string {
  const { counter, headSeq, missingToSeq } = device;
  const name = `${counter}号窗口`;
  const missing = missingToSeq === null ? '' : `缺 ${headSeq + 1}–${missingToSeq}`;
  if (headSeq === 0) return `${name}：${missing || '尚无记录'}`;
  return [`${name}：1–${headSeq} 完整`, missing, lossReport(device)].filter(Boolean).join('，');
}

/** What a journal that was put together again has lost of the one before it. */
function lossReport({ restoredSeq = null, lostToSeq = null }: Heard): string {
  if (restoredSeq === null) return '';
  if (lostToSeq === null) return `第 ${restoredSeq} 条起为恢复后续写，此前是否有遗失不详`;
  return lostToSeq >= restoredSeq ? `已恢复，原第 ${restoredSeq}–${lostToSeq} 条遗失` : '已恢复，无已知遗失';
}

/** Since when nothing has come, UTC ms; null while the device is heard of, and for one that sends no heartbeats. */
export function silentSinceMs(device: Heard, nowMs: number): number | null {
  const { lastSeenAtMs, heartbeatAtMs } = device;
  if (heartbeatAtMs === null || lastSeenAtMs === null) return null;
  return nowMs - lastSeenAtMs > SILENT_AFTER_MS ? lastSeenAtMs : null;
}
