import { type ReadonlySignal, signal } from '@preact/signals';
import type { StaffAnswer, StaffBridge } from '../../shared/screen/staff-contract.ts';
import type { PairingRequest } from '../../shared/screen/staff-pairing.ts';

/** What is typed or scanned on the pairing page until it goes to the core in one piece. */
export interface PairingHands {
  readonly field: ReadonlySignal<'address' | 'code'>;
  readonly address: ReadonlySignal<string>;
  readonly code: ReadonlySignal<string>;
  readonly letters: ReadonlySignal<boolean>;
  /** Unpairing was pressed once; it takes a second press. */
  readonly sure: ReadonlySignal<boolean>;
  /** A paired tablet is to be paired anew. */
  readonly again: ReadonlySignal<boolean>;
  type(sign: string): void;
  erase(): void;
  /** Signs of a name, or those of a number. */
  turnSheet(): void;
  turnTo(field: 'address' | 'code'): void;
  pairAgain(): void;
  unpair(): void;
  ask(request: PairingRequest): void;
  /** A key of a scanner, which types a line and Enter; or of a keyboard. */
  key(key: string): void;
}

const MOST_ADDRESS = 80;
const CODE_DIGITS = 6;
/** As many signs as the core takes of a scan. */
const MOST_SCANNED = 1024;

export function createPairingHands(
  act: (call: (bridge: StaffBridge) => Promise<StaffAnswer>) => void,
): PairingHands {
  const field = signal<'address' | 'code'>('address');
  const address = signal('');
  const code = signal('');
  const letters = signal(false);
  const sure = signal(false);
  const again = signal(false);
  let scanned = '';

  function ask(request: PairingRequest): void {
    sure.value = false;
    if (request.act === 'accept') again.value = false;
    act((core) => core.pair(request));
  }

  function askTyped(): void {
    const typed = code.value;
    code.value = '';
    if (address.value !== '') ask({ act: 'ask', address: address.value, code: typed });
    else field.value = 'address';
  }

  return {
    field,
    address,
    code,
    letters,
    sure,
    again,
    ask,
    type(sign) {
      if (field.value === 'address') {
        if (address.value.length < MOST_ADDRESS) address.value += sign;
        return;
      }
      code.value += sign;
      // The last digit says that it is whole: one press less.
      if (code.value.length === CODE_DIGITS) askTyped();
    },
    erase() {
      const typed = field.value === 'address' ? address : code;
      typed.value = typed.value.slice(0, -1);
    },
    turnSheet() {
      letters.value = !letters.value;
    },
    turnTo(to) {
      field.value = to;
      code.value = '';
    },
    pairAgain() {
      again.value = true;
      sure.value = false;
    },
    unpair() {
      if (!sure.value) {
        sure.value = true;
        return;
      }
      again.value = false;
      ask({ act: 'unpair' });
    },
    key(key) {
      if (key === 'Enter') {
        const text = scanned;
        scanned = '';
        if (text !== '') ask({ act: 'scan', text });
      } else if (key.length === 1 && scanned.length < MOST_SCANNED) scanned += key;
    },
  };
}
