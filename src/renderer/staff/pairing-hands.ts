import { type ReadonlySignal, signal } from '@preact/signals';
import type { StaffAnswer, StaffBridge } from '../../shared/screen/staff-contract.ts';
import type { PairingRequest } from '../../shared/screen/staff-pairing.ts';
import { openCamera } from './camera.ts';
import { MOST_SCANNED } from './camera-words.ts';

/** What is typed or scanned on the pairing page until it goes to the core in one piece. */
export interface PairingHands {
  readonly address: ReadonlySignal<string>;
  readonly code: ReadonlySignal<string>;
  readonly letters: ReadonlySignal<boolean>;
  /** Unpairing was pressed once; it takes a second press. */
  readonly sure: ReadonlySignal<boolean>;
  /** A paired tablet is to be paired anew. */
  readonly again: ReadonlySignal<boolean>;
  typeAddress(sign: string): void;
  typeCode(digit: string): void;
  eraseAddress(): void;
  eraseCode(): void;
  /** Signs of a name, or those of a number. */
  turnSheet(): void;
  /** The address is whole. */
  next(): void;
  pairAgain(): void;
  unpair(): void;
  ask(request: PairingRequest): void;
  /** Turns the camera on and shows its picture; what it reads is a scan. @returns what turns it off. */
  look(video: HTMLVideoElement): () => void;
  /** A key of a scanner, which types a line and Enter; or of a keyboard. */
  key(key: string): void;
}

const MOST_ADDRESS = 80;
export const CODE_DIGITS = 6;

export function createPairingHands(parts: {
  readonly act: (call: (bridge: StaffBridge) => Promise<StaffAnswer>) => void;
  /** Told at once, also while a press is being answered; absent where there is no core. */
  readonly tell: ((request: PairingRequest) => void) | undefined;
}): PairingHands {
  const { act, tell } = parts;
  const address = signal('');
  const code = signal('');
  const letters = signal(false);
  const sure = signal(false);
  const again = signal(false);
  let scanned = '';

  function ask(request: PairingRequest): void {
    sure.value = false;
    code.value = '';
    if (request.act === 'accept') again.value = false;
    act((core) => core.pair(request));
  }

  return {
    address,
    code,
    letters,
    sure,
    again,
    ask,
    typeAddress(sign) {
      if (address.value.length < MOST_ADDRESS) address.value += sign;
    },
    typeCode(digit) {
      const typed = code.value + digit;
      // The last digit says that it is whole: one press less.
      if (typed.length === CODE_DIGITS) ask({ act: 'code', code: typed });
      else code.value = typed;
    },
    eraseAddress() {
      address.value = address.value.slice(0, -1);
    },
    eraseCode() {
      code.value = code.value.slice(0, -1);
    },
    turnSheet() {
      letters.value = !letters.value;
    },
    next() {
      if (address.value !== '') ask({ act: 'ask', address: address.value });
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
    look(video) {
      if (tell === undefined) return () => {};
      return openCamera({
        video,
        onRead: (text) => tell({ act: 'scan', text }),
        onTrouble: (trouble) => tell({ act: 'cameraFailed', trouble }),
      });
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
