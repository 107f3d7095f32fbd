/**
 * The hall behind the simulator: queues, tickets, counters. Knows nothing of any wire. Everybody in it is invented.
 */

export interface SimUser {
  /** 工号 */
  readonly code: string;
  readonly name: string;
  /** Counters this clerk may log in at. */
  readonly counters: readonly string[];
}

export interface SimTicket {
  /** As printed: `A001`. Begins again each day. */
  readonly number: string;
  readonly queue: string;
  /** Never given twice. */
  readonly serial: string;
  /** Id of this handling's request to rate. */
  readonly rateId: string;
  /** The how-manieth handling at this counter. */
  readonly handling: number;
  readonly item: string;
  readonly projectNo: string;
  /** Name of the citizen. Sent as the published protocol does; a tablet must not keep it. */
  readonly transactor: string;
  /** `yyyy-mm-dd` */
  readonly date: string;
}

export type SimPhase = 'idle' | 'serving' | 'rating';

export interface SimCounterState {
  readonly counter: string;
  readonly paused: boolean;
  readonly phase: SimPhase;
  readonly ticket: SimTicket | null;
  /** Rated or not, as the tablet reported for the last finished ticket; nothing before it did. */
  readonly lastRated: boolean | null;
  /** Tablets logged in at this counter. */
  readonly tablets: number;
}

/** Items of a real hall with the letter of their queue. */
export const SIM_ITEMS = [
  { letter: 'A', queue: '社会保险', item: '社保参保登记', code: '2014' },
  { letter: 'B', queue: '不动产', item: '不动产转移登记', code: '0715' },
  { letter: 'C', queue: '市场准入', item: '营业执照办理', code: '3101' },
  { letter: 'D', queue: '医疗保障', item: '异地就医备案', code: '3602' },
  { letter: 'E', queue: '公安户政', item: '居民身份证换领', code: '0901' },
  { letter: 'F', queue: '住房公积金', item: '公积金提取', code: '1706' },
] as const;

export const SIM_USERS: readonly SimUser[] = [
  { code: '1001', name: '李慧敏', counters: ['3'] },
  { code: '1002', name: '王建国', counters: ['4'] },
  { code: '1003', name: '陈思远', counters: ['5'] },
];

const FAMILY = ['赵', '钱', '孙', '周', '吴', '郑', '冯', '褚'] as const;
const GIVEN = ['明远', '秀兰', '志强', '雅琴', '文博', '晓雨'] as const;

/** Clerks of any number of counters, two for each: one relieves the other. */
export function simUsersFor(counters: readonly string[]): readonly SimUser[] {
  return counters.flatMap((counter, index) => {
    const known = SIM_USERS.find((user) => user.counters.includes(counter));
    const named = (code: number, turn: number): SimUser => ({
      code: String(code),
      name: `${FAMILY[(index + turn) % FAMILY.length] ?? ''}${GIVEN[(index * 5 + turn) % GIVEN.length] ?? ''}`,
      counters: [counter],
    });
    return [known ?? named(2001 + index, 0), named(6001 + index, 3)];
  });
}

interface Counter {
  paused: boolean;
  phase: SimPhase;
  ticket: SimTicket | null;
  lastRated: boolean | null;
  /** A request to rate was taken back by calling again; what the tablet then says of it ends nothing. */
  takenBack: boolean;
}

/** @param parts `counters` by number; `nowMs` the hall's clock. */
export function createSimHall(parts: { readonly counters: readonly string[]; readonly nowMs: () => number }) {
  const counters = new Map<string, Counter>(
    parts.counters.map((counter) => [
      counter,
      { paused: false, phase: 'idle', ticket: null, lastRated: null, takenBack: false },
    ]),
  );
  const waiting = new Map<string, SimTicket[]>();
  const handlings = new Map<string, number>();
  const numbers = new Map<string, number>();
  const epoch = Math.floor(parts.nowMs()).toString(36);
  let issued = 0;
  let handled = 0;

  const at = (counter: string): Counter => {
    const found = counters.get(counter);
    if (!found)
      throw new Error(
        `the simulated hall has no counter ${counter}; it has ${[...counters.keys()].join(', ')}`,
      );
    return found;
  };

  const today = () =>
    stamp(parts.nowMs())
      .slice(0, 8)
      .replace(/(\d{4})(\d\d)(\d\d)/, '$1-$2-$3');

  const handle = (ticket: Omit<SimTicket, 'rateId' | 'handling'>, counter: string): SimTicket => {
    const place = `${ticket.serial}@${counter}`;
    const handling = (handlings.get(place) ?? 0) + 1;
    handlings.set(place, handling);
    handled += 1;
    return { ...ticket, handling, rateId: `${stamp(parts.nowMs())}${String(handled).padStart(4, '0')}` };
  };

  const issue = (counter: string): SimTicket => {
    const kind = SIM_ITEMS[issued % SIM_ITEMS.length] ?? SIM_ITEMS[0];
    issued += 1;
    const date = today();
    const next = (numbers.get(kind.letter + date) ?? 0) + 1;
    numbers.set(kind.letter + date, next);
    const count = String(issued).padStart(5, '0');
    const family = FAMILY[issued % FAMILY.length] ?? FAMILY[0];
    const given = GIVEN[(issued * 5) % GIVEN.length] ?? GIVEN[0];
    return handle(
      {
        number: `${kind.letter}${String(next).padStart(3, '0')}`,
        queue: kind.queue,
        serial: `${epoch}-${count}`,
        item: kind.item,
        projectNo: `37${date.replaceAll('-', '')}${kind.code}${count}`,
        transactor: family + given,
        date,
      },
      counter,
    );
  };

  return {
    counters: (): readonly string[] => [...counters.keys()],
    has: (counter: string): boolean => counters.has(counter),
    read: (counter: string): Omit<SimCounterState, 'counter' | 'tablets'> => {
      const { takenBack: _, ...state } = at(counter);
      return state;
    },

    /** The next ticket: first one that was transferred here, else a new one. */
    call(counter: string): SimTicket {
      const place = at(counter);
      place.ticket = waiting.get(counter)?.shift() ?? issue(counter);
      place.phase = 'serving';
      place.lastRated = null;
      place.takenBack = false;
      return place.ticket;
    },
    /** Called once more: whoever was asked to rate is evidently not through. */
    recall(counter: string): SimTicket | null {
      const place = at(counter);
      if (place.ticket && place.phase === 'rating') place.takenBack = true;
      if (place.ticket) place.phase = 'serving';
      return place.ticket;
    },
    serve(counter: string): SimTicket | null {
      const place = at(counter);
      if (place.ticket) place.phase = 'rating';
      return place.ticket;
    },
    /** Ends the ticket at this counter. @returns the one that was open. */
    clear(counter: string): SimTicket | null {
      const place = at(counter);
      const { ticket } = place;
      place.ticket = null;
      place.phase = 'idle';
      return ticket;
    },
    transfer(counter: string, to: string): SimTicket | null {
      at(to);
      const ticket = this.clear(counter);
      if (ticket) {
        const queue = waiting.get(to) ?? [];
        waiting.set(to, [...queue, handle(ticket, to)]);
      }
      return ticket;
    },
    setPaused(counter: string, paused: boolean): void {
      at(counter).paused = paused;
    },
    /** The tablet's report. Repetitions and reports of other tickets change nothing. */
    rated(counter: string, rateId: string, rated: boolean): void {
      const place = at(counter);
      if (place.ticket?.rateId !== rateId) return;
      if (!rated && place.takenBack) {
        place.takenBack = false;
        return;
      }
      place.ticket = null;
      place.phase = 'idle';
      place.lastRated = rated;
    },
  };
}
export type SimHall = ReturnType<typeof createSimHall>;

/** `yyyyMMddHHmmss` at the hall (UTC+8). */
function stamp(atMs: number): string {
  return new Date(atMs + 8 * 3600_000).toISOString().replace(/\D/g, '').slice(0, 14);
}
