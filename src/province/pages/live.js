/** The live page: shows what `GET /live` tells, and nothing else. Text is only ever set as text. */

const ROWS = 60;
const LEVELS = [
  [5, '非常满意'],
  [4, '满意'],
  [3, '基本满意'],
  [2, '不满意'],
  [1, '非常不满意'],
];
const ALARMS = {
  fork: (alarm) => `第 ${alarm.seq} 条记录出现另一版本：日志分叉，请停用并核查设备`,
  brokenChain: (alarm) => `第 ${alarm.seq} 条的签名与已存记录不衔接，设备已停止接收`,
  secondRating: (alarm) => `第 ${alarm.seq} 条是同一服务的第二次评价，不计入统计`,
  badBody: (alarm) => `第 ${alarm.seq} 条内容无法识别，已原样留存`,
  otherIdentity: () => '记录开头与登记的设备或公钥不一致',
  badRequestSignature: () => '有请求冒用本设备名义或签名错误',
  oldCopy: (alarm) => `日志只到第 ${alarm.seq} 条，比已存的短：可能放回了旧副本`,
  cutTail: (alarm) => `第 ${alarm.seq} 条起，曾报告过的末尾记录没有送达，设备上也不在了`,
  parked: (alarm) => `第 ${alarm.seq} 条被拒收，其后的记录在设备上等待`,
  urgentUnproven: (alarm) => `第 ${alarm.seq} 条的求助通知与签名不符，未采用`,
  restored: (alarm) => `设备日志曾损坏，自第 ${alarm.seq} 条起为恢复后续写；有无遗失见设备一栏`,
  ticketToken: (alarm) => `第 ${alarm.seq} 条的号票凭证无效，请核查叫号系统`,
  ledgerChanged: (alarm) => `第 ${alarm.seq} 条存档核对不符`,
};
/** A clock this far off is worth a word; networks account for the rest. */
const CLOCK_OFF_MS = 5_000;

const at = (id) => document.getElementById(id);
const time = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const date = new Intl.DateTimeFormat('zh-CN', {
  timeZone: 'Asia/Shanghai',
  month: 'numeric',
  day: 'numeric',
});

let serverAheadMs = 0;
const serverNowMs = () => Date.now() + serverAheadMs;
const seen = new Set();
let state;

function element(name, text = '', className = '') {
  const node = document.createElement(name);
  node.textContent = text;
  if (className) node.className = className;
  return node;
}

/** The day is named only when it is another one: a backlog brings yesterday's ratings. */
function clockText(ms) {
  const today = date.format(serverNowMs()) === date.format(ms);
  return today ? time.format(ms) : `${date.format(ms)} ${time.format(ms)}`;
}

function showArrivals({ items, left }) {
  const body = at('arrivals');
  for (const item of items) {
    if (seen.has(item.arrival)) continue;
    seen.add(item.arrival);
    const row = element('tr', '', 'new');
    row.append(
      element('td', clockText(item.settledAtMs)),
      element('td', item.hall),
      element('td', item.counter),
      element('td', item.ticketNumber ?? '无号票', 'ticket'),
      element('td', '已评价'),
    );
    body.prepend(row);
  }
  if (left > 0) {
    const row = element('tr');
    const cell = element('td', `另有 ${left} 件同时到达`);
    cell.colSpan = 5;
    row.append(cell);
    body.prepend(row);
  }
  while (body.rows.length > ROWS) body.deleteRow(-1);
  if (seen.size > ROWS * 20) for (const arrival of [...seen].slice(0, ROWS * 10)) seen.delete(arrival);
  at('no-arrivals').hidden = body.rows.length > 0;
}

function hallBlock(tally) {
  const block = element('div', '', 'hall');
  const heading = element('h3');
  heading.append(element('span', tally.hall));
  // The number of the same moment as the bars, and none beside bars that are not there yet.
  if (tally.published > 0) heading.append(element('span', `${tally.published} 件`));
  block.append(heading);
  if (tally.uncounted > 0)
    block.append(element('p', `另有 ${tally.uncounted} 件没有有效的号票凭证，已留存，不计入统计`, 'note'));
  if (tally.published === 0) {
    block.append(element('p', `满 ${state.smallestGroup} 件后显示汇总`, 'note'));
    return block;
  }
  for (const [level, name] of LEVELS) {
    const line = element('div', '', 'level');
    const meter = document.createElement('meter');
    meter.max = tally.published;
    meter.value = tally.counts[level];
    meter.setAttribute('aria-label', name);
    line.append(element('span', name), meter, element('b', String(tally.counts[level])));
    block.append(line);
  }
  return block;
}

function agoText(ms) {
  if (ms === null) return '从未';
  const seconds = Math.max(0, Math.round((serverNowMs() - ms) / 1000));
  if (seconds < 60) return `${seconds} 秒前`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} 分钟前`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} 小时前`;
  return `${Math.floor(seconds / 86_400)} 天前`;
}

function deviceRow(device) {
  const row = element('tr');
  const name = element('td', device.deviceId);
  if (device.state === 'revoked') name.append(element('small', ' 已停用'));
  const silent = device.silentSinceMs !== null;
  const contact = element(
    'td',
    `${silent ? '失联 · ' : ''}${agoText(device.lastSeenAtMs)}`,
    silent ? 'incomplete' : '',
  );
  const offMs = device.clockOffsetMs ?? 0;
  if (Math.abs(offMs) >= CLOCK_OFF_MS)
    contact.append(
      element('small', ` 时钟${offMs > 0 ? '快' : '慢'} ${Math.round(Math.abs(offMs) / 1000)} 秒`),
    );
  row.append(
    element('td', `${device.hall} ${device.counter}`),
    name,
    element('td', device.record, device.missingToSeq === null ? '' : 'incomplete'),
    contact,
  );
  return row;
}

function alarmItem(alarm) {
  const item = element(
    'li',
    `${alarm.hall} ${alarm.counter}：${(ALARMS[alarm.kind] ?? (() => alarm.kind))(alarm)}`,
  );
  const often = [
    alarm.entries > 1 ? `同类共 ${alarm.entries} 处，以上为最近一处` : '',
    alarm.times > alarm.entries ? `共 ${alarm.times} 次` : '',
  ];
  item.append(
    element('small', [alarm.deviceId, clockText(alarm.lastAtMs), ...often].filter(Boolean).join(' · ')),
  );
  return item;
}

function leftText(count, unit, order) {
  return count > 0 ? `另有 ${count} ${unit}未列出${order}` : '';
}

function showAlarms({ alarms, alarmsLeft }) {
  const open = alarms.filter((alarm) => alarm.open);
  const other = alarms.filter((alarm) => !alarm.open);
  at('open-alarms-part').hidden = open.length === 0;
  at('open-alarms-title').textContent = `需要处理 · ${open.length + alarmsLeft.open} 项`;
  at('open-alarms').replaceChildren(...open.map(alarmItem));
  at('open-alarms-left').textContent = leftText(alarmsLeft.open, '项', '，请查设备清单');
  at('alarms').replaceChildren(...other.map(alarmItem));
  at('alarms-left').textContent = leftText(alarmsLeft.other, '项较早的', '');
  at('no-alarms').hidden = other.length > 0;
}

function helpItem(item) {
  const line = element('li');
  line.append(
    element('b', `${item.hall} ${item.counter} 号窗口`),
    element('span', item.ticketNumber ?? '无号票', 'ticket'),
    element('span', `${clockText(item.sinceMs)} 请求`),
  );
  return line;
}

/** Built anew only when it is another list, so that it is read aloud once. */
function showHelp(items) {
  const list = at('help-items');
  const key = JSON.stringify(items);
  at('help').hidden = items.length === 0;
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...items.map(helpItem));
}

function showState() {
  if (!state) return;
  showHelp(state.help);
  at('tallies').replaceChildren(...state.tallies.map(hallBlock));
  at('no-tallies').hidden = state.tallies.length > 0;
  at('tally-note').textContent = state.tallies.some((tally) => tally.published > 0)
    ? `件数与汇总每新增至少 ${state.smallestGroup} 件才一同更新一次，因此无法从变化中看出某一位的选择。`
    : '';
  at('devices').replaceChildren(...state.devices.map(deviceRow));
  at('no-devices').hidden = state.devices.length > 0;
  at('devices-left').textContent = leftText(state.devicesLeft, '台', '');
  showAlarms(state);
}

function showLink(open) {
  const link = at('link');
  const next = open ? 'open' : 'lost';
  if (link.dataset.state === next) return;
  link.dataset.state = next;
  link.textContent = open ? '实时' : `连接中断 · ${time.format(Date.now())} 起 · 正在重连`;
}

const events = new EventSource('/live');
events.addEventListener('open', () => showLink(true));
events.addEventListener('error', () => showLink(false));
events.addEventListener('arrivals', (event) => showArrivals(JSON.parse(event.data)));
events.addEventListener('state', (event) => {
  state = JSON.parse(event.data);
  serverAheadMs = state.serverTimeMs - Date.now();
  showState();
});
// "12 秒前" must not stand still while nothing comes.
setInterval(showState, 1000);
