/** Two books beside each other: what the device froze, and what the province has of it. Pure bookkeeping. */
import { z } from 'zod';
import type { HeldEntry } from './province-office.ts';

/** One entry of the journal, and what the province did with it. */
export interface BookLine {
  readonly seq: number;
  readonly kind: string;
  /** UTC ms by the device's clock. */
  readonly atMs: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly hash: string;
  /** The ticket that it speaks of, else the case; null where neither is known, and the key says too much for an eye. */
  readonly about: string | null;
  readonly received: { readonly atMs: number; readonly same: boolean } | null;
}

export interface BookTotals {
  readonly deviceSeq: number;
  readonly provinceSeq: number;
  readonly deviceRatings: number;
  readonly provinceRatings: number;
}

/** An entry as the reader of the journal has it. */
export type FrozenLine = Omit<BookLine, 'about' | 'received'>;

export interface JournalBook {
  /** A line of the device; a repeated one (the reader was started again) is dropped. */
  froze(entry: FrozenLine): void;
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

const OpenedSchema = z.object({
  service: z.object({
    serviceKey: z.string(),
    ticketNumber: z.string().optional(),
    case: z.object({ projectNo: z.string().optional() }).optional(),
  }),
});
const AboutSchema = z.object({ serviceKey: z.string() });

export function createJournalBook(): JournalBook {
  const lines = new Map<number, BookLine>();
  /** Held by the province before we read it from the device. */
  const early = new Map<number, HeldEntry>();
  const changed = new Set<number>();
  /** By the key of the service; only what opens an invitation says more than the key. */
  const names = new Map<string, string>();
  let totals: BookTotals = { deviceSeq: 0, provinceSeq: 0, deviceRatings: 0, provinceRatings: 0 };

  const receive = (line: BookLine, held: HeldEntry) => {
    const received = { atMs: held.receivedAtMs, same: held.hash === line.hash };
    lines.set(line.seq, { ...line, received });
    changed.add(line.seq);
  };

  const nameOf = (body: BookLine['body']): string | null => {
    const opened = OpenedSchema.safeParse(body);
    if (!opened.success) return names.get(AboutSchema.safeParse(body).data?.serviceKey ?? '') ?? null;
    const { serviceKey, ticketNumber, case: of } = opened.data.service;
    const name = ticketNumber ?? of?.projectNo ?? null;
    if (name !== null) names.set(serviceKey, name);
    const [oldest] = names.keys();
    if (oldest !== undefined && names.size > KEPT) names.delete(oldest);
    return name;
  };

  return {
    froze(entry) {
      if (entry.seq <= totals.deviceSeq) return;
      const deviceRatings = totals.deviceRatings + (entry.kind === RATING ? 1 : 0);
      totals = { ...totals, deviceSeq: entry.seq, deviceRatings };
      const line = { ...entry, about: nameOf(entry.body), received: null };
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
