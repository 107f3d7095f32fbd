/** What the bench page knows: one value, sent whole at every change. Times are UTC ms. */
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';
import type { BoxLight } from '../button-box/pluggable.ts';
import type { SimCounterState } from '../queue-sim/queue-sim.ts';
import type { Action } from './actions.ts';
import type { BookTotals } from './journal-book.ts';
import type { Size } from './memory-screen.ts';
import type { ProvinceAlarm } from './province-office.ts';
import type { NetworkState } from './relay.ts';
import type { SupervisedState } from './supervised.ts';

type Name = { readonly 'zh-CN': string; readonly en?: string | undefined };

export interface HallState {
  readonly nowMs: number;
  readonly hall: { readonly name: { readonly 'zh-CN': string; readonly en: string } };
  readonly deviceId: string;
  readonly dataFolder: string;
  readonly counter: string;
  readonly otherCounter: string;
  /** Boxes that the bench knows; those that cannot be played need a device on USB. */
  readonly boxModels: readonly {
    readonly id: string;
    readonly name: Name;
    readonly playable: boolean;
    /** The level is what this site has decided. */
    readonly keys: readonly { readonly code: string; readonly label: Name; readonly level: number }[];
  }[];
  readonly kiosk: SupervisedState & { readonly headless: boolean };
  /** `memory`: shown on this page. `display`: a window of its own. `none`: a core without a screen. */
  readonly screen: { readonly kind: 'memory' | 'display' | 'none'; readonly size: Size };
  readonly snapshot: Snapshot | null;
  readonly queue: {
    /** By the simulator's name of it. */
    readonly link: string;
    /** Acts of a clerk that the wire has no word for. */
    readonly untold: readonly Action['do'][];
    readonly network: NetworkState;
    readonly sinceMs: number;
    readonly at: SimCounterState;
  };
  readonly box: {
    readonly model: string;
    readonly plugged: boolean;
    readonly sinceMs: number;
    readonly light: BoxLight;
    readonly stars: number | null;
  };
  readonly province: {
    readonly process: SupervisedState;
    readonly url: string | null;
    readonly network: NetworkState;
    readonly sinceMs: number;
    readonly registered: boolean;
    /** The administrator's last words when the device could not be registered. */
    readonly problem: string | null;
    readonly alarms: readonly ProvinceAlarm[];
  };
  readonly totals: BookTotals;
}
