import type { SimHappening } from '../wire.ts';

/** FQM's tickets as its published code serves them, written apart from the link. */
interface FqmTicket {
  id: number;
  number: number;
  timestamp: string;
  date: string;
  name: string;
  n: boolean;
  p: boolean;
  pdt: string | null;
  pulledBy: number;
  on_hold: boolean;
  status: 'Waiting' | 'Processed' | 'Unattended';
  office_id: number;
  task_id: number;
}

const PER_CHUNK = 20;

/** Offices are numbered from 1 in the order of the counters. */
export function createFqmList(parts: {
  readonly counters: readonly string[];
  readonly processedMeans: 'called' | 'served';
}) {
  const tickets = new Map<string, FqmTicket>();
  const lastAt = new Map<string, FqmTicket>();
  const officeOf = (counter: string) => parts.counters.indexOf(counter) + 1;
  let pulls = 0;

  const pull = (ticket: FqmTicket, { counter, atMs }: SimHappening) => {
    pulls += 1;
    ticket.p = true;
    // To the microsecond, as Python writes it.
    ticket.pdt = `${new Date(atMs).toISOString().slice(0, -1)}${String(pulls % 1000).padStart(3, '0')}`;
    ticket.pulledBy = officeOf(counter);
    ticket.office_id = officeOf(counter);
    ticket.status = parts.processedMeans === 'called' ? 'Processed' : 'Waiting';
    ticket.on_hold = false;
    lastAt.set(counter, ticket);
  };

  return {
    offices: (): Record<string, string> =>
      Object.fromEntries(parts.counters.map((counter) => [String(officeOf(counter)), counter])),
    tell(happening: SimHappening): void {
      const { ticket: one, kind, counter, atMs } = happening;
      let ticket = tickets.get(one.serial);
      if (!ticket) {
        ticket = {
          id: tickets.size + 1,
          number: 100 + Number(one.number.slice(1)),
          timestamp: new Date(atMs).toISOString(),
          date: one.date,
          name: one.transactor,
          n: true,
          p: false,
          pdt: null,
          pulledBy: 0,
          on_hold: false,
          status: 'Waiting',
          office_id: officeOf(counter),
          task_id: 1,
        };
        tickets.set(one.serial, ticket);
      }
      if (kind === 'called' || kind === 'recalled') pull(ticket, happening);
      if (kind === 'served') ticket.status = 'Processed';
      if (kind === 'skipped') ticket.status = 'Unattended';
      if (kind === 'transferred') ticket.p = false;
    },
    clear(counter: string): void {
      const ticket = lastAt.get(counter);
      if (ticket) tickets.delete(String(ticket.id));
    },
    list(processed: boolean, chunk: number): readonly FqmTicket[] {
      const wanted = [...tickets.values()].filter((ticket) => !processed || ticket.p);
      return wanted.slice((chunk - 1) * PER_CHUNK, chunk * PER_CHUNK);
    },
  };
}
