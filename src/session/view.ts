import { type IndicatorPack, indicatorsOf } from '../shared/indicators.ts';
import type { Screen, Span } from '../shared/screen/snapshot.ts';
import { assertNever, type Clerk, type InvitationId, type Service } from '../shared/words.ts';
import type { WhenQueueIsLost } from './queue-loss.ts';
import type { Invited, SessionState, StoreFault } from './state.ts';

export interface ViewParts {
  readonly pack: IndicatorPack;
  readonly whenQueueIsLost: WhenQueueIsLost;
  /** Of the running delay, now. */
  readonly span: Span;
  readonly receipt: Extract<Screen, { name: 'thanks' }>['receipt'];
}

/** What the citizen sees of the session. */
export function screenOf(state: SessionState, parts: ViewParts): Screen {
  const { phase } = state;
  if (state.fault) return { name: 'outOfService', fault: state.fault };
  if (state.paused) return { name: 'paused' };
  const { span } = parts;
  // Nobody knows who sits there: a number on the screen would be somebody's from before.
  if (state.queueLost && (phase.name === 'idle' || (phase.name === 'serving' && !phase.service.manual)))
    return parts.whenQueueIsLost === 'paused' ? { name: 'outOfService', fault: 'queue' } : { name: 'idle' };
  switch (phase.name) {
    case 'idle':
      return { name: 'idle' };
    case 'serving':
      // Whoever has been asked is through; the counter is still the ticket's, the screen is nobody's.
      if (isThrough(phase.invited)) return { name: 'idle' };
      return {
        name: 'serving',
        ...numbered(phase.service),
        ...(phase.service.queueName ? { queueName: phase.service.queueName } : {}),
      };
    case 'inviting':
      return { name: 'inviting', ...asked(phase), span };
    case 'chosen':
      return { name: 'chosen', ...asked(phase), level: phase.level, span };
    case 'details':
      return {
        name: 'details',
        ...asked(phase),
        level: phase.level,
        indicators: [...indicatorsOf(parts.pack, phase.level)],
        ticked: [...phase.ticked],
        helpRequested: phase.helpRequested,
        ...(phase.focus === undefined ? {} : { focus: phase.focus }),
        keys: phase.keys,
        span,
      };
    case 'thanks':
      return { name: 'thanks', ...numbered(phase.service), receipt: parts.receipt, span };
    default:
      return assertNever(phase);
  }
}

function isThrough(invited: Invited): boolean {
  return invited === 'rated' || invited === 'declined' || invited === 'ended';
}

function numbered(service: Service) {
  return service.ticketNumber ? { ticketNumber: service.ticketNumber } : {};
}

function asked(phase: Extract<SessionState['phase'], { invitation: unknown; service: Service }>) {
  const taskName = phase.service.case?.taskName;
  return {
    invitation: phase.invitation,
    ...numbered(phase.service),
    ...(taskName ? { taskName } : {}),
  };
}

/**
 * The session as somebody behind the counter may know it. `answering` is one word for everything between the first
 * choice and the end of the thanks: how long each part takes is nobody's business there. No level, and none may be added.
 */
export interface CounterState {
  readonly doing: 'idle' | 'serving' | 'inviting' | 'answering';
  /** Only of an invitation that nobody has answered yet. */
  readonly invitation?: InvitationId;
  readonly ticketNumber?: string;
  readonly clerk?: Clerk;
  /** By the queue side's word, and nobody has signed on since. */
  readonly signedOff?: true;
  readonly paused: boolean;
  readonly fault: StoreFault | null;
}

export function counterOf(state: SessionState): CounterState {
  const { phase, paused, fault, clerk, signedOff } = state;
  const about = phase.name === 'idle' ? {} : numbered(phase.service);
  const shared = {
    ...about,
    ...(clerk ? { clerk } : {}),
    ...(signedOff ? { signedOff } : {}),
    paused,
    fault,
  };
  switch (phase.name) {
    case 'idle':
      return { doing: 'idle', ...shared };
    case 'serving':
      return { doing: isThrough(phase.invited) ? 'idle' : 'serving', ...shared };
    case 'inviting':
      return { doing: 'inviting', invitation: phase.invitation, ...shared };
    case 'chosen':
    case 'details':
    case 'thanks':
      return { doing: 'answering', ...shared };
    default:
      return assertNever(phase);
  }
}
