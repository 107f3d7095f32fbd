import type { SimTicket } from '../hall.ts';
import type { SimHappening, SimWorld } from '../wire.ts';

/** The hall in our own JSON messages (docs/queue-links.md, "Ticket messages"), written apart from the links. */

export function ticketJson(ticket: SimTicket) {
  return {
    ticketNo: ticket.number,
    queue: ticket.queue,
    serial: ticket.serial,
    handling: ticket.handling,
    rateId: ticket.rateId,
    item: ticket.item,
    projectNo: ticket.projectNo,
    date: ticket.date,
  };
}

export function eventJson({ id, kind, ticket, atMs }: SimHappening) {
  return { eventId: id, kind, ...ticketJson(ticket), at: atMs };
}

export function stateJson(world: SimWorld, counter: string) {
  const { paused, phase, ticket } = world.hall.read(counter);
  const clerk = world.users.find((user) => user.counters.includes(counter));
  return {
    counter,
    paused,
    phase,
    ticket: ticket ? ticketJson(ticket) : null,
    ...(clerk ? { clerk: { number: clerk.code, name: clerk.name } } : {}),
  };
}
