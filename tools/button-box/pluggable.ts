import { chown, realpath } from 'node:fs/promises';
import type { Saying } from '../../src/device/framing/framing.ts';
import type { DeviceModel } from '../../src/device/models.ts';
import { type ButtonBox, createButtonBox } from './box.ts';
import { createPtyPair } from './pty-pair.ts';

/** What the citizen would see on the box: dark, "please rate", "thank you". */
export type BoxLight = 'off' | 'rating' | 'thanks';

/** A box with its own cable: the button box of the hall bench and of the end-to-end tests. */
export interface PluggableBox {
  /** What goes into the kiosk's settings as `path`; stays the same over pulls. */
  readonly hostPath: string;
  readonly plugged: boolean;
  readonly light: BoxLight;
  /** The clerk's stars last shown, if any. */
  readonly stars: number | undefined;
  plug(): Promise<void>;
  pull(): Promise<void>;
  /** Rejects while the cable is pulled. */
  press(key: string): Promise<void>;
  send(bytes: Uint8Array): Promise<void>;
  /** What the host has said since the cable was plugged. */
  received(): readonly Saying[];
}

/**
 * Pulled at first: `plug()` makes the line. Nothing is left behind when this process ends, however it ends.
 * @param parts `owner` gets the kiosk's end, for a kiosk that runs as another user.
 */
export function createPluggableBox(parts: {
  readonly folder: string;
  readonly model: DeviceModel;
  readonly address?: number;
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** After every change of `plugged`, `light` or `stars`. */
  readonly onChange: () => void;
}): PluggableBox {
  const { folder, model, address, owner, onChange } = parts;
  const pair = createPtyPair({ folder });
  let box: ButtonBox | undefined;
  let light: BoxLight = 'off';
  let stars: number | undefined;
  /** Plugging and pulling take turns. */
  let turn: Promise<void> = Promise.resolve();

  const inTurn = (act: () => Promise<void>) => {
    turn = turn.then(act, act);
    return turn;
  };

  const onHeard = (saying: Saying) => {
    if (saying.output === 'stars') stars = saying.stars;
    else if (saying.output === 'prompt') light = 'rating';
    else if (saying.output === 'dark') light = 'off';
    else if (saying.output !== 'beep') light = 'thanks';
    onChange();
  };

  const there = () => box ?? Promise.reject(new Error('the cable of the button box is pulled'));

  return {
    hostPath: pair.hostPath,
    get plugged() {
      return box !== undefined;
    },
    get light() {
      return light;
    },
    get stars() {
      return stars;
    },
    plug: () =>
      inTurn(async () => {
        if (box) return;
        await pair.plug();
        if (owner) await chown(await realpath(pair.hostPath), owner.uid, owner.gid);
        box = await createButtonBox({
          path: pair.boxPath,
          model,
          ...(address === undefined ? {} : { address }),
          onHeard,
        });
        onChange();
      }),
    pull: () =>
      inTurn(async () => {
        if (!box) return;
        const pulled = box;
        box = undefined;
        light = 'off';
        stars = undefined;
        await pair.pull();
        await pulled.close();
        onChange();
      }),
    press: async (key) => (await there()).press(key),
    send: async (bytes) => (await there()).send(bytes),
    received: () => box?.received() ?? [],
  };
}
