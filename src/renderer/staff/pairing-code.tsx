import type { StaffPairing } from '../../shared/screen/staff-pairing.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import type { StaffHands } from './hands.ts';
import { CODE_DIGITS } from './pairing-hands.ts';
import { StaffButton } from './staff-button.tsx';

const DIGITS = [...'1234567890'] as const;

interface PairingCodeProps {
  readonly stage: Extract<StaffPairing['stage'], { name: 'code' }>;
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/**
 * The certificate's fingerprint and the code in one view: both stand side by side on the queue system's screen, and whoever
 * reads the code there has the fingerprint before their eyes.
 */
export function PairingCode({ stage, text, hands }: PairingCodeProps) {
  const words = text.pairing;
  const { code, typeCode, eraseCode, ask } = hands.pairing;
  const { fingerprint, trouble } = stage;
  const heading = fingerprint === undefined ? words.typeCode : words.compare;
  return (
    <section class="pairing-keys">
      <div class="pairing-keys__words" aria-live="polite">
        <h2>{trouble === undefined ? heading : words.troubles[trouble]}</h2>
        <p class="staff-quiet">{fingerprint === undefined ? words.notEncrypted : words.compareHow}</p>
      </div>
      <div class="pairing-fields">
        <div class="pairing-card">
          <p class="pairing-field__label">
            {fingerprint === undefined ? words.address : words.fingerprintOf(stage.address)}
          </p>
          <p class={fingerprint === undefined ? 'pairing-card__address' : 'pairing-fingerprint'}>
            {fingerprint ?? stage.address}
          </p>
        </div>
        <div class="pairing-card">
          <p class="pairing-field__label">{words.code}</p>
          <p class="pairing-boxes">
            {Array.from({ length: CODE_DIGITS }, (_, at) => (
              <span
                key={at}
                class={at === code.value.length ? 'pairing-box pairing-box--here' : 'pairing-box'}
              >
                {code.value[at] ?? ''}
              </span>
            ))}
          </p>
        </div>
      </div>
      <div class="staff-signs pairing-code">
        {DIGITS.map((digit) => (
          <StaffButton key={digit} class="staff-key" onPress={() => typeCode(digit)}>
            {digit}
          </StaffButton>
        ))}
        <StaffButton class="staff-key staff-key--word" onPress={eraseCode}>
          {words.erase}
        </StaffButton>
        <StaffButton class="staff-key staff-key--word" onPress={() => ask({ act: 'stop' })}>
          {words.stop}
        </StaffButton>
      </div>
    </section>
  );
}
