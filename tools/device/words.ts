/** Every word that `npm run device` says, in both languages. Chinese first: it is read in a hall. */
import type { ButtonCounters } from '../../src/device/buttons.ts';
import { describePortFault, type PortFault } from '../../src/device/transport/port.ts';
import type { Control } from '../../src/shared/press.ts';
import { assertNever } from '../../src/shared/words.ts';
import type { Language, Wrong } from './options.ts';

const UDEV = 'assets/udev/70-yiping-devices.rules';

const zhCn = {
  usage: `按键盒工具（npm run device -- …）

  list                                       列出本机的串口和 HID 设备：编号、插口、适用型号、权限、占用者
  watch  --model 型号 [哪一个] [--light]     连接按键盒，显示按键、状态和故障，结束时显示计数
  record 文件 --model 型号 [哪一个]          同上，并把收到的每个字节连同时间存入文件
  replay 文件 [--model 型号]                 不接设备，重放录制的文件
  press  键 --model 型号 --path 串口         扮演按键盒，在串口另一端按键
  serve  --model 型号 --folder 目录          扮演按键盒，自建一对伪串口（需要 socat）
  model-check 文件…                          检查型号文件，指出出错的行和规则

  哪一个      --path /dev/ttyUSB0 | --usb-serial 序列号 | --usb-port 1-1.2
  --address   总线地址，例如 129 或 0x81        --acknowledge A|B  应答方式
  --levels    1=5,2=4,…  键的含义；不写则显示键上的字
  --seconds   到时自动结束；不写则按 Ctrl-C 结束
  --models    另一个存放型号文件的目录          --lang en          English`,
  endWith: 'Ctrl-C 结束',
  key: '按键',
  withdrawn: '撤回',
  withdrawnWhy: '同时按了几个键，不算',
  state: '状态',
  fault: '故障',
  caller: '呼叫器',
  callerSays: (address: number, key: number, digits: string) =>
    `地址 ${address}，键 ${key}${digits ? `，数字 ${digits}` : ''}`,
  states: { connecting: '◐ 正在连接', ready: '● 已连接', lost: '○ 断开' },
  meaning: (control: Control) => (typeof control === 'number' ? `→ ${control} 级` : `→ ${ACTS_ZH[control]}`),
  lineFaults: {
    badLength: '长度不对，请核对型号',
    badTail: '结尾不对，请核对型号',
    badChecksum: '校验不对，请检查线缆、接地和波特率',
    tooLong: '太长，没有结尾，请核对型号和波特率',
    notAMessage: '不是此型号的报文，请核对型号和波特率',
  },
  unknownKey: (key: string) => `型号里没有的键 ${key}：请核对型号，或在型号文件中补上此键`,
  stuckKey: (key: string) => `键 ${key} 一直按着：请检查是否卡住`,
  driver: (reason: string) => `驱动程序出错，会自动恢复（${reason}）`,
  counters: '计数',
  counts: {
    connections: '连接',
    losses: '断开',
    signals: '报文',
    presses: '按键',
    settling: '刚接通时忽略',
    repeats: '抖动或连按忽略',
    together: '几键同按忽略',
    holds: '长按',
    coolDown: '频繁乱按忽略',
    foreignAddress: '其他地址',
    other: '其他报文',
    unknownKey: '未知键',
    lineFaults: '坏报文',
    outputs: '已发送',
    dropped: '未能发送',
  } satisfies Record<keyof ButtonCounters, string>,
  neverReady: '始终没有连上：请按上面的提示处理，再运行一次',
  nothingHeard: '已连接，但没有收到任何数据：请按一下键；仍没有，请核对型号、波特率、地址和线缆',
  noPlace: '请用 --path、--usb-serial 或 --usb-port 中的一个指明按键盒；npm run device -- list 列出有哪些',
  noModel: (model: string, known: string, why: string) =>
    `型号 ${model} 不可用：现有型号 ${known}；自己的型号文件请写路径\n${why}`,
  noKey: (key: string, keys: string) => `没有键 ${key}：此型号的键是 ${keys}`,
  notSerial: (model: string) => `${model} 不是串口按键盒，无法由程序扮演`,
  pressed: (key: string, path: string) => `已在 ${path} 按下 ${key}`,
  heard: '主机说',
  notAsked: '没有主机来询问这个按键盒：请先在另一端运行 watch 或评价器',
  cannotOpen: (path: string, why: string) =>
    `无法打开 ${path}：请检查端口是否存在、是否被占用、有无权限（${why}）`,
  recorded: (lines: number, file: string) => `已录制 ${lines} 条，存入 ${file}`,
  full: (what: string) => `录制已满（${what}），自动结束`,
  cannotWrite: (file: string, why: string) =>
    `无法写入 ${file}：请换一个不存在的文件名，或检查目录权限（${why}）`,
  capture: (file: string, line: number | undefined, why: string) =>
    `${line === undefined ? file : `${file}:${line}`}：不是可用的录制文件，请重新录制（${why}）`,
  differs: (stated: string, made: string) =>
    `与录制时不同：录制时按键为 ${stated || '无'}，现在为 ${made || '无'}`,
  same: '与录制时的按键一致',
  modelRight: (file: string, keys: number) => `${file}：正确，${keys} 个键`,
  list: {
    serial: '串口',
    hid: 'HID 设备',
    keyboard: '键盘类设备',
    none: '没有',
    socket: '插口',
    number: '序列号',
    fits: '适用型号',
    mayFit: '可试型号',
    anySerial: '串口线本身不报告型号，请用 --model 指明',
    allowed: '可以打开',
    denied: `没有权限：请安装 ${UDEV} 后重新插拔；串口也可以把用户加入 dialout 用户组`,
    heldBy: (names: string) => `被占用：${names}，使用前请先关闭`,
    noHid: (why: string) =>
      `HID 和键盘类按键盒的驱动无法加载：请安装系统软件包 libusb-1.0-0 和 libudev1（${why}）`,
    hint: '连接其中一个：npm run device -- watch --model 型号 --path 端口',
  },
  port: describePortFault,
  wrong(wrong: Wrong): string {
    switch (wrong.kind) {
      case 'unknownVerb':
        return `没有 ${wrong.word} 这个命令：可用 list、watch、record、replay、press、serve、model-check`;
      case 'unknownOption':
        return `选项 ${wrong.word} 不认识或缺少值：npm run device -- help 列出全部`;
      case 'needs':
        return `${wrong.verb} 还需要 ${wrong.word}：npm run device -- help 有写法`;
      case 'tooMany':
        return `多出来的 ${wrong.word}：npm run device -- help 有写法`;
      case 'number':
        return `--${wrong.option} ${wrong.value}：必须是 0 到 ${wrong.most} 的整数`;
      case 'acknowledge':
        return `--acknowledge ${wrong.value}：必须是 A 或 B`;
      case 'levels':
        return `--levels ${wrong.value}：写法是 键=级别，用逗号隔开，例如 1=5,2=4；级别为 1–5、confirm、cancel、repeat、invite、help`;
      case 'dashes':
        return '选项被 npm 自己收走了：请在 device 后面加两个短横，例如 npm run device -- watch --model ff68';
      default:
        return assertNever(wrong);
    }
  },
};

const ACTS_ZH = {
  confirm: '确定',
  cancel: '取消',
  repeat: '重听',
  invite: '请评价',
  help: '请求帮助',
} as const;

export type Words = typeof zhCn;

const en: Words = {
  usage: `Button boxes (npm run device -- …)

  list                                       serial ports and HID devices: ids, socket, fitting model, permission, holder
  watch  --model M [WHICH] [--light]         connect a box; show presses, states and faults, and the counts at the end
  record FILE --model M [WHICH]              the same, and keep every byte with its time in FILE
  replay FILE [--model M]                    play a recorded file, without a device
  press  KEY --model M --path PORT           play the box: press a key at the other end of a serial line
  serve  --model M --folder FOLDER           play the box on a pair of pseudo terminals (needs socat)
  model-check FILE…                          check model files; names the line and the rule

  WHICH       --path /dev/ttyUSB0 | --usb-serial NUMBER | --usb-port 1-1.2
  --address   on its bus, such as 129 or 0x81   --acknowledge A|B  how it is answered
  --levels    1=5,2=4,…  what the keys mean; without it their labels are shown
  --seconds   ends by itself; without it Ctrl-C does
  --models    another folder of model files     --lang zh-CN       中文`,
  endWith: 'Ctrl-C ends',
  key: 'key',
  withdrawn: 'taken back',
  withdrawnWhy: 'several keys at once are no press',
  state: 'state',
  fault: 'fault',
  caller: 'keypad',
  callerSays: (address, key, digits) => `address ${address}, key ${key}${digits ? `, digits ${digits}` : ''}`,
  states: { connecting: '◐ connecting', ready: '● connected', lost: '○ lost' },
  meaning: (control) => (typeof control === 'number' ? `→ level ${control}` : `→ ${control}`),
  lineFaults: {
    badLength: 'wrong length: check the model',
    badTail: 'wrong ending: check the model',
    badChecksum: 'wrong check: look at cable, ground and baud rate',
    tooLong: 'no end in sight: check model and baud rate',
    notAMessage: 'no message of this model: check model and baud rate',
  },
  unknownKey: (key) => `the model has no key ${key}: check the model, or add the key to its file`,
  stuckKey: (key) => `key ${key} stays down: see whether it is jammed`,
  driver: (reason) => `the driver had a fault and recovers by itself (${reason})`,
  counters: 'counts',
  counts: {
    connections: 'connected',
    losses: 'lost',
    signals: 'messages',
    presses: 'presses',
    settling: 'dropped after opening',
    repeats: 'dropped as bounce',
    together: 'dropped as several keys',
    holds: 'held keys',
    coolDown: 'dropped as play',
    foreignAddress: 'other addresses',
    other: 'other messages',
    unknownKey: 'unknown keys',
    lineFaults: 'bad messages',
    outputs: 'sent',
    dropped: 'not sent',
  },
  neverReady: 'It was never connected: mend what is said above and run this again',
  nothingHeard:
    'Connected, and nothing was heard: press a key; if that does nothing, check model, baud rate, address and cable',
  noPlace: 'Say which box: --path, --usb-serial or --usb-port; npm run device -- list shows what is there',
  noModel: (model, known, why) =>
    `Model ${model} cannot be used: there are ${known}; name a file of your own by its path\n${why}`,
  noKey: (key, keys) => `There is no key ${key}: the keys of this model are ${keys}`,
  notSerial: (model) => `${model} is no box on a serial line and cannot be played`,
  pressed: (key, path) => `pressed ${key} on ${path}`,
  heard: 'the host says',
  notAsked: 'Nobody asks this box: run watch or the kiosk at the other end first',
  cannotOpen: (path, why) => `${path} cannot be opened: is it there, held by a program, permitted? (${why})`,
  recorded: (lines, file) => `${lines} lines recorded in ${file}`,
  full: (what) => `The recording is full (${what}) and ends`,
  cannotWrite: (file, why) =>
    `${file} cannot be written: name a file that is not there, or check the folder (${why})`,
  capture: (file, line, why) =>
    `${line === undefined ? file : `${file}:${line}`}: no usable recording, record it again (${why})`,
  differs: (stated, made) =>
    `Not as recorded: the presses were ${stated || 'none'}, now they are ${made || 'none'}`,
  same: 'The presses are those recorded',
  modelRight: (file, keys) => `${file}: right, ${keys} keys`,
  list: {
    serial: 'Serial ports',
    hid: 'HID devices',
    keyboard: 'Devices that type',
    none: 'none',
    socket: 'socket',
    number: 'serial',
    fits: 'model',
    mayFit: 'to try',
    anySerial: 'a serial line does not say its model: name it with --model',
    allowed: 'may be opened',
    denied: `no permission: install ${UDEV} and plug it in again; for a serial port the group dialout does as well`,
    heldBy: (names) => `held by ${names}: end that first`,
    noHid: (why) =>
      `The driver for HID and keyboard boxes does not load: install the packages libusb-1.0-0 and libudev1 (${why})`,
    hint: 'To connect one: npm run device -- watch --model MODEL --path PORT',
  },
  port({ code, path, detail }: PortFault): string {
    const said = {
      absent: 'is not there: check the cable and the place',
      ambiguous: 'is one of several: name it with --usb-serial or --usb-port',
      busy: 'is held by another program: end that first',
      denied: `may not be opened: install ${UDEV} and plug it in again, or join the group dialout for a serial port`,
      ioError: 'cannot be read or written: plug it in again, or change the cable',
      noDriver: 'has no driver: install the packages libusb-1.0-0 and libudev1',
      notResponding: 'does not respond: plug it in again, or change the box',
      silent: 'does not answer: check its power, its cable (A and B the right way round) and its address',
      unplugged: 'went away: plug it in again, it comes back by itself',
    }[code];
    return `${path} ${said} (${detail})`;
  },
  wrong(wrong) {
    switch (wrong.kind) {
      case 'unknownVerb':
        return `There is no verb ${wrong.word}: list, watch, record, replay, press, serve, model-check`;
      case 'unknownOption':
        return `Option ${wrong.word} is unknown or lacks its value: npm run device -- help lists them`;
      case 'needs':
        return `${wrong.verb} needs ${wrong.word}: see npm run device -- help`;
      case 'tooMany':
        return `${wrong.word} is one word too many: see npm run device -- help`;
      case 'number':
        return `--${wrong.option} ${wrong.value}: must be a number from 0 to ${wrong.most}`;
      case 'acknowledge':
        return `--acknowledge ${wrong.value}: must be A or B`;
      case 'levels':
        return `--levels ${wrong.value}: write KEY=LEVEL with commas, such as 1=5,2=4; a level is 1–5, confirm, cancel, repeat, invite or help`;
      case 'dashes':
        return 'npm took the options for its own: put two dashes behind device, as in npm run device -- watch --model ff68';
      default:
        return assertNever(wrong);
    }
  },
};

const LANGUAGES: Readonly<Record<Language, Words>> = { 'zh-CN': zhCn, en };

export function wordsIn(language: Language): Words {
  return LANGUAGES[language];
}
