import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import { StaffButton } from './staff-button.tsx';
import type { StaffPageProps } from './staff-pages.tsx';

const SIGNS = [...'1234567890', ...'ABCDEFGHIJ', ...'KLMNOPQRST', ...'UVWXYZ-'] as const;
const MOST = { ticketNumber: 20, projectNo: 50 } as const;

function refusalIn(text: StaffCatalogue, refusal: string | null): string | undefined {
  const words: Readonly<Record<string, string>> = text.byHand.refused;
  return refusal === null ? undefined : words[refusal];
}

/** A ticket or a case number typed by hand, where no queue system asks. */
export function ByHandPage({ text, hands }: StaffPageProps) {
  const kind = hands.byHand.value;
  const typed = hands.typed.value;
  const words = { ticketNumber: text.byHand.ticket, projectNo: text.byHand.project };
  return (
    <section class="staff-by-hand">
      <div class="staff-by-hand__line">
        {(['ticketNumber', 'projectNo'] as const).map((one) => (
          <StaffButton
            key={one}
            class={one === kind ? 'staff-tab staff-tab--here' : 'staff-tab'}
            aria={{ 'aria-pressed': one === kind }}
            onPress={() => hands.switchByHand(one)}
          >
            {words[one]}
          </StaffButton>
        ))}
        <p class="staff-by-hand__typed" aria-live="polite">
          {typed === '' ? <span class="staff-quiet">{text.byHand.enter(words[kind])}</span> : typed}
        </p>
      </div>
      <div class="staff-signs">
        {SIGNS.map((sign) => (
          <StaffButton key={sign} class="staff-key" onPress={() => hands.type(sign, MOST[kind])}>
            {sign}
          </StaffButton>
        ))}
        <StaffButton class="staff-key staff-key--word" onPress={hands.erase}>
          {text.byHand.erase}
        </StaffButton>
        <StaffButton class="staff-key staff-key--main staff-key--two" onPress={hands.inviteByHand}>
          {text.byHand.invite}
        </StaffButton>
      </div>
      <p class="staff-quiet staff-by-hand__note" aria-live="polite">
        {refusalIn(text, hands.refusal.value) ?? text.byHand.note}
      </p>
    </section>
  );
}
