/** The bench page: shows the hall's state, sends what somebody does. It remembers nothing of its own. */
import { clearLines, showLines, showLinesAgain } from './book.js';
import { set, showLinks } from './links.js';
import { showScreen } from './live-screen.js';
import { changeLanguage, chosenLanguage, words } from './phrases.js';

let state;
/** The bench's clock minus ours. */
let offsetMs = 0;
let isConnected = false;

const byId = (id) => document.getElementById(id);

function ago(sinceMs) {
  return words().ago(Math.max(0, Math.round((Date.now() + offsetMs - sinceMs) / 1000)));
}

/** The one line at the top: what matters most now. */
function stateLine() {
  const say = words().state;
  if (!state) return `◐ ${say.connecting}`;
  if (!isConnected) return `○ ${say.gone}`;
  const { kiosk, province, queue, box, totals } = state;
  const unsent = Math.max(0, totals.deviceSeq - totals.provinceSeq);
  if (!kiosk.running) return `◐ ${say.kioskDown}`;
  if (totals.deviceSeq === 0 || !province.registered) return `◐ ${say.starting}`;
  if (province.network !== 'up') return `○ ${say.networkAway(unsent)}`;
  if (queue.network !== 'up') return `○ ${say.queueAway}`;
  if (!box.plugged) return `○ ${say.boxAway}`;
  if (unsent > 0) return `◐ ${say.catchingUp(unsent)}`;
  if (queue.at.paused) return `◐ ${say.paused}`;
  return `● ${say.fine}`;
}

function ticketLine({ at }) {
  const say = words();
  const phase = at.paused ? say.paused : say.phase[at.phase];
  if (at.ticket) return say.ticket(at.ticket, phase);
  return at.lastRated === null ? phase : `${phase} · ${say.lastRated[at.lastRated]}`;
}

function show() {
  set(byId('line'), stateLine());
  if (!state) return;
  const say = words();
  set(byId('place'), say.place(state.hall.name, state.counter));
  set(byId('screen-note'), say.screenNote[state.screen.kind]);
  set(byId('ticket'), ticketLine(state.queue));
  set(byId('light'), state.box.plugged ? say.light[state.box.light] : say.pulled);
  set(byId('totals'), say.totals(state.totals));
  set(byId('folder'), say.folder(state.dataFolder, state.deviceId));
  showKeys();
  showLinks(state, act, ago);
  showScreen(state, act);
  const { at } = state.queue;
  const has = { ticket: at.ticket !== null, open: !at.paused, paused: at.paused };
  for (const button of document.querySelectorAll('button[data-needs]'))
    button.disabled = !isConnected || !has[button.dataset.needs];
}

function showKeys() {
  const say = words();
  const keys = byId('keys');
  if (keys.childElementCount === 0)
    for (const key of Object.keys(state.keyLevels)) {
      const button = document.createElement('button');
      button.type = 'button';
      button.append(document.createElement('span'), document.createElement('small'));
      button.addEventListener('click', () => act({ do: 'press', key: Number(key) }));
      keys.append(button);
    }
  for (const [index, [key, level]] of Object.entries(state.keyLevels).entries()) {
    const button = keys.children[index];
    set(button.firstChild, say.keyNames[key]);
    set(button.lastChild, say.keyMeans(key, say.levels[level]));
    button.disabled = !state.box.plugged;
  }
}

async function act(action) {
  try {
    const response = await fetch('/act', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(action),
    });
    const result = await response.json();
    set(byId('answer'), result.ok ? '' : (words().problems[result.problem] ?? words().problems.failed));
  } catch {
    set(byId('answer'), words().state.gone);
  }
}

function sayAll() {
  document.documentElement.lang = chosenLanguage();
  document.title = words().title;
  for (const element of document.querySelectorAll('[data-say]')) set(element, words()[element.dataset.say]);
  set(byId('answer'), '');
  showLinesAgain();
  show();
}

function take(event) {
  const message = JSON.parse(event.data);
  ({ state } = message);
  offsetMs = state.nowMs - Date.now();
  isConnected = true;
  showLines(message.lines);
  show();
}

byId('language').addEventListener('click', () => {
  changeLanguage();
  sayAll();
});
for (const button of document.querySelectorAll('button[data-do]'))
  button.addEventListener('click', () => void act(JSON.parse(button.dataset.do)));

const events = new EventSource('/events');
events.addEventListener('begin', (event) => {
  clearLines();
  take(event);
});
events.addEventListener('change', take);
events.addEventListener('error', () => {
  isConnected = false;
  show();
});
setInterval(show, 1_000);
sayAll();
