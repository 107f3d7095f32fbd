import { afterAll, expect, test, vi } from 'vitest';
import type { Action } from '../../tools/hall/actions.ts';
import { type HallProcess, startHallProcess } from './hall-process.ts';

/** `npm start -- --link NAME`: the same bench with the hall's queue system on another wire. */

const LIMIT_MS = 120_000;
const until = <T>(look: () => Promise<T>) => vi.waitFor(look, { timeout: LIMIT_MS, interval: 100 });

let hall: HallProcess | undefined;
afterAll(() => hall?.dispose());

test(
  'on the wire of MQTT a ticket is called, served and rated, and a cut network is seen and healed',
  async () => {
    const started = await startHallProcess(['--link', 'mqtt']);
    hall = started;
    const look = async () => (await started.look()).state;
    const done = async (action: Action) => expect(await started.act(action)).toEqual({ ok: true });
    const screenIs = (name: string) =>
      until(async () => expect((await look()).snapshot?.screen.name).toBe(name));

    await until(async () => {
      const { queue, snapshot } = await look();
      expect(queue).toMatchObject({ link: 'mqtt', untold: [], at: { tablets: 1 } });
      expect(snapshot?.buttons).toBe('ready');
    });
    await done({ do: 'call' });
    await screenIs('serving');
    await done({ do: 'network', of: 'queue', is: 'refusing' });
    // Nobody knows any more who sits there; what is served meanwhile is said when the network is back.
    await screenIs('idle');
    await done({ do: 'served' });
    await done({ do: 'network', of: 'queue', is: 'up' });
    await screenIs('inviting');
    await done({ do: 'choose', level: 4 });
    await started.act({ do: 'answer', verb: 'confirm' });
    await until(async () => {
      const { queue, totals } = await look();
      expect(totals.deviceRatings).toBe(1);
      expect(queue.at.lastRated).toBe(true);
    });
  },
  LIMIT_MS,
);
