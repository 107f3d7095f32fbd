/** The command line of `npm run queue-sim -- …`. */
import { parseArgs } from 'node:util';
import { isSimLink, SIM_LINK_NAMES, SIM_LINK_SHORT, type SimLinkName } from './wires.ts';

export const USAGE = `npm run queue-sim -- --link ${SIM_LINK_NAMES.join('|')}
  --link NAME        叫号系统的接口（默认 rate-service；http = http-push，database = postgresql）
  --counters N       窗口数；不填时为 3、4、5 号窗口
  --counter N        终端命令和平板默认用的窗口
  --host A --port N  模拟器监听的地址与端口（0 = 任意空闲端口）
  --kiosk            在该窗口启动一台真实的平板程序（无界面）
  --page-port N      操作页的端口（默认任意空闲端口）；--no-page 不开操作页
  --script day       按种子自动播放整天的大厅：--seed N --speed X --days N
  --pair             打开配对服务：显示地址、配对码和二维码（docs/pairing.md）
  --published        仅 rate-service：只用公开协议，不用扩展
  --quiet            不显示往来消息（每个动作和平板的画面仍显示）`;

export interface SimOptions {
  readonly link: SimLinkName;
  readonly counters: readonly string[];
  readonly counter: string;
  readonly host: string;
  readonly port: number;
  readonly kiosk: boolean;
  readonly page: boolean;
  readonly pagePort: number;
  readonly script: boolean;
  readonly seed: number;
  readonly speed: number;
  readonly days: number;
  readonly pair: boolean;
  readonly published: boolean;
  readonly quiet: boolean;
}

/** @throws Error with words for people. */
export function readSimOptions(words: readonly string[]): SimOptions {
  const values = valuesOf(words);
  const link = SIM_LINK_SHORT[values.link] ?? values.link;
  if (!isSimLink(link)) throw new Error(`没有名为 ${values.link} 的接口。\n${USAGE}`);
  if (values.script !== undefined && values.script !== 'day')
    throw new Error(`没有名为 ${values.script} 的脚本，只有 day。`);
  const counters =
    values.counters === undefined
      ? ['3', '4', '5']
      : Array.from({ length: whole('counters', values.counters, 1, 100) }, (_, index) => String(index + 1));
  const counter = values.counter ?? counters[0] ?? '1';
  if (!counters.includes(counter)) throw new Error(`没有 ${counter} 号窗口；有 ${counters.join('、')}。`);
  return {
    link,
    counters,
    counter,
    host: values.host,
    port: whole('port', values.port, 0, 65_535),
    kiosk: values.kiosk,
    page: !values['no-page'],
    pagePort: whole('page-port', values['page-port'], 0, 65_535),
    script: values.script === 'day',
    seed: whole('seed', values.seed, 0, 2 ** 31),
    speed: whole('speed', values.speed, 1, 10_000),
    days: whole('days', values.days, 1, 366),
    pair: values.pair,
    published: values.published,
    quiet: values.quiet,
  };
}

function whole(name: string, text: string, from: number, to: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= from && value <= to) return value;
  throw new Error(`--${name} ${text} 应为 ${from} 到 ${to} 的整数。`);
}

function valuesOf(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        link: { type: 'string', default: 'rate-service' },
        counters: { type: 'string' },
        counter: { type: 'string' },
        host: { type: 'string', default: '127.0.0.1' },
        port: { type: 'string', default: '0' },
        kiosk: { type: 'boolean', default: false },
        'no-page': { type: 'boolean', default: false },
        'page-port': { type: 'string', default: '0' },
        script: { type: 'string' },
        seed: { type: 'string', default: '1' },
        speed: { type: 'string', default: '60' },
        days: { type: 'string', default: '1' },
        pair: { type: 'boolean', default: false },
        published: { type: 'boolean', default: false },
        quiet: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}
