import type { CounterState } from '../session/kiosk.ts';
import type { LinkState } from '../shared/queue-event.ts';
import type { StaffPart, StaffScreen } from '../shared/screen/staff-snapshot.ts';
import type { KioskStatus } from './running-kiosk.ts';
import { mayBeTried } from './staff-try-now.ts';

type Open = Extract<StaffScreen, { name: 'open' }>;

/** What the open screen says of the machine: words and spans, no level anywhere in what it is made of. */
export function openScreen(parts: {
  readonly counter: CounterState | null;
  readonly status: KioskStatus | null;
  readonly lines: readonly string[];
  readonly nowMs: number;
  readonly version: string;
}): Omit<Open, 'page' | 'pages' | 'day' | 'pairing'> {
  const { counter, status, nowMs } = parts;
  const since = (atMs: number) => Math.max(0, nowMs - atMs);
  const part =
    (kind: StaffPart['kind']) =>
    ({ name, state }: { readonly name: string; readonly state: LinkState }): StaffPart => ({
      kind,
      name: name.slice(0, 120),
      state: state.state,
      forMs: since(state.sinceMs),
      ...(state.state === 'lost' ? { reason: state.reason.slice(0, 500) } : {}),
    });
  return {
    name: 'open',
    now: nowOf(counter),
    parts: status ? [...status.queue.map(part('queue')), ...status.buttons.map(part('buttons'))] : [],
    province: provinceOf(status, since),
    journal: status ? { seq: status.head, hash: status.headHash.slice(0, 8) } : null,
    clock: clockOf(status),
    version: parts.version,
    lines: parts.lines.slice(0, 20).map((line) => line.slice(0, 600)),
  };
}

function nowOf(counter: CounterState | null): Open['now'] {
  if (!counter) return { doing: 'notRunning' };
  const { doing, paused, fault, invitation, ticketNumber, clerk, signedOff } = counter;
  const shown = paused ? 'paused' : doing;
  return {
    doing: fault ? 'fault' : shown,
    // Whoever is through has left; the counter only keeps the number.
    ...(ticketNumber !== undefined && doing !== 'idle' ? { ticketNumber } : {}),
    ...(invitation ? { invitation } : {}),
    ...(clerk ? { clerk } : {}),
    ...(signedOff === undefined ? {} : { signedOff }),
  };
}

function provinceOf(status: KioskStatus | null, since: (atMs: number) => number): Open['province'] {
  const upload = status?.upload;
  if (!upload) return null;
  const { deliveredAtMs } = status;
  const { parkedSeq, provinceHolds } = upload;
  return {
    state: upload.state,
    forMs: since(upload.sinceMs),
    waiting: upload.unsent,
    ...(deliveredAtMs === undefined ? {} : { deliveredForMs: since(deliveredAtMs) }),
    ...(upload.lastError === undefined ? {} : { reason: upload.lastError.slice(0, 500) }),
    ...(parkedSeq === undefined ? {} : { refusedSeq: parkedSeq }),
    ...(provinceHolds ? { holds: { seq: provinceHolds.seq, forMs: since(provinceHolds.atMs) } } : {}),
    mayBeTried: mayBeTried(upload.state),
  };
}

function clockOf(status: KioskStatus | null): Open['clock'] {
  const offsetMs = status?.upload?.serverOffsetMs;
  if (offsetMs === undefined) return null;
  return { offsetMs, errorMs: status?.upload?.serverOffsetErrorMs ?? 0 };
}

/** Days and times as the hall's clock shows them: the page's own clock is nobody's. */
export function hallTime(timezone: string) {
  const part = (options: Intl.DateTimeFormatOptions) =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, ...options });
  const date = part({ year: 'numeric', month: '2-digit', day: '2-digit' });
  const time = part({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  return { dateOf: (atMs: number) => date.format(atMs), timeOf: (atMs: number) => time.format(atMs) };
}
