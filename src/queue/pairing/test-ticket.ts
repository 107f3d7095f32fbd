import type { QueueEvent } from '../../shared/queue-event.ts';
import type { LinkParts } from '../queue-link.ts';

/**
 * Test calls bear numbers that begin so; no hall prints such tickets. A link in service never hands one on, so that a
 * test call made beside it becomes neither a service nor an invitation nor an entry.
 */
export const TEST_TICKET_PREFIX = 'YPTEST';

export function testTicketNumber(random: () => number): string {
  return `${TEST_TICKET_PREFIX}${String(Math.floor(random() * 10_000)).padStart(4, '0')}`;
}

/** The case's number where a link knows no tickets. */
export function ticketNumberOf(event: QueueEvent): string | undefined {
  return 'service' in event ? (event.service.ticketNumber ?? event.service.case?.projectNo) : undefined;
}

export function isTestNumber(ticketNo: string): boolean {
  return ticketNo.trim().toUpperCase().startsWith(TEST_TICKET_PREFIX);
}

export function isTestCall(event: QueueEvent): boolean {
  return isTestNumber(ticketNumberOf(event) ?? '');
}

/** The parts of a link in service: test calls end here. */
export function withoutTestCalls<Settings>(parts: LinkParts<Settings>): LinkParts<Settings> {
  return {
    ...parts,
    onEvent(event) {
      if (isTestCall(event)) parts.log({ level: 'info', event: 'queue.testCall' });
      else parts.onEvent(event);
    },
  };
}
