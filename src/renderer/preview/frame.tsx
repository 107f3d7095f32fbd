import '../components/style.css';
import '../staff/staff.css';
import { render } from 'preact';
import type { Locale } from '../../shared/words.ts';
import { NO_ACTS } from '../citizen/acts.ts';
import { CitizenScreen } from '../citizen/citizen-screen.tsx';
import { createStaffHands } from '../staff/hands.ts';
import { StaffScreen } from '../staff/staff-screen.tsx';
import { fixtures } from './fixtures.ts';
import { staffFixtures } from './staff-fixtures.ts';

/** One fixture in true size: frame.html?name=inviting&locale=zh-CN&theme=paper */
const query = new URLSearchParams(location.search);
const name = query.get('name') ?? 'idle';
const locale: Locale = query.get('locale') === 'en' ? 'en' : 'zh-CN';
const found = fixtures.find((fixture) => fixture.name === name);
const staff = staffFixtures.find((fixture) => fixture.name === name);
const mount = document.getElementById('screen');
if ((found === undefined && staff === undefined) || mount === null)
  throw new Error(`preview: no fixture is called ${name}`);

document.documentElement.lang = locale;
document.documentElement.dataset['theme'] = query.get('theme') ?? 'paper';
// A still picture for people and for tests: lines that drain stand where the fixture says.
if (query.has('still')) document.documentElement.dataset['still'] = '';
if (found) render(<CitizenScreen view={found.snapshot(locale)} acts={NO_ACTS} />, mount);
if (staff) {
  const hands = createStaffHands(undefined);
  for (const sign of staff.typed ?? '') hands.type(sign, 50);
  render(<StaffScreen snapshot={staff.snapshot(locale)} hands={hands} />, mount);
}
