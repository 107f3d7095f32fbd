import type { StaffPairing } from '../../shared/screen/staff-pairing.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import type { StaffHands } from './hands.ts';
import { PairingFound } from './pairing-found.tsx';
import { StaffButton } from './staff-button.tsx';

const DIGITS = [...'1234567890'] as const;
/** Rows of ten; what is left of the last one is for words. */
const SHEETS = {
  digits: [...DIGITS, ...'.:-/'],
  letters: [...'abcdefghij', ...'klmnopqrst', ...'uvwxyz'],
} as const;

interface PairingKeysProps {
  readonly pairing: StaffPairing;
  readonly stage: Extract<StaffPairing['stage'], { name: 'none' }>;
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/** Nothing is under way: what to scan, take or type, or why the last try came to nothing. */
export function PairingKeys({ pairing, stage, text, hands }: PairingKeysProps) {
  const words = text.pairing;
  const { address, letters, turnSheet, typeAddress, eraseAddress, next, ask } = hands.pairing;
  const sheet = letters.value ? 'letters' : 'digits';
  const { search, camera, configured } = pairing;
  const linked = configured.length === 0 ? words.nothing : words.configured(configured.join(' · '));
  const known = search?.more ? words.foundMore : linked;
  const ways = camera === undefined ? words.scan : words.look;
  const how = search === undefined ? ways.orType : ways.orTake;
  return (
    <section class="pairing-keys">
      <div class="pairing-keys__words" aria-live="polite">
        <h2>{stage.trouble === undefined ? how : words.troubles[stage.trouble]}</h2>
        <p class="staff-quiet">
          {[stage.address, stage.detail].filter((part) => part !== undefined).join(' · ') || known}
        </p>
      </div>
      {/* Whoever types a name does not choose from the list, and its letters need the room. */}
      {search === undefined || letters.value ? null : (
        <PairingFound search={search} text={text} hands={hands} />
      )}
      <div class={camera === undefined ? undefined : 'pairing-ways'}>
        <p class="pairing-field">
          <span class="pairing-field__label">{words.address}</span>
          {address.value === '' ? (
            <span class="staff-quiet">{words.enterAddress}</span>
          ) : (
            <span class="pairing-field__typed">{address.value}</span>
          )}
        </p>
        {camera === undefined ? null : (
          <StaffButton class="staff-key staff-key--word" onPress={() => ask({ act: 'camera' })}>
            {words.camera}
          </StaffButton>
        )}
      </div>
      <div class="staff-signs">
        {SHEETS[sheet].map((sign) => (
          <StaffButton key={sign} class="staff-key" onPress={() => typeAddress(sign)}>
            {sign}
          </StaffButton>
        ))}
        <StaffButton class="staff-key staff-key--word staff-key--two" onPress={turnSheet}>
          {sheet === 'digits' ? words.letters : words.digits}
        </StaffButton>
        <StaffButton class="staff-key staff-key--word staff-key--two" onPress={eraseAddress}>
          {words.erase}
        </StaffButton>
        {sheet === 'digits' ? (
          <StaffButton class="staff-key staff-key--main staff-key--two" onPress={next}>
            {words.next}
          </StaffButton>
        ) : null}
      </div>
    </section>
  );
}
