/** `npm run queue-sim -- --port 3348 [--host 127.0.0.1] [--published] [--counter 3]`: the simulator at a terminal. */
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { createQueueSim, type QueueSim, SIM_USERS } from './queue-sim.ts';

const HELP = `叫号系统模拟器 · 命令（省略窗口号时用当前窗口）
  n 叫下一位   r 重呼   s 办结请评价   k 过号   t <窗口> 转号
  p 暂停   c 恢复   x 复位   w <窗口> 换当前窗口   l 列出状态
  cut 断网（拒绝连接）   freeze 断网（拔线）   restore 恢复网络   restart 重启评价服务
  h 帮助   q 退出`;

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '3348' },
    host: { type: 'string', default: '127.0.0.1' },
    counter: { type: 'string', default: SIM_USERS[0]?.counters[0] ?? '3' },
    /** Only what the published protocol has: no TicketEvent, GetState, RateResult; HeartBeat answered with 999. */
    published: { type: 'boolean', default: false },
    quiet: { type: 'boolean', default: false },
  },
});

const sim = await createQueueSim({
  port: Number(values.port),
  host: values.host,
  extensions: !values.published,
  heartBeat: !values.published,
  answerPings: !values.published,
}).catch((error: unknown) => {
  const why = error instanceof Error ? error.message : String(error);
  console.error(`模拟器没有启动（${values.host}:${values.port}）：${why}。请换一个端口：--port 3349`);
  process.exit(1);
});

let current = values.counter;
console.log(
  `${sim.url}\n窗口与工号：${SIM_USERS.map((user) => `${user.counters.join('/')} ↔ ${user.code} ${user.name}`).join('，')}`,
);
console.log(HELP);
if (!values.quiet) {
  sim.onMessage((message) => {
    console.log(`${message.direction === 'in' ? '←' : '→'} [${message.counter ?? '-'}] ${message.text}`);
  });
}

const lines = createInterface({ input: process.stdin });
for await (const line of lines) {
  const [command = '', argument] = line.trim().split(/\s+/);
  if (command === 'q') break;
  try {
    const answer = await run(sim, command, argument);
    if (answer !== undefined) console.log(answer);
  } catch (error) {
    console.log(error instanceof Error ? error.message : String(error));
  }
}
await sim.stop();

async function run(
  one: QueueSim,
  command: string,
  argument: string | undefined,
): Promise<string | undefined> {
  const counter = argument ?? current;
  const told = (ticket: { number: string; item: string } | null) =>
    ticket ? `${ticket.number} ${ticket.item}` : '没有正在办理的号票';
  switch (command) {
    case '':
      return undefined;
    case 'n':
      return told(one.callNext(counter));
    case 'r':
      return told(one.recall(counter));
    case 's':
      return told(one.served(counter));
    case 'k':
      return told(one.skip(counter));
    case 't':
      return argument === undefined ? '转到哪个窗口？例：t 4' : told(one.transfer(current, argument));
    case 'p':
      one.pause(counter);
      return undefined;
    case 'c':
      one.resume(counter);
      return undefined;
    case 'x':
      one.reset(counter);
      return undefined;
    case 'w':
      current = one.state(counter).counter;
      return `当前窗口 ${current}`;
    case 'l':
      return SIM_USERS.flatMap((user) => user.counters)
        .map((number) => JSON.stringify(one.state(number)))
        .join('\n');
    case 'cut':
      one.cut();
      return '网络已断（拒绝连接）';
    case 'freeze':
      one.cut('freeze');
      return '网络已断（拔线）';
    case 'restore':
      one.restore();
      return '网络已恢复';
    case 'restart':
      await one.restart();
      return '评价服务已重启';
    default:
      return HELP;
  }
}
