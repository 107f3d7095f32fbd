import { type ReadonlySignal, signal } from '@preact/signals';
import type { StaffAnswer, StaffBridge } from '../../shared/screen/staff-contract.ts';
import { createPairingHands, type PairingHands } from './pairing-hands.ts';

type Refusal = Extract<StaffAnswer, { accepted: false }>['reason'] | 'unanswered';

/**
 * What is typed until it goes to the core in one piece, and what became of the last press. Nothing of it is ever in a
 * snapshot; the page goes, and it is gone.
 */
export interface StaffHands {
  readonly refusal: ReadonlySignal<Refusal | null>;
  /** Digits of the PIN, or the sign keys of the page by hand. */
  readonly typed: ReadonlySignal<string>;
  /** The first of the two times that a first PIN is asked for. */
  readonly first: ReadonlySignal<string | null>;
  readonly differ: ReadonlySignal<boolean>;
  readonly byHand: ReadonlySignal<'ticketNumber' | 'projectNo'>;
  readonly pairing: PairingHands;
  type(sign: string, most: number): void;
  erase(): void;
  clear(): void;
  switchByHand(to: 'ticketNumber' | 'projectNo'): void;
  unlock(): void;
  setFirst(): void;
  inviteByHand(): void;
  /** One call at a time: while the core has not answered, further presses are ignored. */
  act(call: (bridge: StaffBridge) => Promise<StaffAnswer>): void;
}

export function createStaffHands(bridge: StaffBridge | undefined): StaffHands {
  const refusal = signal<Refusal | null>(null);
  const typed = signal('');
  const first = signal<string | null>(null);
  const differ = signal(false);
  const byHand = signal<'ticketNumber' | 'projectNo'>('ticketNumber');
  let awaiting = false;

  function act(call: (to: StaffBridge) => Promise<StaffAnswer>): void {
    if (bridge === undefined || awaiting) return;
    awaiting = true;
    refusal.value = null;
    differ.value = false;
    call(bridge).then(
      (answer) => {
        awaiting = false;
        if (!answer.accepted) refusal.value = answer.reason;
      },
      () => {
        awaiting = false;
        refusal.value = 'unanswered';
      },
    );
  }

  function taken(): string {
    const text = typed.value;
    typed.value = '';
    return text;
  }

  return {
    refusal,
    typed,
    first,
    differ,
    byHand,
    pairing: createPairingHands({
      act,
      tell:
        bridge &&
        ((request) => {
          bridge.pair(request).catch(() => {
            refusal.value = 'unanswered';
          });
        }),
    }),
    act,
    type(sign, most) {
      if (awaiting) return;
      refusal.value = null;
      differ.value = false;
      if (typed.value.length < most) typed.value += sign;
    },
    erase: () => {
      typed.value = typed.value.slice(0, -1);
    },
    clear: () => {
      typed.value = '';
    },
    switchByHand(to) {
      byHand.value = to;
      typed.value = '';
    },
    unlock() {
      if (typed.value.length < 4) return;
      const pin = taken();
      act((to) => to.unlock({ pin }));
    },
    setFirst() {
      if (typed.value.length < 4) return;
      const pin = taken();
      if (first.value === null) {
        first.value = pin;
        return;
      }
      const same = first.value === pin;
      first.value = null;
      if (same) act((to) => to.setFirstPin({ pin }));
      else differ.value = true;
    },
    inviteByHand() {
      if (typed.value === '') return;
      const text = taken();
      act((to) =>
        to.inviteByHand(byHand.value === 'ticketNumber' ? { ticketNumber: text } : { projectNo: text }),
      );
    },
  };
}
