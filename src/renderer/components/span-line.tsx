import type { Span } from '../../shared/screen/snapshot.ts';

/**
 * The time that is left, as a thin line that grows shorter: no numbers to run against. The style sheet moves it;
 * the negative delay puts it where the core's clock says it is. `revision` restarts it with each snapshot.
 */
export function SpanLine({ span, revision }: { readonly span: Span; readonly revision: number }) {
  const goneMs = Math.max(0, span.totalMs - span.endsInMs);
  return (
    <div class="span-line" aria-hidden="true">
      <div
        key={revision}
        class="span-line__rest"
        style={{ animationDuration: `${span.totalMs}ms`, animationDelay: `${-goneMs}ms` }}
      />
    </div>
  );
}
