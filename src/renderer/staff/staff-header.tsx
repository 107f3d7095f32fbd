import emblem from '../../../assets/icons/emblem.svg?raw';
import type { StaffSnapshot } from '../../shared/screen/staff-snapshot.ts';
import { nameIn, otherLocale } from '../catalogue/catalogue.ts';
import { staffCatalogueOf } from '../catalogue/staff-catalogue.ts';
import { InlineSvg } from '../components/inline-svg.tsx';
import type { StaffHands } from './hands.ts';
import { StaffButton } from './staff-button.tsx';

interface StaffHeaderProps {
  readonly snapshot: StaffSnapshot;
  readonly hands: StaffHands;
  /** The word on the button that takes the screen away. */
  readonly leave: string;
}

export function StaffHeader({ snapshot, hands, leave }: StaffHeaderProps) {
  const { locale, hall, counter } = snapshot;
  const text = staffCatalogueOf(locale);
  const other = otherLocale(locale);
  return (
    <header class="staff-header">
      <InlineSvg svg={emblem} class="staff-emblem" />
      <span class="staff-header__hall">{nameIn(locale, hall)}</span>
      <span class="staff-header__counter">{text.counterLabel(counter.number)}</span>
      <span class="staff-header__room" />
      <StaffButton
        class="staff-button"
        lang={other}
        onPress={() => hands.act((core) => core.speak({ locale: other }))}
      >
        {text.otherLanguage}
      </StaffButton>
      <StaffButton class="staff-button" onPress={() => hands.act((core) => core.leave({}))}>
        {leave}
      </StaffButton>
    </header>
  );
}
