import type { IndicatorPack } from '../shared/indicators.ts';
import { assertNever, type Locale } from '../shared/words.ts';
import { onDelayEnded, onPress } from './citizen-acts.ts';
import { onTick } from './details-acts.ts';
import { onStoreBack, postponed } from './faults.ts';
import { onQueueEvent, type QueueContext } from './queue-events.ts';
import { onQueueBack, onQueueLost } from './queue-loss.ts';
import { onStaff } from './staff-acts.ts';
import { type Fresh, type SessionEvent, type SessionState, type Step, unchanged } from './state.ts';
import { onWithdrawn } from './withdraw.ts';

/** What a site has decided once and the session only reads. */
export interface Site {
  readonly counter: string;
  readonly defaultLocale: Locale;
  readonly pack: IndicatorPack;
}

/**
 * (state, event) → step. Pure: it reads no clock and touches nothing. Decisions about the queue are in
 * ./queue-events.ts, about the citizen in ./citizen-acts.ts, about the clerk in ./staff-acts.ts, about a journal out
 * of order in ./faults.ts.
 */
export function reduce(state: SessionState, event: SessionEvent, fresh: Fresh, site: Site): Step {
  const step = decide(state, event, fresh, site);
  return state.fault && event.type !== 'storeBack' ? postponed(step) : step;
}

export function queueContext(site: Site): QueueContext {
  return { pack: site.pack.version, defaultLocale: site.defaultLocale, counter: site.counter };
}

function decide(state: SessionState, event: SessionEvent, fresh: Fresh, site: Site): Step {
  switch (event.type) {
    case 'queue':
      return onQueueEvent(state, event, fresh, queueContext(site));
    case 'press':
      return onPress(state, event.press, fresh, site);
    case 'withdrawn':
      return onWithdrawn(state, event, site);
    case 'tick':
      return onTick(state, event, site);
    case 'speak':
      // Theirs for as long as they stand there: the next called ticket finds the site's language again.
      return unchanged({ ...state, locale: event.locale });
    case 'staff':
      return onStaff(state, event.staff, fresh, queueContext(site));
    case 'delayEnded':
      return onDelayEnded(state, event, fresh, site);
    case 'queueLost':
      return onQueueLost(state, queueContext(site));
    case 'queueBack':
      return onQueueBack(state, event, fresh, queueContext(site));
    case 'linkChanged':
      return { ...unchanged(state), drafts: [event.draft] };
    case 'storeBack':
      return state.fault ? onStoreBack(state, event.found, fresh, queueContext(site)) : unchanged(state);
    default:
      return assertNever(event);
  }
}
