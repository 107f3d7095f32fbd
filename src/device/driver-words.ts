import type { Press } from '../shared/press.ts';
import type { LinkState } from '../shared/queue-event.ts';
import type { CallerKey, LineFault } from './framing/framing.ts';
import type { DeviceModel } from './models.ts';
import type { ButtonSettings } from './settings.ts';
import type { PortFault } from './transport/port.ts';

/** One box on a port, as its site has set it up. */
export interface BoxParts {
  readonly settings: ButtonSettings;
  readonly model: DeviceModel;
}

/** What a driver has to say. Plain data, so that a driver may live in a process of its own. */
export type DriverEvent =
  | { readonly type: 'press'; readonly press: Press }
  /**
   * The press told before was one of several keys at once, or was held to have the voice repeated: nobody can say
   * that it was meant.
   */
  | { readonly type: 'withdrawn'; readonly press: Press; readonly reason: 'together' | 'held' }
  /**
   * A key of a clerk's keypad on the same line. Answered by nobody but {@link Driver.acknowledgeCaller}: on a bus with
   * a host of its own we only listen.
   */
  | ({ readonly type: 'caller' } & CallerKey)
  | { readonly type: 'state'; readonly state: LinkState }
  | { readonly type: 'fault'; readonly fault: ButtonFault }
  | { readonly type: 'counters'; readonly counters: ButtonCounters };

/** Something worth a line in the log; never a reason to stop. */
export type ButtonFault =
  | { readonly kind: 'line'; readonly fault: LineFault }
  | { readonly kind: 'unknownKey'; readonly key: string }
  | { readonly kind: 'stuckKey'; readonly key: string; readonly deviceId: string }
  | { readonly kind: 'lost'; readonly fault: PortFault }
  /** The driver itself: its process ended or hung. */
  | { readonly kind: 'driver'; readonly reason: string };

/** Since the start, over all connections. */
export interface ButtonCounters {
  readonly connections: number;
  readonly losses: number;
  readonly signals: number;
  readonly presses: number;
  /** Dropped because the port had only just been opened. */
  readonly settling: number;
  /** Dropped because the key was still the same press: bounce, double tap, held key. */
  readonly repeats: number;
  /** Dropped because another key was down as well; a press withdrawn for that is counted here too. */
  readonly together: number;
  /** Keys held to repeat or to cancel; each stage counts. */
  readonly holds: number;
  /** Dropped because somebody played with the box. */
  readonly coolDown: number;
  readonly foreignAddress: number;
  /** Right messages that are no press: another host, an echo of our own, an answer. */
  readonly other: number;
  readonly unknownKey: number;
  readonly lineFaults: number;
  readonly outputs: number;
  /** Outputs dropped because the box was not there or did not take them. */
  readonly dropped: number;
}

/** A port and the boxes on it: usually one; several on a shared bus, told apart by their addresses. */
export interface Driver {
  start(): void;
  /** Resolves within about a second; afterwards nothing is reported any more. */
  stop(): Promise<void>;
  /** To every box on the port. Dropped, never kept, when it is not there. */
  say(output: 'prompt' | 'dark' | 'thanks'): void;
  /** To be said when the rating is frozen, not before. A press of another device is ignored. */
  acknowledge(press: Press): void;
  /** Shows the clerk's own grade, 0–5. */
  showStars(stars: number): void;
  /**
   * To be said when whoever follows the queue has taken the key, and only where this kiosk is the host of the bus: the keypad
   * gets its own frame back. The event of that key serves as it is.
   */
  acknowledgeCaller(key: CallerKey): void;
  /** Sounds a clerk's keypad. @param caller its address; default: each evaluator's own. */
  beep(caller?: number): void;
  /**
   * Shows the last six characters on a clerk's keypad, at its right end; what is no digit stays blank, and '' clears it.
   * @param caller its address; default: each evaluator's own.
   */
  display(text: string, caller?: number): void;
  state(): LinkState;
  counters(): ButtonCounters;
}

export function noCounts(): { -readonly [name in keyof ButtonCounters]: number } {
  return {
    connections: 0,
    losses: 0,
    signals: 0,
    presses: 0,
    settling: 0,
    repeats: 0,
    together: 0,
    holds: 0,
    coolDown: 0,
    foreignAddress: 0,
    other: 0,
    unknownKey: 0,
    lineFaults: 0,
    outputs: 0,
    dropped: 0,
  };
}
