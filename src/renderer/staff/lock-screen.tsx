import type { StaffScreen, StaffSnapshot } from '../../shared/screen/staff-snapshot.ts';
import { type StaffCatalogue, staffCatalogueOf } from '../catalogue/staff-catalogue.ts';
import type { StaffHands } from './hands.ts';
import { waitIn } from './spans.ts';
import { StaffButton } from './staff-button.tsx';
import { StaffHeader } from './staff-header.tsx';

type Locked = Extract<StaffScreen, { name: 'locked' }>;

const DIGITS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'] as const;
const MOST_DIGITS = 12;

function messageOf(text: StaffCatalogue, screen: Locked, hands: StaffHands): string {
  if (screen.waitMs > 0) return text.pin.lockedOut(waitIn(text, screen.waitMs));
  if (hands.differ.value) return text.pin.differ;
  const refusal = hands.refusal.value;
  if (refusal !== null) return refusal === 'wrongPin' ? text.pin.wrong : text.pin.notNow;
  if (screen.pin === 'settable') return hands.first.value === null ? text.pin.first : text.pin.again;
  return text.pin.enter;
}

interface LockScreenProps {
  readonly snapshot: StaffSnapshot;
  readonly screen: Locked;
  readonly hands: StaffHands;
}

/** All that anybody sees without the PIN: whose screen it is, and ten digits. */
export function LockScreen({ snapshot, screen, hands }: LockScreenProps) {
  const text = staffCatalogueOf(snapshot.locale);
  const typed = hands.typed.value.length;
  return (
    <div class="staff staff--locked">
      <StaffHeader snapshot={snapshot} hands={hands} leave={text.back} />
      <main class="staff-lock">
        <h1 class="staff-lock__title">{screen.pin === 'absent' ? text.pin.absent : text.title}</h1>
        <p class="staff-lock__message" aria-live="polite">
          {screen.pin === 'absent' ? text.pin.howToSet : messageOf(text, screen, hands)}
        </p>
        {screen.pin === 'absent' ? null : (
          <>
            <p class="staff-lock__dots" role="img" aria-label={text.pin.typed(typed)}>
              {Array.from({ length: Math.max(4, typed) }, (_, index) => (
                <span key={`${index}`} class={index < typed ? 'staff-dot staff-dot--full' : 'staff-dot'} />
              ))}
            </p>
            <div class="staff-keypad">
              {DIGITS.map((digit) => (
                <DigitKey key={digit} digit={digit} hands={hands} />
              ))}
              <StaffButton class="staff-key staff-key--word" onPress={hands.clear}>
                {text.pin.clear}
              </StaffButton>
              <DigitKey digit="0" hands={hands} />
              <StaffButton
                class="staff-key staff-key--main"
                onPress={screen.pin === 'settable' ? hands.setFirst : hands.unlock}
              >
                {text.pin.ok}
              </StaffButton>
            </div>
          </>
        )}
      </main>
    </div>
  );
}

function DigitKey({ digit, hands }: { readonly digit: string; readonly hands: StaffHands }) {
  return (
    <StaffButton class="staff-key" onPress={() => hands.type(digit, MOST_DIGITS)}>
      {digit}
    </StaffButton>
  );
}
