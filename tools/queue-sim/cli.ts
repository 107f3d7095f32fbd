/**
 * `npm run queue-sim -- --link mqtt [--kiosk] [--script day --seed 1 --speed 60]`: a hall's queue system at a terminal and
 * on a page, over whatever wire, driving real tablets. Ends everything that it started.
 */
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { perform, type SimAction } from './actions.ts';
import { kioskJson } from './kiosk-json.ts';
import { readSimOptions, type SimOptions, USAGE } from './options.ts';
import { type SimPageState, startSimPage } from './page-server.ts';
import { startSimPairing } from './pairing.ts';
import { createQueueSim, type QueueSim } from './queue-sim.ts';
import { createRepeats } from './repeats.ts';
import { playScript, scriptClock } from './script.ts';
import { LINK_EVENTS, linkEventOf, screenWords, startTablet } from './tablet.ts';
import { rateServiceWire } from './wires/rate-service.ts';
import { SIM_LINKS, type SimLink } from './wires.ts';

const HELP = `命令（省略窗口号时用当前窗口）
  n 叫下一位   r 重呼   s 办结请评价   k 过号   t <窗口> 转号   again 重发评价请求
  p 暂停   c 恢复   x 复位   w <窗口> 换当前窗口   l 列出状态   j 显示 kiosk.json
  cut 断网（拒绝连接）   freeze 断网（拔线）   restore 恢复网络   restart 重启叫号服务
  1…5 在本机平板上评价   0 不评价（需要 --kiosk）
  h 帮助   q 退出`;
const COMMANDS = {
  n: 'call',
  r: 'recall',
  s: 'served',
  k: 'skip',
  p: 'pause',
  c: 'resume',
  x: 'reset',
  again: 'repeat',
} as const;
const NETWORK = { cut: 'refuse', freeze: 'freeze', restore: 'restore', restart: 'restart' } as const;
const LINES_KEPT = 200;
const TABLET_LIMIT_MS = 30_000;
/** The published RateService knows of no call. */
const PUBLISHED_TELLS = ['served', 'pause', 'resume'];
const CLERKS_ACTS = ['call', 'recall', 'skip', 'transfer', 'pause', 'resume'];

try {
  if (process.argv.includes('--help')) console.log(USAGE);
  else await run(readSimOptions(process.argv.slice(2)));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function run(options: SimOptions): Promise<void> {
  // From the first moment: a server of its own may be starting, and has to be ended in order too.
  const ending = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => ending.abort());
  const link: SimLink = SIM_LINKS[options.link];
  const clock = options.script ? scriptClock(options.speed) : undefined;
  const sim = await createQueueSim({
    wire: options.published
      ? rateServiceWire({ extensions: false, heartBeat: false, answerPings: false })
      : await link.load(),
    counters: options.counters,
    host: options.host,
    port: options.port,
    ...(clock ? { nowMs: clock.nowMs } : {}),
  }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const needs =
      link.needs === ''
        ? ''
        : ` 该接口需要 ${link.needs}（用 npm run preflight -- test 检查，以 root 运行则自动安装）。`;
    throw new Error(`模拟器没有启动（${link.title}）：${why}。${needs}请检查端口是否被占用。`);
  });
  const lines: string[] = [];
  let network = '正常';
  let changed = () => {};
  const note = (text: string, printed = true) => {
    lines.unshift(text);
    lines.length = Math.min(lines.length, LINES_KEPT);
    if (printed) console.log(text);
    changed();
  };
  const repeats = createRepeats();
  sim.onMessage((message) => {
    if (repeats.again(message)) return;
    const { direction, counter, text, atMs } = message;
    note(
      `${new Date(atMs + 8 * 3_600_000).toISOString().slice(11, 23)} ${direction === 'in' ? '←' : '→'} [${counter ?? '-'}] ${text.slice(0, 600)}`,
      !options.quiet,
    );
  });

  const desk = options.pair
    ? await startSimPairing({
        sim,
        counters: options.counters,
        host: options.host,
        testCalls: !options.published,
        announce: {
          interface: options.host,
          onFailed: (error) =>
            console.log(`没有能够在本地网络上通告（${String(error)}），请扫码或输入地址。`),
        },
      })
    : undefined;
  if (desk) console.log(`配对：${desk.current().address}（页面上有二维码）　配对码 ${desk.current().code}`);
  if (desk && options.published)
    console.log(
      '公开的 RateService 不带号码：不能试呼，平板上“采用”不会出现。请改写 kiosk.json，或不加 --published。',
    );

  let shown = screenWords(null);
  let arrived = () => {};
  const there = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const tablet = options.kiosk
    ? startTablet({
        counter: options.counter,
        config: kioskJson(sim, options.counter),
        staffed: link.byHand === true,
        log(line) {
          const event = linkEventOf(line);
          if (event === undefined) return;
          if (!link.byHand) note(`平板（${options.counter} 号窗口）：${LINK_EVENTS[event]}`);
          if (event === 'queue.ready') arrived();
        },
        onScreen(screen) {
          const words = screenWords(screen);
          if (words !== shown) note(`平板（${options.counter} 号窗口）：${words}`);
          shown = words;
        },
      })
    : undefined;

  if (tablet) sim.give(options.counter, { invite: tablet.inviteByHand, takeBack: tablet.takeBack });

  const act = async (action: SimAction): Promise<string> => {
    if (action.do === 'rate' || action.do === 'decline') {
      const pressed = tablet?.press(action.do === 'rate' ? { level: action.level } : 'decline');
      if (pressed === undefined) throw new Error('没有本机平板：请加 --kiosk 启动。');
      return pressed ? '已在平板上按下' : '平板现在没有邀请评价。';
    }
    const words = `${await perform(sim, action)}${unsaid(options.published ? PUBLISHED_TELLS : link.tells, action.do)}`;
    if (action.do === 'refuse' || action.do === 'freeze') network = words;
    else if (action.do === 'restore' || action.do === 'restart') network = '正常';
    changed();
    return words;
  };
  const page = options.page
    ? await startSimPage({
        port: options.pagePort,
        act,
        state: () => pageState(sim, options, { network, lines, tablet }),
      })
    : undefined;
  changed = () => page?.changed();
  sim.onChange(() => changed());

  console.log(`叫号系统模拟器 · ${link.title}  ${sim.url}`);
  console.log(
    `kiosk.json 的 queue 项（${options.counter} 号窗口）：\n${JSON.stringify(sim.settings(options.counter), null, 2)}`,
  );
  const { buttons } = kioskJson(sim, options.counter);
  if (buttons) console.log(`以及 buttons（同一条线）：\n${JSON.stringify(buttons, null, 2)}`);
  if (page) console.log(`操作页 ${page.url}`);
  console.log(HELP);

  const input = createInterface({ input: process.stdin });
  const close = () => input.close();
  ending.signal.addEventListener('abort', close);
  if (ending.signal.aborted) close();
  const play = async (theClock: NonNullable<typeof clock>) => {
    // The hall opens when its tablet follows: what happens before would only be missed by it.
    const late = wait(TABLET_LIMIT_MS, undefined, { signal: ending.signal }).catch(() => {});
    if (tablet) await Promise.race([there, late]);
    await playScript({
      ...options,
      sim,
      clock: theClock,
      signal: ending.signal,
      onAct: (words) => note(words),
    });
  };
  const script = clock ? play(clock) : Promise.resolve();
  // A script without anybody at the terminal ends with its last act, and not before.
  if (options.script) void script.then(() => process.stdin.isTTY || input.close());
  let { counter } = options;
  for await (const line of input) {
    const [command = '', argument] = line.trim().split(/\s+/);
    if (command === 'q') {
      ending.abort();
      break;
    }
    try {
      if (command === 'w' && argument !== undefined) counter = sim.state(argument).counter;
      const words = await answerTo(command, argument, { sim, counter, options, act });
      if (words !== '') console.log(words);
    } catch (error) {
      console.log(error instanceof Error ? error.message : String(error));
    }
  }
  if (!options.script || process.stdin.isTTY) ending.abort();
  await script;
  await tablet?.stop();
  await page?.stop();
  await desk?.stop();
  await sim.stop();
}

/** Whoever tries a wire shall not wait for a tablet that was told nothing. */
function unsaid(tells: readonly string[], act: SimAction['do']): string {
  return CLERKS_ACTS.includes(act) && !tells.includes(act) ? '（这个接口没有这条消息，平板不会得知）' : '';
}

async function answerTo(
  command: string,
  argument: string | undefined,
  parts: {
    readonly sim: QueueSim;
    readonly counter: string;
    readonly options: SimOptions;
    readonly act: (action: SimAction) => Promise<string>;
  },
): Promise<string> {
  const { sim, counter, options, act } = parts;
  if (command in COMMANDS)
    return act({ do: COMMANDS[command as keyof typeof COMMANDS], counter: argument ?? counter });
  if (command in NETWORK) return act({ do: NETWORK[command as keyof typeof NETWORK] });
  if (/^[1-5]$/.test(command)) return act({ do: 'rate', level: Number(command) });
  switch (command) {
    case '':
      return '';
    case '0':
      return act({ do: 'decline' });
    case 't':
      return argument === undefined
        ? '转到哪个窗口？例：t 4'
        : act({ do: 'transfer', counter, to: argument });
    case 'w':
      return `当前窗口 ${counter}`;
    case 'l':
      return options.counters.map((one) => JSON.stringify(sim.state(one))).join('\n');
    case 'j':
      return JSON.stringify(kioskJson(sim, argument ?? counter), null, 2);
    default:
      return HELP;
  }
}

function pageState(
  sim: QueueSim,
  options: SimOptions,
  parts: {
    readonly network: string;
    readonly lines: readonly string[];
    readonly tablet: ReturnType<typeof startTablet> | undefined;
  },
): SimPageState {
  const screen = parts.tablet?.screen() ?? null;
  return {
    link: SIM_LINKS[options.link].title,
    url: sim.url,
    settings: sim.settings(options.counter),
    network: parts.network,
    counters: options.counters.map((counter) => {
      const { phase, ticket, paused, tablets, lastRated } = sim.state(counter);
      return {
        counter,
        doing: phase,
        ticket: ticket ? `${ticket.number} ${ticket.item}` : '',
        paused,
        tablets,
        lastRated,
      };
    }),
    kiosk: parts.tablet
      ? { counter: parts.tablet.counter, words: screenWords(screen), inviting: screen?.name === 'inviting' }
      : null,
    lines: parts.lines,
  };
}
