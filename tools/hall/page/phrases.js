/** Every word of the bench page, in both languages. */
const zh = {
  title: '一评 · 大厅工作台',
  otherLanguage: 'English',
  place: (hall, counter) => `${hall['zh-CN']} · ${counter} 号窗口`,
  forDevelopers: '开发与演示用：这里看得到满意度等级，大厅里工作人员的屏幕从不显示。',
  folder: (path, device) => `设备 ${device} · 数据在 ${path}`,

  screen: '评价器',
  screenNote: {
    memory: '点画面即触摸',
    display: '',
    none: '没有画面，只有内核',
  },
  calling: '叫号',
  call: '叫下一位',
  served: '办结，请评价',
  recall: '重呼',
  skip: '过号',
  transfer: '转 4 号',
  pause: '暂停',
  resume: '恢复',
  reset: '复位',
  box: '按键盒',
  links: '连接',
  book: '设备日志 · 省端',
  seq: '序号',
  time: '冻结时间',
  kind: '发生了',
  what: '内容',
  atProvince: '省端收到',

  phase: { idle: '没有号票', serving: '办理中', rating: '请评价' },
  paused: '已暂停',
  ticket: (ticket, phase) => `${ticket.number} · ${ticket.item} · ${phase}`,
  lastRated: { true: '上一号已评价', false: '上一号未评价' },
  light: { off: '灯灭', rating: '灯：请评价', thanks: '灯：谢谢' },
  levels: { 1: '非常不满意', 2: '不满意', 3: '基本满意', 4: '满意', 5: '非常满意' },
  keyNames: { 0: '不满意', 1: '一般', 2: '满意', 3: '非常满意' },
  keyMeans: (key, level) => `键 ${key} → ${level}`,

  rows: {
    queue: '叫号系统',
    box: '按键盒',
    network: '省端网络',
    province: '省端',
    kiosk: '评价器',
  },
  network: { up: '通', refusing: '断开', frozen: '拔线' },
  tablets: (count) => (count > 0 ? '评价器已登录' : '评价器未登录'),
  plugged: '已插好',
  pulled: '已拔出',
  registered: '设备已登记',
  registering: '等待设备登记',
  away: '未运行',
  running: (starts) => (starts > 1 ? `运行中，第 ${starts} 次启动` : '运行中'),
  restarting: (how) => `已结束（${how}），1 秒后再启动`,
  acts: {
    refuse: '断开',
    freeze: '拔线',
    restore: '恢复',
    pull: '拔出',
    plug: '插回',
    page: '结束画面',
    core: '结束内核',
    all: '断电',
    open: '省端页面',
  },
  alarm: (kind, seq) => `告警 ${kind}（第 ${seq} 条）`,

  state: {
    connecting: '正在连接工作台…',
    gone: '工作台已结束，请重新运行 npm start',
    kioskDown: '评价器已结束，正在再启动',
    starting: '评价器正在启动',
    networkAway: (unsent) => `省端网络断开 · ${unsent} 条等待上传`,
    catchingUp: (unsent) => `还有 ${unsent} 条在路上 · 评价器自动重试`,
    queueAway: '叫号系统断开 · 评价器独立运行',
    boxAway: '按键盒已拔出 · 触摸仍可评价',
    paused: '窗口已暂停',
    fine: '一切正常',
  },
  totals: (totals) =>
    `设备 ${totals.deviceSeq} 条，其中评价 ${totals.deviceRatings} · 省端 ${totals.provinceSeq} 条，其中评价 ${totals.provinceRatings}`,
  ago: (seconds) =>
    seconds < 60
      ? `${seconds} 秒前`
      : seconds < 3600
        ? `${Math.floor(seconds / 60)} 分钟前`
        : `${Math.floor(seconds / 3600)} 小时前`,
  waiting: '等待',
  receivedAfter: (ms) => (ms < 1000 ? `${ms} 毫秒后` : `${(ms / 1000).toFixed(1)} 秒后`),
  differs: '内容不同！',

  done: '',
  problems: {
    noTicket: '没有正在办理的号票',
    boxPulled: '按键盒已拔出',
    kioskDown: '评价器没有运行',
    noSuchProcess: '没有这个进程',
    noScreen: '这里没有画面可点',
    nothingToAnswer: '现在没有可评价的',
    failed: '没有做成',
    malformed: '没有做成',
  },

  kinds: {
    'journal.begun': '日志开始',
    'boot.started': '启动',
    'invitation.opened': '邀请评价',
    'rating.chosen': '选择',
    'rating.settled': '评价成立',
    'rating.detailed': '评价指标',
    'rating.helpRequested': '请求帮助',
    'invitation.closed': '邀请结束',
    'service.notInvited': '未邀请',
    'link.changed': '连接变化',
    'pause.changed': '暂停',
    'clock.observed': '对时',
    'clock.jumped': '时钟被改动',
    'journal.compacted': '旧记录归并',
    'journal.restored': '日志已恢复',
  },
  sources: { touch: '触摸', serial: '按键盒', hid: '按键盒', keyboard: '键盘', phone: '手机' },
  changed: '改选',
  settledBy: {
    time: '时间到',
    citizen: '本人确定',
    superseded: '已叫下一位',
    paused: '暂停时',
    fault: '故障时',
    reset: '复位时',
    recovery: '重启后恢复',
  },
  outcomes: {
    rated: '已评价',
    declined: '不评价',
    timedOut: '超时未评价',
    superseded: '已叫下一位',
    interrupted: '中断',
  },
  linkNames: { queue: '叫号系统', buttons: '按键盒' },
  linkStates: { ready: '已连接', lost: '断开' },
  pausedIs: { true: '暂停', false: '恢复' },
  answers: { confirm: '确定', finish: '完成', help: '请求帮助', decline: '不评价' },
  screens: {
    idle: '空闲',
    serving: '办理中',
    inviting: '请评价',
    chosen: '已选择',
    details: '评价指标',
    thanks: '谢谢',
    paused: '暂停服务',
    outOfService: '评价暂停',
  },
};

const en = {
  title: 'Yiping · hall bench',
  otherLanguage: '中文',
  place: (hall, counter) => `${hall.en} · counter ${counter}`,
  forDevelopers: 'For development and demonstration: levels are shown here, and never on a screen of staff.',
  folder: (path, device) => `Device ${device} · data in ${path}`,

  screen: 'Kiosk',
  screenNote: {
    memory: 'click = touch',
    display: '',
    none: 'no screen, only the core',
  },
  calling: 'Queue',
  call: 'Call next',
  served: 'Served, please rate',
  recall: 'Recall',
  skip: 'Skip',
  transfer: 'To counter 4',
  pause: 'Pause',
  resume: 'Resume',
  reset: 'Reset',
  box: 'Button box',
  links: 'Connections',
  book: 'Journal · province',
  seq: 'Seq',
  time: 'Frozen',
  kind: 'What happened',
  what: 'Content',
  atProvince: 'At the province',

  phase: { idle: 'no ticket', serving: 'being served', rating: 'please rate' },
  paused: 'paused',
  ticket: (ticket, phase) => `${ticket.number} · ${ticket.item} · ${phase}`,
  lastRated: { true: 'the last one was rated', false: 'the last one was not rated' },
  light: { off: 'light off', rating: 'light: please rate', thanks: 'light: thank you' },
  levels: { 1: 'very dissatisfied', 2: 'dissatisfied', 3: 'fair', 4: 'satisfied', 5: 'very satisfied' },
  keyNames: { 0: 'Dissatisfied', 1: 'Fair', 2: 'Satisfied', 3: 'Very satisfied' },
  keyMeans: (key, level) => `key ${key} → ${level}`,

  rows: {
    queue: 'Queue system',
    box: 'Button box',
    network: 'Network',
    province: 'Province',
    kiosk: 'Kiosk',
  },
  network: { up: 'up', refusing: 'cut', frozen: 'cable out' },
  tablets: (count) => (count > 0 ? 'kiosk logged in' : 'kiosk not logged in'),
  plugged: 'plugged in',
  pulled: 'pulled out',
  registered: 'device registered',
  registering: 'waiting for the device',
  away: 'not running',
  running: (starts) => (starts > 1 ? `running, start ${starts}` : 'running'),
  restarting: (how) => `ended (${how}), starts again in 1 s`,
  acts: {
    refuse: 'Cut',
    freeze: 'Cable out',
    restore: 'Restore',
    pull: 'Pull out',
    plug: 'Plug in',
    page: 'Kill page',
    core: 'Kill core',
    all: 'Power off',
    open: 'Its page',
  },
  alarm: (kind, seq) => `alarm ${kind} (entry ${seq})`,

  state: {
    connecting: 'Connecting to the bench…',
    gone: 'The bench has ended. Run npm start again.',
    kioskDown: 'The kiosk has ended and is being started again',
    starting: 'The kiosk is starting',
    networkAway: (unsent) => `Province out of reach · ${unsent} entries wait`,
    catchingUp: (unsent) => `${unsent} entries to go · the kiosk retries by itself`,
    queueAway: 'Queue system out of reach · the kiosk goes on alone',
    boxAway: 'Button box pulled out · touch still works',
    paused: 'The counter is paused',
    fine: 'All is well',
  },
  totals: (totals) =>
    `device ${totals.deviceSeq} entries, ${totals.deviceRatings} ratings · province ${totals.provinceSeq} entries, ${totals.provinceRatings} ratings`,
  ago: (seconds) =>
    seconds < 60
      ? `${seconds} s ago`
      : seconds < 3600
        ? `${Math.floor(seconds / 60)} min ago`
        : `${Math.floor(seconds / 3600)} h ago`,
  waiting: 'waiting',
  receivedAfter: (ms) => (ms < 1000 ? `${ms} ms later` : `${(ms / 1000).toFixed(1)} s later`),
  differs: 'differs!',

  done: '',
  problems: {
    noTicket: 'No ticket is being served',
    boxPulled: 'The button box is pulled out',
    kioskDown: 'The kiosk does not run',
    noSuchProcess: 'There is no such process',
    noScreen: 'There is no screen to touch',
    nothingToAnswer: 'There is nothing to rate now',
    failed: 'It could not be done',
    malformed: 'It could not be done',
  },

  kinds: {
    'journal.begun': 'journal begun',
    'boot.started': 'started',
    'invitation.opened': 'invited',
    'rating.chosen': 'chosen',
    'rating.settled': 'rating settled',
    'rating.detailed': 'reasons',
    'rating.helpRequested': 'help asked for',
    'invitation.closed': 'invitation closed',
    'service.notInvited': 'not invited',
    'link.changed': 'connection',
    'pause.changed': 'pause',
    'clock.observed': 'clock compared',
    'clock.jumped': 'clock was moved',
    'journal.compacted': 'old entries compacted',
    'journal.restored': 'journal restored',
  },
  sources: {
    touch: 'touch',
    serial: 'button box',
    hid: 'button box',
    keyboard: 'keyboard',
    phone: 'phone',
  },
  changed: 'changed',
  settledBy: {
    time: 'time was up',
    citizen: 'confirmed',
    superseded: 'next one called',
    paused: 'at a pause',
    fault: 'at a fault',
    reset: 'at a reset',
    recovery: 'recovered at start',
  },
  outcomes: {
    rated: 'rated',
    declined: 'declined',
    timedOut: 'timed out',
    superseded: 'next one called',
    interrupted: 'interrupted',
  },
  linkNames: { queue: 'queue system', buttons: 'button box' },
  linkStates: { ready: 'ready', lost: 'lost' },
  pausedIs: { true: 'paused', false: 'resumed' },
  answers: { confirm: 'Confirm', finish: 'Finish', help: 'Ask for help', decline: 'Decline' },
  screens: {
    idle: 'idle',
    serving: 'serving',
    inviting: 'please rate',
    chosen: 'chosen',
    details: 'reasons',
    thanks: 'thanks',
    paused: 'paused',
    outOfService: 'out of service',
  },
};

const LANGUAGES = { 'zh-CN': zh, en };
const KEPT = 'yiping-hall-language';

let language = localStorage.getItem(KEPT) === 'en' ? 'en' : 'zh-CN';

/** The words of the language that is chosen now. */
export function words() {
  return LANGUAGES[language];
}

export function chosenLanguage() {
  return language;
}

export function changeLanguage() {
  language = language === 'en' ? 'zh-CN' : 'en';
  localStorage.setItem(KEPT, language);
}
