/**
 * PRESSES IN. The one entry of this room: whatever kind of button box stands at the counter, what comes out is a
 * `Press`, and what its link is like is a `LinkState`.
 *
 * Here live models (data), framings (pure bytes ↔ signals), transports, the driver of a port and the simulated
 * box. Not here: what a press does to a rating (→ src/session), the screen.
 * A new box of a known framing is a new file in `assets/device-models`; a new framing is a new file in `framing/`.
 */
import type { BoxParts } from './driver-words.ts';
import { placeName, whereIs } from './settings.ts';

export { createDriver } from './driver.ts';
export type { BoxParts, ButtonCounters, ButtonFault, Driver, DriverEvent } from './driver-words.ts';
export type { CallerKey } from './framing/framing.ts';
export { checkModel, describeProblem, type ModelProblem, type ModelResult } from './model-check.ts';
export { checkModelFolders, loadModel, loadModelFor } from './model-files.ts';
export type { DeviceModel } from './models.ts';
export type { DriverPort, SpawnDriver } from './process/driver-port.ts';
export { createDriverProcess } from './process/driver-process.ts';
export { ruleInChinese } from './rule-words.ts';
export { type ButtonSettings, ButtonSettingsSchema, deviceIdOf } from './settings.ts';
export type { OpenPort } from './transport/port.ts';
export { createSerialPorts } from './transport/serial.ts';

/** A port, and the boxes that share it. */
export interface Line {
  /** For people: the model and the place. */
  readonly name: string;
  readonly boxes: readonly [BoxParts, ...BoxParts[]];
}

/** Boxes at the same place share one port: a bus is opened once. */
export function linesOf(boxes: readonly BoxParts[]): readonly Line[] {
  const lines = new Map<string, [BoxParts, ...BoxParts[]]>();
  for (const box of boxes) {
    const place = placeName(whereIs(box.settings, box.model));
    const line = lines.get(place);
    if (line) line.push(box);
    else lines.set(place, [box]);
  }
  return [...lines].map(([place, on]) => ({ name: `${on[0].settings.model} ${place}`, boxes: on }));
}
