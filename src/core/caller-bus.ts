import type { CallerKey, Driver } from '../device/buttons.ts';
import type { CallerBus } from '../queue/links.ts';
import type { LinkState } from '../shared/queue-event.ts';

type Callers = Pick<Driver, 'acknowledgeCaller' | 'display'>;

/**
 * The clerks' keypads share a port with the button boxes: the device room has the port, a queue link follows the keys. Here
 * the two meet, over however many ports the tablet has.
 */
export function createCallerBus(): {
  readonly callers: CallerBus;
  /** A port that keypads may be on. */
  join(name: string, driver: () => Callers): void;
  key(name: string, key: CallerKey): void;
  state(name: string, state: LinkState): void;
} {
  const drivers = new Map<string, () => Callers>();
  const states = new Map<string, LinkState>();
  const keyListeners = new Set<(key: CallerKey) => void>();
  const stateListeners = new Set<(state: LinkState | undefined) => void>();
  /** Where each keypad was heard last: it is answered there. */
  const heardOn = new Map<number, string>();

  /** One port that is there is enough. */
  const together = (): LinkState | undefined => {
    const all = [...states.values()];
    return all.find(({ state }) => state === 'ready') ?? all.find(({ state }) => state === 'lost') ?? all[0];
  };
  const driverAt = (address: number): Callers | undefined => {
    const name = heardOn.get(address) ?? [...drivers.keys()][0];
    return name === undefined ? undefined : drivers.get(name)?.();
  };

  return {
    join(name, driver) {
      drivers.set(name, driver);
      states.set(name, { state: 'connecting', sinceMs: 0 });
    },
    key(name, key) {
      if (!drivers.has(name)) return;
      heardOn.set(key.address, name);
      for (const listener of keyListeners) listener(key);
    },
    state(name, state) {
      if (!drivers.has(name)) return;
      states.set(name, state);
      for (const listener of stateListeners) listener(together());
    },
    callers: {
      onKey(listener) {
        keyListeners.add(listener);
        return () => keyListeners.delete(listener);
      },
      onState(listener) {
        stateListeners.add(listener);
        listener(together());
        return () => stateListeners.delete(listener);
      },
      answer: (key) => driverAt(key.address)?.acknowledgeCaller(key),
      display: (address, text) => driverAt(address)?.display(text, address),
    },
  };
}
