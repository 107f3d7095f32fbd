import './staff.css';
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import type { StaffSnapshot } from '../../shared/screen/staff-snapshot.ts';
import { staffCatalogueOf } from '../catalogue/staff-catalogue.ts';
import { lockDownGestures } from '../components/gestures.ts';
import { createStaffHands } from './hands.ts';
import { StaffScreen } from './staff-screen.tsx';

/** Entry of the staff screen: it draws what the core says and passes on what is pressed; it decides nothing. */
const snapshot = signal<StaffSnapshot | null>(null);
const hands = createStaffHands(window.yipingStaff);

effect(() => {
  const locale = snapshot.value?.locale ?? 'zh-CN';
  document.documentElement.lang = locale;
  document.title = staffCatalogueOf(locale).title;
});
window.yipingStaff?.onSnapshot((next) => {
  snapshot.value = next;
});

function Page() {
  return snapshot.value === null ? null : <StaffScreen snapshot={snapshot.value} hands={hands} />;
}

lockDownGestures(document);
const mount = document.getElementById('screen');
if (mount === null) throw new Error('staff/index.html has no element #screen to draw in');
render(<Page />, mount);
