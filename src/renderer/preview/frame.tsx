import '../components/style.css';
import { render } from 'preact';
import type { Locale } from '../../shared/words.ts';
import { NO_ACTS } from '../citizen/acts.ts';
import { CitizenScreen } from '../citizen/citizen-screen.tsx';
import { fixtures } from './fixtures.ts';

/** One fixture in true size: frame.html?name=inviting&locale=zh-CN&theme=paper */
const query = new URLSearchParams(location.search);
const name = query.get('name') ?? 'idle';
const locale: Locale = query.get('locale') === 'en' ? 'en' : 'zh-CN';
const found = fixtures.find((fixture) => fixture.name === name);
const mount = document.getElementById('screen');
if (found === undefined || mount === null) throw new Error(`preview: no fixture is called ${name}`);

document.documentElement.lang = locale;
document.documentElement.dataset['theme'] = query.get('theme') ?? 'paper';
// A still picture for people and for tests: lines that drain stand where the fixture says.
if (query.has('still')) document.documentElement.dataset['still'] = '';
render(<CitizenScreen view={found.snapshot(locale)} acts={NO_ACTS} />, mount);
