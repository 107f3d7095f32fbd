/**
 * Every wire of the simulator by the name of its link, and what the wire can do to a message on its way. Loaded when
 * asked for: a broker or a database is started for the one that needs it.
 */
import type { StartWire } from './wire.ts';

/** Faults that can befall single messages between the hall and a tablet, beside the loss of the whole network. */
export const MESSAGE_FAULTS = ['drop', 'double', 'reorder', 'delay'] as const;
export type MessageFault = (typeof MESSAGE_FAULTS)[number];

export interface SimLink {
  /** zh-CN, for people. */
  readonly title: string;
  /** What it needs beside this program, for people; '' if nothing. */
  readonly needs: string;
  readonly faults: readonly MessageFault[];
  load(): Promise<StartWire>;
}

export const SIM_LINKS = {
  'rate-service': {
    title: 'RateService 评价服务（WebSocket）',
    needs: '',
    faults: MESSAGE_FAULTS,
    load: async () => (await import('./wires/rate-service.ts')).rateServiceWire(),
  },
} as const satisfies Readonly<Record<string, SimLink>>;

export type SimLinkName = keyof typeof SIM_LINKS;
export const SIM_LINK_NAMES = Object.keys(SIM_LINKS) as readonly SimLinkName[];

export function isSimLink(name: string): name is SimLinkName {
  return Object.hasOwn(SIM_LINKS, name);
}
