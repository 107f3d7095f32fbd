import { z } from 'zod';
import type { DayAct } from './days.ts';
import type { QueueSim } from './queue-sim.ts';

const counter = z.string().min(1).max(32);

/** Whatever somebody can do with the simulated hall, by hand on the page or at the terminal. */
export const SimActionSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.enum(['call', 'recall', 'served', 'skip', 'pause', 'resume', 'reset', 'repeat']),
    counter,
  }),
  z.strictObject({ do: z.literal('transfer'), counter, to: counter }),
  z.strictObject({ do: z.enum(['refuse', 'freeze', 'restore', 'restart']) }),
  z.strictObject({ do: z.literal('rate'), level: z.int().min(1).max(5) }),
  z.strictObject({ do: z.literal('decline') }),
]);
export type SimAction = z.output<typeof SimActionSchema>;
export type HallAction = Exclude<SimAction, { readonly do: 'rate' | 'decline' }>;

/** @returns zh-CN words for what happened. @throws for a counter that the hall does not have. */
export async function perform(sim: QueueSim, action: HallAction): Promise<string> {
  const told = (ticket: { readonly number: string; readonly item: string } | null) =>
    ticket ? `${ticket.number} ${ticket.item}` : '没有正在办理的号票';
  switch (action.do) {
    case 'call':
      return `叫号 ${told(sim.callNext(action.counter))}`;
    case 'recall':
      return `重呼 ${told(sim.recall(action.counter))}`;
    case 'served':
      return `办结请评价 ${told(sim.served(action.counter))}`;
    case 'skip':
      return `过号 ${told(sim.skip(action.counter))}`;
    case 'transfer':
      return `转到 ${action.to} 号窗口 ${told(sim.transfer(action.counter, action.to))}`;
    case 'pause':
      sim.pause(action.counter);
      return `${action.counter} 号窗口暂停`;
    case 'resume':
      sim.resume(action.counter);
      return `${action.counter} 号窗口恢复`;
    case 'reset':
      sim.reset(action.counter);
      return `${action.counter} 号窗口复位`;
    case 'repeat':
      sim.repeat(action.counter);
      return '上一条评价请求已重发';
    case 'refuse':
    case 'freeze':
      sim.cut(action.do);
      return action.do === 'refuse' ? '网络已断（拒绝连接）' : '网络已断（拔线）';
    case 'restore':
      sim.restore();
      return '网络已恢复';
    case 'restart':
      await sim.restart();
      return '叫号服务已重启';
  }
}

/** One act of a planned day. A wire without a word for it leaves it out. */
export function performDayAct(sim: QueueSim, act: DayAct): Promise<string> | undefined {
  if (act.act === 'relieve') return undefined;
  return act.act === 'transfer'
    ? perform(sim, { do: 'transfer', counter: act.counter, to: act.to })
    : perform(sim, { do: act.act, counter: act.counter });
}
