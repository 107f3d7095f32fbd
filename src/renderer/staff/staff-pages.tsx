import type { ComponentChildren } from 'preact';
import type { StaffPage, StaffScreen } from '../../shared/screen/staff-snapshot.ts';
import type { StaffCatalogue } from '../catalogue/staff-catalogue.ts';
import { ByHandPage } from './by-hand-page.tsx';
import { DayPage } from './day-page.tsx';
import type { StaffHands } from './hands.ts';
import { PairingPage } from './pairing-page.tsx';
import { StatePage } from './state-page.tsx';

export type OpenScreen = Extract<StaffScreen, { name: 'open' }>;

export interface StaffPageProps {
  readonly screen: OpenScreen;
  readonly text: StaffCatalogue;
  readonly hands: StaffHands;
}

/**
 * How each page is drawn; its tab is `text.pages`. A page more: its name in `STAFF_PAGES`, and this table does not compile
 * until it is drawn (docs/adr/0016-staff-screen.md).
 */
export const PAGES: { readonly [P in StaffPage]: (props: StaffPageProps) => ComponentChildren } = {
  day: DayPage,
  state: StatePage,
  byHand: ByHandPage,
  pairing: PairingPage,
};
