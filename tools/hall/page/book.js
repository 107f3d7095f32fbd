/** The table of the journal: one row an entry, on its right what the province did with it. */
import { words } from './phrases.js';

const SHOWN = 400;
const rows = new Map();
const lines = new Map();
const body = document.getElementById('lines');

const time = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
});

/** New and changed lines; the newest row stands first. */
export function showLines(changed) {
  for (const line of changed) {
    lines.set(line.seq, line);
    const row = rowFor(line.seq);
    row.classList.toggle('rating', line.kind.startsWith('rating.'));
    row.replaceChildren(...cells(line));
  }
  for (const seq of lines.keys()) {
    if (lines.size <= SHOWN) break;
    lines.delete(seq);
    rows.get(seq)?.remove();
    rows.delete(seq);
  }
}

export function clearLines() {
  lines.clear();
  rows.clear();
  body.replaceChildren();
}

/** In the other language. */
export function showLinesAgain() {
  showLines([...lines.values()]);
}

function rowFor(seq) {
  const known = rows.get(seq);
  if (known) return known;
  const row = document.createElement('tr');
  rows.set(seq, row);
  body.prepend(row);
  return row;
}

function cells(line) {
  const say = words();
  return [
    cell(String(line.seq), 'figure quiet'),
    cell(time.format(line.atMs), 'quiet'),
    cell(say.kinds[line.kind] ?? line.kind),
    cell(contentOf(line), '', JSON.stringify(line.body, null, 1)),
    cell(arrivalOf(line), 'quiet'),
  ];
}

function cell(text, className = '', title = '') {
  const made = document.createElement('td');
  made.textContent = text;
  made.className = className;
  made.title = title;
  return made;
}

function arrivalOf({ atMs, received }) {
  const say = words();
  if (!received) return `○ ${say.waiting}`;
  if (!received.same) return `≠ ${say.differs}`;
  return `● ${time.format(received.atMs)} · ${say.receivedAfter(Math.max(0, received.atMs - atMs))}`;
}

function contentOf({ kind, body: said, about }) {
  const say = words();
  const name = about ?? said.serviceKey;
  switch (kind) {
    case 'journal.begun':
      return joined(said.deviceId, said.suite);
    case 'boot.started':
      return joined(said.version);
    case 'invitation.opened':
      return joined(name, said.service?.queueName, said.service?.case?.taskName);
    case 'rating.chosen':
      return joined(
        name,
        say.levels[said.level],
        say.sources[said.source],
        said.change > 0 ? say.changed : undefined,
      );
    case 'rating.withdrawn':
      return joined(name, say.levels[said.level], say.sources[said.source]);
    case 'rating.settled':
      return joined(name, say.levels[said.level], say.settledBy[said.by]);
    case 'rating.detailed':
      return joined(name, said.codes?.join(' '));
    case 'invitation.closed':
      return joined(name, say.outcomes[said.outcome] ?? said.outcome);
    case 'service.notInvited':
      return joined(name, said.reason);
    case 'link.changed':
      return joined(
        say.linkNames[said.link] ?? said.link,
        say.linkStates[said.state] ?? said.state,
        said.reason,
      );
    case 'pause.changed':
      return joined(say.pausedIs[said.paused], said.by);
    case 'clock.observed':
      return joined(said.link, `${said.offsetMs} ± ${said.errorMs} ms`);
    case 'clock.jumped':
      return `${said.byMs} ms`;
    case 'journal.restored':
      return `${said.lostAfterSeq} / ${said.knownHeadSeq ?? '?'}`;
    case 'journal.compacted':
      return `${said.fromSeq}–${said.toSeq}`;
    default:
      return JSON.stringify(said);
  }
}

function joined(...parts) {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}
