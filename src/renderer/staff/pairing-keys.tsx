import type { StaffPairing } from '../../shared/screen/staff-pairing.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import type { StaffHands } from './hands.ts';
import { StaffButton } from './staff-button.tsx';

const DIGITS = [...'1234567890'] as const;
/** Rows of ten; what is left of the last one is for words. */
const SHEETS = {
  code: DIGITS,
  digits: [...DIGITS, ...'.:-/'],
  letters: [...'abcdefghij', ...'klmnopqrst', ...'uvwxyz'],
} as const;

interface PairingKeysProps {
  readonly pairing: StaffPairing;
  readonly stage: Extract<StaffPairing['stage'], { name: 'none' }>;
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/** Nothing is under way: what to scan or type, or why the last try came to nothing. */
export function PairingKeys({ pairing, stage, text, hands }: PairingKeysProps) {
  const words = text.pairing;
  const { field, address, code, letters, turnTo, turnSheet, type, erase } = hands.pairing;
  const isCode = field.value === 'code';
  const addressSheet = letters.value ? 'letters' : 'digits';
  const sheet = isCode ? 'code' : addressSheet;
  const known =
    pairing.configured.length === 0 ? words.nothing : words.configured(pairing.configured.join(' · '));
  return (
    <section class="pairing-keys">
      <div class="pairing-keys__words" aria-live="polite">
        <h2>{stage.trouble === undefined ? words.scan : words.troubles[stage.trouble]}</h2>
        <p class="staff-quiet">
          {[stage.address, stage.detail].filter((part) => part !== undefined).join(' · ') || known}
        </p>
      </div>
      <div class="pairing-fields">
        <Field
          label={words.address}
          hint={words.enterAddress}
          typed={address.value}
          isHere={!isCode}
          onPress={() => turnTo('address')}
        />
        <Field
          label={words.code}
          hint={words.enterCode}
          typed={code.value}
          isHere={isCode}
          onPress={() => turnTo('code')}
        />
      </div>
      <div class={isCode ? 'staff-signs pairing-code' : 'staff-signs'}>
        {SHEETS[sheet].map((sign) => (
          <StaffButton key={sign} class="staff-key" onPress={() => type(sign)}>
            {sign}
          </StaffButton>
        ))}
        {isCode ? null : (
          <StaffButton class="staff-key staff-key--word staff-key--two" onPress={turnSheet}>
            {sheet === 'digits' ? words.letters : words.digits}
          </StaffButton>
        )}
        <StaffButton class="staff-key staff-key--word staff-key--two" onPress={erase}>
          {words.erase}
        </StaffButton>
        {sheet === 'digits' ? (
          <StaffButton class="staff-key staff-key--main staff-key--two" onPress={() => turnTo('code')}>
            {words.next}
          </StaffButton>
        ) : null}
      </div>
    </section>
  );
}

interface FieldProps {
  readonly label: string;
  readonly hint: string;
  readonly typed: string;
  readonly isHere: boolean;
  readonly onPress: () => void;
}

function Field({ label, hint, typed, isHere, onPress }: FieldProps) {
  return (
    <StaffButton
      class={isHere ? 'pairing-field pairing-field--here' : 'pairing-field'}
      aria={{ 'aria-pressed': isHere }}
      onPress={onPress}
    >
      <span class="pairing-field__label">{label}</span>
      {typed === '' ? <span class="staff-quiet">{hint}</span> : <span>{typed}</span>}
    </StaffButton>
  );
}
