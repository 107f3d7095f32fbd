import type { Locale } from '../../shared/words.ts';
import { catalogueOf } from '../catalogue/catalogue.ts';

interface TicketLineProps {
  readonly ticketNumber: string | undefined;
  readonly taskName: string | undefined;
  readonly locale: Locale;
}

/** What is being rated; keeps its place even when there is nothing to say, so that nothing below it moves. */
export function TicketLine({ ticketNumber, taskName, locale }: TicketLineProps) {
  const text = catalogueOf(locale);
  return (
    <p class="page__ticket">
      {ticketNumber === undefined ? null : (
        <span class="page__ticket-number">{text.ticketLabel(ticketNumber)}</span>
      )}
      {taskName === undefined ? null : (
        <span class="page__task" lang="zh-CN">
          {taskName}
        </span>
      )}
    </p>
  );
}
