/**
 * The hall's queue-calling system on the bench: the simulator (tools/queue-sim) over the wire that was asked for, and
 * what the kiosk must have of it, given to the user as whom the kiosk runs.
 */
import { chown, copyFile, mkdir, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createPtyPair, type PtyPair } from '../button-box/pty-pair.ts';
import { kioskJson } from '../queue-sim/kiosk-json.ts';
import { createQueueSim, type QueueSim } from '../queue-sim/queue-sim.ts';
import type { StartWire } from '../queue-sim/wire.ts';
import { SIM_LINKS, type SimLinkName } from '../queue-sim/wires.ts';
import { type OrdinaryUser, Trouble } from '../runtime/runtime.ts';
import type { DataFolder } from './data-folder.ts';
import { COUNTER } from './kiosk-settings.ts';
import type { NetworkState } from './relay.ts';

/** What `kiosk.json` says of the queue system: its entry of `queue`, and the keypad's line where that is a port. */
export interface QueueEntries {
  readonly queue: readonly Readonly<Record<string, unknown>>[];
  readonly buttons?: readonly object[];
}

export interface QueueStand {
  readonly link: SimLinkName;
  readonly sim: QueueSim;
  readonly entries: QueueEntries;
  /** Of the wire to the kiosk, and since when it is so. */
  network(): { readonly network: NetworkState; readonly sinceMs: number };
  setNetwork(is: NetworkState): void;
  stop(): Promise<void>;
}

const CLERKS_ACTS = ['call', 'recall', 'served', 'skip', 'transfer', 'pause', 'resume'] as const;

/** What a clerk may do that this wire has no word for. */
export function untoldBy(link: SimLinkName): readonly (typeof CLERKS_ACTS)[number][] {
  const told: readonly string[] = SIM_LINKS[link].tells;
  return CLERKS_ACTS.filter((act) => !told.includes(act));
}

export async function startQueueStand(parts: {
  readonly link: SimLinkName;
  readonly folder: Pick<DataFolder, 'kiosk' | 'line'>;
  readonly user: OrdinaryUser | undefined;
  readonly onChange: () => void;
}): Promise<QueueStand> {
  const { link, folder, user, onChange } = parts;
  const { title, needs, load } = SIM_LINKS[link];
  const wire = link === 'ff68-caller' ? await keypadWire(folder, user) : await load();
  const sim = await createQueueSim({ wire }).catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error);
    const remedy = needs === '' ? '' : ` It needs ${needs}: install it, or take another link with --link.`;
    throw new Trouble(`The queue system did not start (--link ${link}, ${title}): ${why}.${remedy}`);
  });
  let seen = { network: 'up' as NetworkState, isThere: false, sinceMs: Date.now() };
  const look = (network = seen.network) => {
    const isThere = sim.state(COUNTER).tablets > 0;
    if (network !== seen.network || isThere !== seen.isThere)
      seen = { network, isThere, sinceMs: Date.now() };
    onChange();
  };
  sim.onChange(() => look());
  return {
    link,
    sim,
    entries: await givenTo(user, folder.kiosk, kioskJson(sim, COUNTER)),
    network: () => ({ network: seen.network, sinceMs: seen.sinceMs }),
    setNetwork(is) {
      if (is === 'up') sim.restore();
      else sim.cut(is === 'frozen' ? 'freeze' : 'refuse');
      look(is);
    },
    stop: sim.stop,
  };
}

/** The keypad's line lies where the box's does, and the kiosk's end of it is the kiosk's user's, at every plugging. */
async function keypadWire(
  folder: Pick<DataFolder, 'line'>,
  user: OrdinaryUser | undefined,
): Promise<StartWire> {
  const { ff68CallerWire } = await import('../queue-sim/wires/ff68-caller.ts');
  const pair = createPtyPair({ folder: join(folder.line, 'caller') });
  const cable: PtyPair = {
    hostPath: pair.hostPath,
    boxPath: pair.boxPath,
    get plugged() {
      return pair.plugged;
    },
    async plug() {
      await pair.plug();
      if (user) await chown(await realpath(pair.hostPath), user.uid, user.gid);
    },
    pull: pair.pull,
  };
  return ff68CallerWire({ cable });
}

/** Keys and passwords are read by the kiosk itself: it gets copies that are its own. */
async function givenTo(
  user: OrdinaryUser | undefined,
  kioskFolder: string,
  { queue, buttons }: QueueEntries,
): Promise<QueueEntries> {
  const place = join(kioskFolder, 'queue');
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { mode: 0o700 });
  if (user) await chown(place, user.uid, user.gid);
  const given = async (entry: Readonly<Record<string, unknown>>) => {
    const copies: Record<string, string> = {};
    for (const [setting, value] of Object.entries(entry)) {
      if (!setting.endsWith('File') || typeof value !== 'string') continue;
      const copy = join(place, setting);
      await copyFile(value, copy);
      if (user) await chown(copy, user.uid, user.gid);
      copies[setting] = copy;
    }
    return { ...entry, ...copies };
  };
  return { queue: await Promise.all(queue.map(given)), ...(buttons ? { buttons } : {}) };
}
