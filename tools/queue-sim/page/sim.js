const at = (id) => document.getElementById(id);
const ACTS = [
  ['call', '叫号'],
  ['recall', '重呼'],
  ['served', '办结'],
  ['skip', '过号'],
  ['transfer', '转号'],
  ['pause', '暂停'],
  ['resume', '恢复'],
  ['repeat', '重发'],
];
const NETWORK = [
  ['refuse', '断开（拒绝连接）'],
  ['freeze', '断开（拔线）'],
  ['restore', '恢复'],
  ['restart', '重启叫号服务'],
];
const DOING = { idle: '空闲', serving: '正在办理', rating: '等待评价' };
const FACES = ['非常不满意', '不满意', '基本满意', '满意', '非常满意'];

async function act(action) {
  const answer = await fetch('/act', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(action),
  });
  at('said').textContent = (await answer.json()).words;
}

function button(words, action, name = words) {
  const one = document.createElement('button');
  one.textContent = words;
  one.setAttribute('aria-label', name);
  one.addEventListener('click', () => void act(action));
  return one;
}

const row = (...buttons) => {
  const one = document.createElement('span');
  one.className = 'row';
  one.append(...buttons);
  return one;
};

at('network-acts').append(...NETWORK.map(([what, words]) => button(words, { do: what })));
at('kiosk-acts').append(
  ...FACES.map((words, index) => button(words, { do: 'rate', level: index + 1 })),
  button('不评价', { do: 'decline' }),
);

let drawn = '';
const rows = new Map();

/** Rows are made once and filled again: a button must not vanish under a finger. */
function rowOf({ counter }, counters) {
  const known = rows.get(counter);
  if (known) return known;
  const made = document.createElement('tr');
  for (let cell = 0; cell < 6; cell++) made.insertCell();
  const next = counters[(counters.findIndex((one) => one.counter === counter) + 1) % counters.length];
  made.cells[5].append(
    row(
      ...ACTS.filter(([what]) => what !== 'transfer' || next.counter !== counter).map(([what, words]) =>
        button(
          words,
          what === 'transfer' ? { do: what, counter, to: next.counter } : { do: what, counter },
          `${counter} 号窗口 ${words}`,
        ),
      ),
    ),
  );
  rows.set(counter, made);
  at('counters').append(made);
  return made;
}

function draw(state) {
  at('link').textContent = `${state.link}  ${state.url}`;
  at('network').textContent = state.network;
  for (const one of state.counters) {
    const words = [
      one.counter,
      one.paused ? `${DOING[one.doing]}，暂停` : DOING[one.doing],
      one.ticket,
      one.tablets > 0 ? `已连接 ${one.tablets}` : '未连接',
      one.lastRated === null ? '' : one.lastRated ? '已评价' : '未评价',
    ];
    const cells = rowOf(one, state.counters).cells;
    words.forEach((text, cell) => {
      cells[cell].textContent = text;
    });
  }
  at('kiosk').hidden = state.kiosk === null;
  if (state.kiosk) {
    at('kiosk-words').textContent = `${state.kiosk.counter} 号窗口：${state.kiosk.words}`;
    for (const one of at('kiosk-acts').children) one.disabled = !state.kiosk.inviting;
  }
  const settings = JSON.stringify(state.settings, null, 1);
  if (settings !== drawn) at('settings').textContent = settings;
  drawn = settings;
  const log = at('log');
  const stays = log.scrollTop > 4;
  log.replaceChildren(
    ...state.lines.map((text) => {
      const line = document.createElement('li');
      line.textContent = text;
      return line;
    }),
  );
  if (!stays) log.scrollTop = 0;
}

new EventSource('/events').addEventListener('message', ({ data }) => draw(JSON.parse(data)));
