import type { Saying } from './framing/framing.ts';
import { framingOf } from './framing/framing-of.ts';
import type { DeviceModel } from './models.ts';
import { type ButtonSettings, placeName } from './settings.ts';
import type { OpenPort, OpenRequest, PortFault } from './transport/port.ts';

/**
 * A button box in memory, on the other end of a line in memory. The same framing, filter and supervisor work as
 * with a real one; only the wire is not there.
 */
export interface SimulatedBox {
  readonly openPort: OpenPort;
  /** @returns false when nobody has the line open. */
  press(key: string): boolean;
  /** Any bytes at all: noise, another address, half a frame. */
  send(bytes: Uint8Array): boolean;
  /** Pulls the cable. */
  pull(): void;
  plug(): void;
  /** While set, opening is refused in this way. */
  refuse(code: PortFault['code'] | undefined): void;
  /** What the host has told this box, oldest first. */
  received(): readonly Saying[];
}

/** A box that is plugged in. */
export function createSimulatedBox(parts: {
  readonly model: DeviceModel;
  readonly settings: Pick<ButtonSettings, 'address' | 'acknowledge'>;
}): SimulatedBox {
  const framing = framingOf(parts.model, parts.settings);
  const sayings: Saying[] = [];
  let end = framing.box();
  let plugged = true;
  let refusal: PortFault['code'] | undefined;
  let open: OpenRequest | undefined;

  const send = (bytes: Uint8Array) => {
    open?.onData(bytes);
    return open !== undefined;
  };

  return {
    openPort(request) {
      const code = plugged ? (open ? 'busy' : refusal) : 'absent';
      if (code)
        return Promise.resolve({
          ok: false,
          fault: { code, path: placeName(request.where), detail: 'simulated' },
        });
      open = request;
      end = framing.box();
      const close = () => {
        if (open === request) open = undefined;
        return Promise.resolve();
      };
      const write = (bytes: Uint8Array) => {
        if (open !== request) return false;
        const heard = end.hear(bytes);
        sayings.push(...heard.sayings);
        for (const answer of heard.answers) send(answer);
        return true;
      };
      return Promise.resolve({ ok: true, port: { write, close } });
    },
    press: (key) => end.press(key).map(send).every(Boolean),
    send,
    pull() {
      plugged = false;
      const was = open;
      open = undefined;
      was?.onGone({ code: 'unplugged', path: placeName(was.where), detail: 'simulated' });
    },
    plug() {
      plugged = true;
    },
    refuse(code) {
      refusal = code;
    },
    received: () => [...sayings],
  };
}
