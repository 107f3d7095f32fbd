import { STAFF_RECALLED } from '../session/staff-acts.ts';
import type { StaffFigures, StaffRow } from '../shared/screen/staff-snapshot.ts';
import { type Outcome, OutcomeSchema } from '../shared/words.ts';
import type { LedgerEntry } from '../store/store.ts';

/** One service of today, as its latest invitation left it. */
export interface DayService {
  readonly serviceKey: string;
  readonly atMs: number;
  readonly number: string | undefined;
  readonly manual: boolean;
  readonly outcome: Outcome | undefined;
  readonly reason: string;
}

/** Who did not come or was sent on was not served here, and could not be asked. */
export const NOT_SERVED: ReadonlySet<string> = new Set(['skipped', 'transferred']);

/** Folds entries, in order, into what is known of the day's services. A service that was asked twice is one service. */
export function foldDay(
  before: ReadonlyMap<string, DayService>,
  entries: readonly LedgerEntry[],
): ReadonlyMap<string, DayService> {
  const day = new Map(before);
  for (const { kind, serviceKey, atMs, ticketNumber, projectNo, manual, outcome, reason } of entries) {
    const known = day.get(serviceKey);
    switch (kind) {
      case 'invitation.opened':
        // Asked again, it is the newest again.
        day.delete(serviceKey);
        day.set(serviceKey, {
          serviceKey,
          atMs,
          number: ticketNumber ?? projectNo ?? ticketNumberIn(serviceKey),
          manual,
          outcome: undefined,
          reason: '',
        });
        break;
      case 'invitation.closed':
        // One that was opened before the day began is the day's before.
        if (known)
          day.set(serviceKey, {
            ...known,
            outcome: OutcomeSchema.safeParse(outcome).data,
            reason: reason ?? '',
          });
        break;
      case 'service.notInvited':
        if (!known)
          day.set(serviceKey, {
            serviceKey,
            atMs,
            number: ticketNumberIn(serviceKey),
            manual: false,
            outcome: 'notInvited',
            reason: reason ?? '',
          });
        break;
    }
  }
  return day;
}

export function figuresOf(services: Iterable<DayService>): StaffFigures {
  const count = {
    rated: 0,
    declined: 0,
    timedOut: 0,
    superseded: 0,
    interrupted: 0,
    notInvited: 0,
  } satisfies Record<Outcome, number>;
  let open = 0;
  for (const { outcome, reason } of services) {
    if (outcome === undefined) open++;
    else if (outcome !== 'notInvited' || !NOT_SERVED.has(reason)) count[outcome]++;
  }
  const invited = open + count.rated + count.declined + count.timedOut + count.superseded + count.interrupted;
  return { served: invited + count.notInvited, invited, ...count };
}

/** A leaf of the day's list, newest first. */
export function leafOf(
  services: Iterable<DayService>,
  leaf: number,
  parts: { readonly size: number; readonly timeOf: (atMs: number) => string },
): { readonly rows: StaffRow[]; readonly leaf: number; readonly leaves: number } {
  const all = [...services].reverse();
  const leaves = Math.max(1, Math.ceil(all.length / parts.size));
  const shown = Math.min(leaf, leaves - 1);
  const rows = all
    .slice(shown * parts.size, (shown + 1) * parts.size)
    .map(({ atMs, number, manual, outcome, reason }) => ({
      time: parts.timeOf(atMs),
      ...(number === undefined ? {} : { number }),
      manual,
      ...(outcome === undefined ? {} : { outcome }),
      recalled: reason === STAFF_RECALLED,
    }));
  return { rows, leaf: shown, leaves };
}

/** hall/date/queue/number/serial/counter/handling, as docs/queue-links.md has it; nothing where no ticket was known. */
export function ticketNumberIn(serviceKey: string): string | undefined {
  const pieces = serviceKey.split('/');
  const piece = pieces.length === 7 ? pieces[3] : undefined;
  if (piece === undefined || piece === '-') return undefined;
  try {
    return decodeURIComponent(piece).slice(0, 60);
  } catch {
    return undefined;
  }
}
