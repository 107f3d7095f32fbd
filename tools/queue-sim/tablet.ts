import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Screen } from '../../src/shared/screen/snapshot.ts';
import { createKioskRunner, headlessKiosk } from '../hall/kiosk-runner.ts';

/** A real kiosk without its window at a counter of the simulated hall (`npm run kiosk:headless`), in a folder of its own. */
export interface SimTablet {
  readonly counter: string;
  screen(): Screen | null;
  /** A citizen presses a face, or says no. @returns whether there was anything to press. */
  press(what: { readonly level: number } | 'decline'): boolean;
  /** A clerk goes the whole way over the staff screen: corner, PIN, number. @returns what it answered. */
  inviteByHand(request: { readonly ticketNumber: string }): Promise<unknown>;
  /** The same way, to take the open invitation back. */
  takeBack(): Promise<unknown>;
  stop(): Promise<void>;
}

export function startTablet(parts: {
  readonly counter: string;
  readonly config: object;
  /** With a clerk, where a hand is the wire. */
  readonly staffed: boolean;
  readonly onScreen: (screen: Screen | null) => void;
  readonly log: (text: string) => void;
}): SimTablet {
  const folder = mkdtempSync(join(tmpdir(), 'queue-sim-kiosk-'));
  const configPath = join(folder, 'kiosk.json');
  writeFileSync(configPath, JSON.stringify(parts.config, null, 2));
  const runner = createKioskRunner({
    command: headlessKiosk(
      { app: join(import.meta.dirname, '../..'), configPath, dataFolder: join(folder, 'data') },
      parts.staffed ? 'tools/queue-sim/staffed-kiosk.ts' : undefined,
    ),
    headless: true,
    log: parts.log,
    onChange: () => parts.onScreen(screen()),
  });
  const screen = () => runner.snapshot()?.screen ?? null;
  runner.start();
  return {
    counter: parts.counter,
    screen,
    press(what) {
      const now = screen();
      if (now?.name !== 'inviting') return false;
      const { invitation } = now;
      return what === 'decline'
        ? runner.say('decline', { invitation })
        : runner.say('choose', { invitation, level: what.level });
    },
    inviteByHand: async (request) =>
      (await runner.ask('clerk', request)) ?? { accepted: false, reason: 'the kiosk is not there' },
    takeBack: () => runner.ask('clerk', {}),
    async stop() {
      await runner.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What the kiosk's log says of its link, in a word: the clerk's staff screen shows the same. */
export const LINK_EVENTS = { 'queue.ready': '已连上叫号系统', 'queue.lost': '联系不上叫号系统' } as const;

/** @returns which of these a line of the kiosk's log is about. */
export function linkEventOf(line: string): keyof typeof LINK_EVENTS | undefined {
  const event = /"event":"(queue\.(?:ready|lost))"/.exec(line)?.[1];
  return event === 'queue.ready' || event === 'queue.lost' ? event : undefined;
}

/** What the screen shows, in a word; never a level. */
export function screenWords(screen: Screen | null): string {
  if (screen === null) return '未启动';
  const number =
    'ticketNumber' in screen && screen.ticketNumber !== undefined ? ` ${screen.ticketNumber}` : '';
  switch (screen.name) {
    case 'idle':
      return '空闲';
    case 'serving':
      return `正在办理${number}`;
    case 'inviting':
      return `请评价${number}`;
    case 'chosen':
    case 'details':
      return `已作答${number}`;
    case 'thanks':
      return `致谢${number}`;
    case 'paused':
      return '暂停评价';
    case 'outOfService':
      return screen.fault === 'starting' ? '正在启动' : `停止服务（${screen.fault}）`;
  }
}
