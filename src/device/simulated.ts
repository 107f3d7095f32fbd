import { type Buttons, createButtons } from './buttons.ts';
import { createFf68Decoder, type Ff68HostCommand, hostCommand, keyPressed } from './decode/ff68.ts';
import type { OpenPort, OpenRequest, PortFault } from './transport/port.ts';

/**
 * A button box in memory, on the other end of a line in memory. The same decoder, filter and supervisor work as
 * with a real one; only the wire is not there.
 */
export interface SimulatedBox {
  readonly openPort: OpenPort;
  /** @returns false when nobody has the line open. */
  press(grade: number): boolean;
  /** Any bytes at all: noise, another address, half a frame. */
  send(bytes: Uint8Array): boolean;
  /** Pulls the cable. */
  pull(): void;
  plug(): void;
  /** While set, opening is refused in this way. */
  refuse(code: PortFault['code'] | undefined): void;
  /** What the host has told this box, oldest first. */
  received(): readonly Ff68HostCommand[];
}

/** A box that is plugged in. */
export function createSimulatedBox(parts: { readonly address: number }): SimulatedBox {
  const { address } = parts;
  const commands: Ff68HostCommand[] = [];
  let decoder = createFf68Decoder();
  let plugged = true;
  let refusal: PortFault['code'] | undefined;
  let open: OpenRequest | undefined;

  const send = (bytes: Uint8Array) => {
    open?.onData(bytes);
    return open !== undefined;
  };

  return {
    openPort(request) {
      const { path } = request;
      const code = plugged ? (open ? 'busy' : refusal) : 'absent';
      if (code) return Promise.resolve({ ok: false, fault: { code, path, detail: 'simulated' } });
      open = request;
      decoder = createFf68Decoder();
      const close = () => {
        if (open === request) open = undefined;
        return Promise.resolve();
      };
      const write = (bytes: Uint8Array) => {
        if (open !== request) return false;
        for (const frame of decoder.push(bytes).frames) {
          const command = frame.address === address ? hostCommand(frame) : undefined;
          if (command) commands.push(command);
        }
        return true;
      };
      return Promise.resolve({ ok: true, port: { write, close } });
    },
    press: (grade) => send(keyPressed(address, grade)),
    send,
    pull() {
      plugged = false;
      const was = open;
      open = undefined;
      was?.onGone({ code: 'unplugged', path: was.path, detail: 'simulated' });
    },
    plug() {
      plugged = true;
    },
    refuse(code) {
      refusal = code;
    },
    received: () => [...commands],
  };
}

/** {@link createButtons} on a box in memory: for tests and for a kiosk without hardware. */
export function createSimulatedButtons(
  parts: Omit<Parameters<typeof createButtons>[0], 'openPort'>,
): Buttons & { readonly box: SimulatedBox } {
  const box = createSimulatedBox({ address: parts.settings.address });
  return { ...createButtons({ ...parts, openPort: box.openPort }), box };
}
