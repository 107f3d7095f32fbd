/** Two books beside each other: what the device froze, and what the province has of it. Pure bookkeeping. */
import type { HeldEntry } from './province-office.ts';

/** One entry of the journal, and what the province did with it. */
export interface BookLine {
  readonly seq: number;
  readonly kind: string;
  /** UTC ms by the device's clock. */
  readonly atMs: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly hash: string;
  readonly received: { readonly atMs: number; readonly same: boolean } | null;
}

export interface BookTotals {
  readonly deviceSeq: number;
  readonly provinceSeq: number;
  readonly deviceRatings: number;
  readonly provinceRatings: number;
}

export interface JournalBook {
  /** A line of the device; a repeated one (the reader was started again) is dropped. */
  froze(entry: Omit<BookLine, 'received'>): void;
  holds(entries: readonly HeldEntry[]): void;
  totals(): BookTotals;
  /** The newest, oldest first. */
  newest(count: number): readonly BookLine[];
  /** Lines that are new or have changed since this was last asked. */
  takeChanged(): readonly BookLine[];
}

/** What a page may ask for; older lines are in the journal itself. */
const KEPT = 1_000;
const RATING = 'rating.settled';

export function createJournalBook(): JournalBook {
  const lines = new Map<number, BookLine>();
  /** Held by the province before we read it from the device. */
  const early = new Map<number, HeldEntry>();
  const changed = new Set<number>();
  let totals: BookTotals = { deviceSeq: 0, provinceSeq: 0, deviceRatings: 0, provinceRatings: 0 };

  const receive = (line: BookLine, held: HeldEntry) => {
    const received = { atMs: held.receivedAtMs, same: held.hash === line.hash };
    lines.set(line.seq, { ...line, received });
    changed.add(line.seq);
  };

  return {
    froze(entry) {
      if (entry.seq <= totals.deviceSeq) return;
      const deviceRatings = totals.deviceRatings + (entry.kind === RATING ? 1 : 0);
      totals = { ...totals, deviceSeq: entry.seq, deviceRatings };
      const line = { ...entry, received: null };
      lines.set(entry.seq, line);
      lines.delete(entry.seq - KEPT);
      changed.delete(entry.seq - KEPT);
      changed.add(entry.seq);
      const held = early.get(entry.seq);
      if (held) receive(line, held);
      early.delete(entry.seq);
    },
    holds(entries) {
      for (const held of entries) {
        if (held.seq <= totals.provinceSeq) continue;
        const provinceRatings = totals.provinceRatings + (held.kind === RATING ? 1 : 0);
        totals = { ...totals, provinceSeq: held.seq, provinceRatings };
        const line = lines.get(held.seq);
        if (line) receive(line, held);
        else if (held.seq > totals.deviceSeq) early.set(held.seq, held);
      }
    },
    totals: () => totals,
    newest: (count) => [...lines.values()].slice(-count),
    takeChanged() {
      const taken = [...changed].sort((a, b) => a - b).map((seq) => lines.get(seq));
      changed.clear();
      return taken.filter((line) => line !== undefined);
    },
  };
}
