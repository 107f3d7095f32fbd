import { createDriverHost } from '../../src/device/process/driver-host.ts';
import type { SpawnDriver } from '../../src/device/process/driver-port.ts';
import type { OpenPort } from '../../src/device/transport/port.ts';
import type { Clock } from '../../src/shared/clock.ts';

/**
 * A driver's host in the caller's own process, for tests on a clock that stands still and on lines in memory: the
 * same messages, as the same texts, and nobody else's crash.
 */
export interface InProcessDrivers {
  readonly spawn: SpawnDriver;
  /** How many have been made. */
  readonly spawned: number;
  /** The newest ends as a crashed process does: without a word on the way. */
  crash(reason: string): void;
  /** The newest hangs: it hears nothing and says nothing, until it is killed. */
  hang(): void;
  /** While set, those that are made hang from the start. */
  stillborn(yes: boolean): void;
  /** The newest says this to the core. */
  inject(data: unknown): void;
  /** Everything that was said to the core, as text, over all of them. */
  readonly said: readonly string[];
  /** Everything that was ordered. */
  readonly ordered: readonly string[];
}

export function createInProcessDrivers(parts: {
  readonly clock: Clock;
  readonly openPort: OpenPort;
}): InProcessDrivers {
  const { clock } = parts;
  const said: string[] = [];
  const ordered: string[] = [];
  let spawned = 0;
  let stillborn = false;
  let newest: { crash(reason: string): void; hang(): void; inject(data: unknown): void } | undefined;

  const spawn: SpawnDriver = () => {
    spawned += 1;
    let alive = true;
    let hung = stillborn;
    const toCore: ((data: unknown) => void)[] = [];
    const toHost: ((data: unknown) => void)[] = [];
    const endings: ((reason: string) => void)[] = [];
    /** The ports of a process go with it. */
    const held: (() => void)[] = [];
    const end = (reason: string) => {
      if (!alive) return;
      alive = false;
      for (const release of held) release();
      for (const ending of endings) ending(reason);
    };
    const inject = (data: unknown) => {
      for (const listener of toCore) listener(data);
    };
    createDriverHost({
      clock,
      end: () => end('SIGKILL'),
      port: {
        post(text) {
          if (!alive || hung) return;
          said.push(text);
          inject(text);
        },
        onMessage: (listener) => toHost.push(listener),
      },
      async openPort(request) {
        const result = await parts.openPort({
          ...request,
          onData: (bytes) => {
            if (alive && !hung) request.onData(bytes);
          },
          onGone: (fault) => {
            if (alive && !hung) request.onGone(fault);
          },
        });
        const { ok } = result;
        if (ok && !alive) void result.port.close();
        if (ok) held.push(() => void result.port.close());
        return result;
      },
    });
    const hang = () => {
      hung = true;
    };
    newest = { crash: end, hang, inject };
    return {
      post(text) {
        ordered.push(text);
        if (alive && !hung) for (const listener of toHost) listener(text);
      },
      onMessage: (listener) => toCore.push(listener),
      onExit: (listener) => endings.push(listener),
      kill: () => end('SIGKILL'),
    };
  };

  return {
    spawn,
    get spawned() {
      return spawned;
    },
    crash: (reason) => newest?.crash(reason),
    hang: () => newest?.hang(),
    stillborn(yes) {
      stillborn = yes;
    },
    inject: (data) => newest?.inject(data),
    said,
    ordered,
  };
}
