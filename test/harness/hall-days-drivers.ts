import { createDriverHost } from '../../src/device/process/driver-host.ts';
import type { SpawnDriver } from '../../src/device/process/driver-port.ts';
import { createPorts } from '../../src/device/transport/ports.ts';
import type { Clock } from '../../src/shared/clock.ts';

/**
 * The real host of a driver on its real port, in this process and on the hall's clock: one in a process of its own lives
 * by the machine's time, and would be taken for hanging as soon as the hall's is moved on.
 */
export function driversInTime(clock: Clock): SpawnDriver {
  return () => {
    let alive = true;
    const toCore: ((data: unknown) => void)[] = [];
    const toHost: ((data: unknown) => void)[] = [];
    const endings: ((reason: string) => void)[] = [];
    const open = new Set<() => Promise<void>>();
    const ports = createPorts({ clock });
    const end = () => {
      if (!alive) return;
      alive = false;
      for (const close of open) void close();
      for (const ending of endings) ending('ended');
    };
    const tell = (listeners: readonly ((data: unknown) => void)[], text: string) => {
      if (alive) for (const listener of listeners) listener(text);
    };
    createDriverHost({
      clock,
      end,
      port: { post: (text) => tell(toCore, text), onMessage: (listener) => toHost.push(listener) },
      async openPort(request) {
        const result = await ports(request);
        if (!result.ok) return result;
        // The ports of a process go with it.
        if (alive) open.add(result.port.close);
        else void result.port.close();
        return result;
      },
    });
    return {
      post: (text) => tell(toHost, text),
      onMessage: (listener) => toCore.push(listener),
      onExit: (listener) => endings.push(listener),
      kill: end,
    };
  };
}
