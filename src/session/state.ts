import type { Draft, WithdrawnBy } from '../shared/journal/entry.ts';
import type { Press } from '../shared/press.ts';
import type { QueueEvent } from '../shared/queue-event.ts';
import type { Answer } from '../shared/screen/contract.ts';
import type { Clerk, InvitationId, Level, Locale, Service, ServiceKey, Source } from '../shared/words.ts';
import type { DelayName } from './delays.ts';
import type { Spoken } from './keys.ts';
import type { StaffAct } from './staff-acts.ts';
import type { Found } from './stray.ts';

/**
 * One counter's rating session, as data.
 *
 *     idle → serving → inviting → chosen → details → thanks → serving or idle
 *
 * `paused` and `fault` lie over the phase: under them nothing is open, so no phase but idle and serving is
 * ever kept there.
 */
export interface SessionState {
  readonly phase: Phase;
  readonly paused: boolean;
  /** No queue-calling system can be heard, at a counter that has one. */
  readonly queueLost: boolean;
  readonly fault: StoreFault | null;
  readonly clerk: Clerk | null;
  /** The queue side has said that the clerk signed off; not merely that nobody has said who is there. */
  readonly signedOff: boolean;
  readonly locale: Locale;
  /** What the journal could not take yet while it is out of order; written first when it is back. */
  readonly unwritten: readonly Draft[];
  /** Ids of the latest queue events, so that the same event twice is one event. */
  readonly seen: readonly string[];
  /** The phase's running delay; a delay that ends with another epoch is a stale one. */
  readonly delay: { readonly name: DelayName; readonly epoch: number } | null;
  readonly epoch: number;
}

export type StoreFault = 'store' | 'diskFull';

/** A level and the press that chose it, which may yet be withdrawn. */
export interface Choice {
  readonly level: Level;
  readonly source: Source;
  readonly deviceId: string;
  /** As the press itself says: it is known again by this. */
  readonly pressedAtMs: number;
  readonly atMonoMs: number;
}

export type Phase =
  | { readonly name: 'idle' }
  | { readonly name: 'serving'; readonly service: Service; readonly invited: Invited }
  | { readonly name: 'inviting'; readonly service: Service; readonly invitation: InvitationId }
  | ({
      readonly name: 'chosen';
      readonly service: Service;
      readonly invitation: InvitationId;
      readonly change: number;
      /** What stands again when this choice is withdrawn, oldest first. */
      readonly earlier: readonly Choice[];
    } & Choice)
  | {
      readonly name: 'details';
      readonly service: Service;
      readonly invitation: InvitationId;
      readonly level: Level;
      readonly ticked: readonly string[];
      /** Frozen already; it is not taken back. */
      readonly helpRequested: boolean;
      /** Which reason the keys are at; undefined until one is used. */
      readonly focus?: number | undefined;
      /** The last act came from a key. */
      readonly keys: boolean;
      /** When this page came. */
      readonly sinceMonoMs: number;
    }
  | { readonly name: 'thanks'; readonly service: Service; readonly invitation: InvitationId };

/**
 * What became of asking about the service that is being served: `not` yet; `owed`, because it was finished
 * while nobody could be asked (pause, fault); `recalled`, because the ticket was called again, or the clerk withdrew the
 * invitation, while it was being asked about; `ended` without a rating; `declined`, which is a no and is not asked again; `rated`; `cutOff`, because the queue side was lost while it was being
 * asked about: asked again if it turns out to be still there.
 */
export type Invited = 'not' | 'owed' | 'recalled' | 'ended' | 'declined' | 'rated' | 'cutOff';

/** Of the queue side's ticket: the keys under which a clerk's hand may have opened it, and whether it was rated under one. */
export interface ByHand {
  readonly keys: readonly ServiceKey[];
  readonly rated: boolean;
}

export type SessionEvent =
  /** `rated`: what the store already knows of the service named in it. */
  | { readonly type: 'queue'; readonly event: QueueEvent; readonly rated: boolean; readonly byHand: ByHand }
  | { readonly type: 'press'; readonly press: Press }
  /** A press told before was none after all. */
  | { readonly type: 'withdrawn'; readonly press: Press; readonly reason: WithdrawnBy }
  | { readonly type: 'tick'; readonly invitation: InvitationId; readonly code: string }
  | { readonly type: 'speak'; readonly locale: Locale }
  | { readonly type: 'staff'; readonly staff: StaffAct }
  | { readonly type: 'delayEnded'; readonly name: DelayName; readonly epoch: number }
  | { readonly type: 'queueLost' }
  /**
   * `tellsState`: whoever is back has said by now what is so; false: it cannot, or did not in time. `finished`: the service
   * that it called finished since it is back, as it happened.
   */
  | {
      readonly type: 'queueBack';
      readonly tellsState: boolean;
      readonly finished?: ServiceKey | undefined;
    }
  | { readonly type: 'linkChanged'; readonly draft: Extract<Draft, { kind: 'link.changed' }> }
  /** The journal can be read again, and perhaps written: what it holds. Null while it cannot. */
  | { readonly type: 'storeBack'; readonly found: Found | null };

/** What a pure function cannot make itself. */
export interface Fresh {
  readonly invitation: InvitationId;
  readonly atMonoMs: number;
}

export type Effect =
  | { readonly type: 'startDelay'; readonly name: DelayName; readonly epoch: number }
  | { readonly type: 'stopDelay' }
  /** Tell the button box that the citizen is asked now. */
  | { readonly type: 'promptButtons' }
  /** Tell the box that pressed that its press is frozen; sent alike for every level. */
  | { readonly type: 'acknowledge'; readonly press: Press }
  /** To the voice: where somebody who goes by keys now is. */
  | { readonly type: 'speak'; readonly say: Spoken }
  /** To the queue side: whether, never how. */
  | { readonly type: 'report'; readonly service: Service; readonly rated: boolean };

/**
 * What an event leads to. Nothing of it holds before `drafts` are durable: the kiosk freezes them first and
 * adopts `state` only then. If they cannot be frozen, `failed` in ./faults.ts says what holds instead.
 */
export interface Step {
  readonly state: SessionState;
  readonly drafts: readonly Draft[];
  readonly effects: readonly Effect[];
  readonly answer: Answer;
}

export const ACCEPTED: Answer = { accepted: true };

export function refused(reason: Extract<Answer, { accepted: false }>['reason']): Answer {
  return { accepted: false, reason };
}

/** The event changes nothing. */
export function unchanged(state: SessionState, answer: Answer = ACCEPTED): Step {
  return { state, drafts: [], effects: [], answer };
}

export function initialState(site: { readonly locale: Locale; readonly clerk: Clerk | null }): SessionState {
  return {
    phase: { name: 'idle' },
    paused: false,
    queueLost: false,
    fault: null,
    clerk: site.clerk,
    signedOff: false,
    locale: site.locale,
    unwritten: [],
    seen: [],
    delay: null,
    epoch: 0,
  };
}

/** The service the counter is at, whatever the screen shows of it. */
export function currentService(phase: Phase): Service | null {
  return phase.name === 'idle' ? null : phase.service;
}
