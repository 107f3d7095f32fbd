import type { SimHall, SimTicket, SimUser } from './hall.ts';

/** What the hall has and every wire may look at. */
export interface SimWorld {
  readonly hall: SimHall;
  readonly users: readonly SimUser[];
  readonly nowMs: () => number;
  /** Where to listen; port 0 = any free one. */
  readonly host: string;
  readonly port: number;
  readonly onMessage: (message: SimMessage) => void;
  /** To be called after anything changed, tablets coming and going included. */
  readonly changed: () => void;
}

/** Something that went over a wire, for people and tests. */
export interface SimMessage {
  readonly direction: 'in' | 'out';
  /** Counter of the tablet, if it is known. */
  readonly counter: string | null;
  readonly text: string;
  readonly atMs: number;
}

export type SimKind = 'called' | 'recalled' | 'served' | 'skipped' | 'transferred';

/** One thing a clerk did with a ticket. */
export interface SimHappening {
  /** Never given twice. */
  readonly id: string;
  readonly kind: SimKind;
  readonly counter: string;
  readonly ticket: SimTicket;
  readonly atMs: number;
}

/** What a clerk's hand can do: on the tablet's staff screen, or on whatever stands for it. */
export interface SimHand {
  /** Asks for a rating. @returns the answer, or when it is there. */
  invite(request: { readonly ticketNumber: string }): unknown;
  /** Takes an open invitation back, before the next citizen is called to it. */
  takeBack?(): unknown;
}

/**
 * One way in which the hall's system tells tablets what happens: one for each make of link (docs/queue-links.md). It is
 * written apart from the link, from the wire format alone.
 */
export interface SimWire {
  /** Its address, as people type it; '' for a wire without one. */
  readonly url: string;
  /** The serial line of a counter's tablet, where the wire is one. */
  line?(counter: string): string;
  /** The entry of `queue` in kiosk.json by which a tablet at this counter follows. */
  settings(counter: string): Readonly<Record<string, unknown>>;
  tell(happening: SimHappening): void;
  operate(counter: string, operation: 'pause' | 'resume' | 'reset'): void;
  /** The last request to rate at this counter once more, as it was. */
  repeat(counter: string): void;
  /** Tablets that follow this counter now, as far as the system can know. */
  tablets(counter: string): number;
  /** Puts a tablet before the counter's clerk, where a hand is the wire. @returns a function that takes it away. */
  give?(counter: string, hand: SimHand): () => void;
  /** How the counter is, as a system says it from time to time though nothing changed; where it does. */
  beat?(counter: string): void;
  /** Bytes as they are, to every tablet at the counter; for hostile tests. */
  raw(counter: string, data: string | Uint8Array): void;
  /** Whether a tablet's question is not answered yet, or what was told a tablet, on a wire that can know. */
  busy?(): boolean;
  /** Settles when the tablets have dealt with what was said before, on a wire that can know. */
  settled?(counter: string): Promise<void>;
  /** Network fault. `refuse` breaks and refuses connections; `freeze` is a pulled cable. */
  cut(how: 'refuse' | 'freeze'): void;
  restore(): void;
  /** The service stops and starts at the same address; the hall goes on. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it. @returns when tablets can come; rejects with a reason for people. */
export type StartWire = (world: SimWorld) => Promise<SimWire>;
