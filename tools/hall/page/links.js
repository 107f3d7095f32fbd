/** The table of connections: a word, a shape and a time for each, and the hand on its plug. */
import { words } from './phrases.js';

const SHAPES = { well: '●', between: '◐', away: '○' };

/** Rows are made once and only their words change, so that a button is still there when the finger comes down. */
const rows = new Map();

export function showLinks(state, act, ago) {
  const say = words();
  for (const row of rowsOf(state, say)) {
    const shown = rowFor(row.name);
    set(shown.label, say.rows[row.name]);
    set(shown.text, `${SHAPES[row.shape]} ${row.text} · ${ago(row.sinceMs)}`);
    shown.text.title = shown.text.textContent;
    const wanted = JSON.stringify(row.acts);
    if (shown.acts.dataset.made === wanted) continue;
    shown.acts.dataset.made = wanted;
    shown.acts.replaceChildren(...row.acts.map((one) => handFor(one, act)));
  }
}

function rowsOf(state, say) {
  const { queue, box, province, kiosk } = state;
  const [alarm] = province.alarms;
  return [
    {
      name: 'kiosk',
      shape: kiosk.running ? 'well' : 'between',
      text: kiosk.running ? say.running(kiosk.starts) : say.restarting(kiosk.lastEnd ?? ''),
      sinceMs: kiosk.sinceMs,
      acts: [
        ...(kiosk.headless ? [] : [[say.acts.page, { do: 'kill', what: 'page' }]]),
        [say.acts.core, { do: 'kill', what: 'core' }],
        [say.acts.all, { do: 'kill', what: 'all' }],
      ],
    },
    {
      name: 'queue',
      shape: queue.network !== 'up' ? 'away' : queue.at.tablets > 0 ? 'well' : 'between',
      text: `${queue.link} · ${queue.network === 'up' ? say.tablets(queue.at.tablets) : say.network[queue.network]}`,
      sinceMs: queue.sinceMs,
      acts: networkActs('queue', queue.network, say),
    },
    {
      name: 'box',
      shape: box.plugged ? 'well' : 'away',
      text: box.plugged ? say.plugged : say.pulled,
      sinceMs: box.sinceMs,
      acts: [
        box.plugged
          ? [say.acts.pull, { do: 'box', cable: 'pulled' }]
          : [say.acts.plug, { do: 'box', cable: 'plugged' }],
      ],
    },
    {
      name: 'network',
      shape: province.network === 'up' ? 'well' : 'away',
      text: say.network[province.network],
      sinceMs: province.sinceMs,
      acts: networkActs('province', province.network, say),
    },
    {
      name: 'province',
      shape: !province.url ? 'away' : province.registered && !alarm ? 'well' : 'between',
      text: alarm
        ? say.alarm(alarm.kind, alarm.seq)
        : province.url
          ? (province.problem ?? (province.registered ? say.registered : say.registering))
          : say.away,
      sinceMs: alarm ? alarm.lastAtMs : province.process.sinceMs,
      acts: province.url ? [[say.acts.open, province.url]] : [],
    },
  ];
}

function networkActs(of, is, say) {
  const acts = [
    ['refusing', say.acts.refuse],
    ['frozen', say.acts.freeze],
    ['up', say.acts.restore],
  ];
  return acts
    .filter(([state]) => state !== is)
    .map(([state, text]) => [text, { do: 'network', of, is: state }]);
}

function rowFor(name) {
  const known = rows.get(name);
  if (known) return known;
  const row = document.createElement('tr');
  const [label, text, acts] = [0, 1, 2].map(() => row.insertCell());
  text.className = 'quiet';
  document.querySelector('#links tbody').append(row);
  rows.set(name, { label, text, acts });
  return rows.get(name);
}

function handFor([text, target], act) {
  if (typeof target === 'string') {
    const link = document.createElement('a');
    link.href = target;
    link.target = '_blank';
    link.rel = 'noreferrer';
    link.textContent = text;
    return link;
  }
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text;
  button.addEventListener('click', () => act(target));
  return button;
}

/** Untouched text is left alone, so that it can be selected. */
export function set(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
