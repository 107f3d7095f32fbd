/** The place on the counter where the button box stands, and the boxes that could stand there: one at a time. */
import { fileURLToPath } from 'node:url';
import type { ButtonSettings } from '../../src/device/buttons.ts';
import { checkModelFolders, type DeviceModel, describeProblem } from '../../src/device/buttons.ts';
import type { Level } from '../../src/shared/words.ts';
import { createPluggableBox, type PluggableBox } from '../button-box/pluggable.ts';

/** Where the bench begins. */
export const FIRST_MODEL = 'ff68';
const FOLDER = fileURLToPath(new URL('../../assets/device-models', import.meta.url));

/** Models with keys, the bench's first one in front. Throws when a shipped one is wrong. */
export async function standModels(): Promise<readonly DeviceModel[]> {
  const { models, problems } = await checkModelFolders([FOLDER]);
  if (problems.length > 0) throw new Error(problems.map((problem) => describeProblem(problem)).join('\n'));
  const keyed = models.filter(({ keys }) => keys.length > 0);
  return keyed.sort((a, b) => Number(b.id === FIRST_MODEL) - Number(a.id === FIRST_MODEL));
}

/** A line can be played by this program; what enumerates on USB needs a device. */
export function isPlayable({ transport }: DeviceModel): boolean {
  return transport.kind === 'serial';
}

/** A box of four keys cannot say five levels. This site has decided: nobody can say 1 by such a box. */
export function levelsOf({ keys }: DeviceModel): Readonly<Record<string, Level>> {
  const scale: readonly Level[] = [1, 2, 3, 4, 5];
  const used = scale.slice(Math.max(0, scale.length - keys.length));
  return Object.fromEntries(keys.map(({ code }, at) => [code, used[at] ?? 5]));
}

/** As `kiosk.json` says it. */
export function settingsOf(model: DeviceModel, path: string): ButtonSettings {
  const address = addressOf(model);
  return {
    model: model.id,
    path,
    ...(address === undefined ? {} : { address }),
    ...(model.framing.kind === 'ff68' ? { acknowledge: 'A' as const } : {}),
    levels: levelsOf(model),
  };
}

/** As it leaves the factory, which is what its vectors are made with. */
function addressOf({ vectors }: DeviceModel): number | undefined {
  return vectors.find(({ address }) => address !== undefined)?.address;
}

export interface BoxStand extends PluggableBox {
  readonly models: readonly DeviceModel[];
  readonly model: DeviceModel;
  /**
   * Takes the box away and puts another in its place, plugged in.
   * @param between after the one and before the other: the kiosk gets its settings.
   * @returns false when there is no such box to play.
   */
  change(id: string, between: () => Promise<void>): Promise<boolean>;
}

export function createBoxStand(parts: {
  readonly folder: string;
  readonly models: readonly DeviceModel[];
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  readonly onChange: () => void;
}): BoxStand {
  const { models, folder, owner, onChange } = parts;
  const [first] = models;
  if (!first) throw new Error('there is no model of a button box');
  let model = first;
  let box = boxOf(model);
  /** Two who change it at once take turns. */
  let turn: Promise<unknown> = Promise.resolve();

  function boxOf(its: DeviceModel): PluggableBox {
    const address = addressOf(its);
    return createPluggableBox({
      folder,
      model: its,
      ...(address === undefined ? {} : { address }),
      owner,
      onChange,
    });
  }

  async function exchange(next: DeviceModel, between: () => Promise<void>): Promise<boolean> {
    await box.pull();
    model = next;
    box = boxOf(next);
    await between();
    await box.plug();
    return true;
  }

  return {
    models,
    get model() {
      return model;
    },
    change(id, between) {
      const next = models.find((one) => one.id === id && isPlayable(one));
      if (!next) return Promise.resolve(false);
      const done = turn.then(() => exchange(next, between));
      turn = done.catch(() => {});
      return done;
    },
    hostPath: box.hostPath,
    get plugged() {
      return box.plugged;
    },
    get light() {
      return box.light;
    },
    get stars() {
      return box.stars;
    },
    plug: () => box.plug(),
    pull: () => box.pull(),
    press: (key) => box.press(key),
    send: (bytes) => box.send(bytes),
    received: () => box.received(),
  };
}
