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
  set(byId('light'), isChanging ? say.changing : state.box.plugged ? say.light[state.box.light] : say.pulled);
  set(byId('totals'), say.totals(state.totals));
  set(byId('folder'), say.folder(state.dataFolder, state.deviceId));
  showModels();
  showKeys();
  showLinks(state, act, ago);
  showScreen(state, act);
  const { at } = state.queue;
  const has = { ticket: at.ticket !== null, open: !at.paused, paused: at.paused };
  for (const button of document.querySelectorAll('button[data-needs]'))
    button.disabled = !isConnected || !has[button.dataset.needs];
  for (const button of document.querySelectorAll('button[data-do]')) {
    const isUntold = state.queue.untold.includes(JSON.parse(button.dataset.do).do);
    button.title = isUntold ? say.problems.noWord : '';
    if (isUntold) button.disabled = true;
  }
}

function labelIn(names) {
  return names[chosenLanguage()] ?? names['zh-CN'];
}

/** Options and keys are made anew only when others are wanted, so that a hand on them is not shaken off. */
let madeOptions = '';
let madeKeys = '';

function showModels() {
  const say = words();
  const select = byId('model');
  const wanted = chosenLanguage();
  if (madeOptions !== wanted) {
    madeOptions = wanted;
    select.replaceChildren(
      ...state.boxModels.map(({ id, name, playable }) => {
        const text = playable ? labelIn(name) : say.needsDevice(labelIn(name));
        const option = new Option(text, id);
        option.disabled = !playable;
        return option;
      }),
    );
  }
  if (document.activeElement !== select || isChanging === null) select.value = state.box.model;
  select.disabled = isChanging !== null;
}

function showKeys() {
  const say = words();
  const keys = byId('keys');
  const model = state.boxModels.find(({ id }) => id === state.box.model);
  if (madeKeys !== model.id) {
    madeKeys = model.id;
    keys.classList.toggle('five', model.keys.length === 5);
    keys.replaceChildren(
      ...model.keys.map(({ code }) => {
        const button = document.createElement('button');
        button.type = 'button';
        button.append(document.createElement('span'), document.createElement('small'));
        button.addEventListener('click', () => act({ do: 'press', key: code }));
        return button;
      }),
    );
  }
  for (const [index, { code, label, level }] of model.keys.entries()) {
    const button = keys.children[index];
    set(button.firstChild, labelIn(label));
    // Where the key says what it means, it need not be said twice.
    const isPlain = labelIn(label).toLowerCase() === say.levels[level];
    set(button.lastChild, isPlain ? say.keyIs(code) : say.keyMeans(code, say.levels[level]));
    button.disabled = !state.box.plugged;
  }
}

/** The model that is on its way to the counter. */
let isChanging = null;

async function change(model) {
  isChanging = model;
  show();
  await act({ do: 'model', model });
  isChanging = null;
  show();
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

byId('model').addEventListener('change', (event) => void change(event.target.value));

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
