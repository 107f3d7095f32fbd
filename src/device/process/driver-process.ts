import type { Clock } from '../../shared/clock.ts';
import type { Press } from '../../shared/press.ts';
import type { LinkState } from '../../shared/queue-event.ts';
import {
  type BoxParts,
  type ButtonCounters,
  type Driver,
  type DriverEvent,
  noCounts,
} from '../driver-words.ts';
import { deviceIdOf, sourceOf } from '../settings.ts';
import {
  BEAT_MS,
  type DriverPort,
  SILENT_LOOKS,
  type SpawnDriver,
  START_LOOKS,
  STOP_LIMIT_MS,
} from './driver-port.ts';
import type { Order } from './orders.ts';
import { type Report, readReport } from './reports.ts';

/** How soon there is a new process; doubling while they keep ending young. */
const RESTART_MS = { first: 100, most: 10_000 };
/** A process that lived so many looks was all right: what ends it then is news, and nobody should wait for the next. */
const CALM_LOOKS = 3;
/** Far above what a driver's own budget lets out: one that talks more is broken. */
const REPORTS_PER_LOOK = 400;

/** Characters of a text that a keypad's display has room for. */
const SHOWN = 6;

const ENDED = '评价器驱动程序意外停止，正在自动恢复；恢复前请使用屏幕评价';
const HUNG = '评价器驱动程序没有响应，正在自动重新启动；恢复前请使用屏幕评价';

interface Host {
  readonly port: DriverPort;
  silentLooks: number;
  looks: number;
  heard: boolean;
  reports: number;
  suppressed: number;
  counters: ButtonCounters;
}

/**
 * A driver in a process of its own: native code may end or hang there, and what the kiosk notices is a box that is
 * lost and comes back. Holds to the same promises as the driver itself; a command that comes while there is no process
 * is dropped, as it is when the box is not there.
 */
export function createDriverProcess(parts: {
  readonly boxes: readonly [BoxParts, ...BoxParts[]];
  readonly clock: Clock;
  readonly spawn: SpawnDriver;
  readonly onEvent: (event: DriverEvent) => void;
}): Driver {
  const { boxes, clock, onEvent } = parts;
  let state: LinkState = { state: 'connecting', sinceMs: clock.nowMs() };
  let host: Host | undefined;
  let running = false;
  /** Not the box is away but who would speak to it; so it stays, until somebody says how the box is. */
  let away = false;
  let failures = 0;
  let before = noCounts();
  let droppedHere = 0;
  let cancelLook = () => {};
  let cancelRestart = () => {};

  function show(next: LinkState): void {
    // A process that has only just begun to look adds nothing to what is shown: not a second beginning either.
    if (next.state === 'connecting' && (away || state.state === 'connecting')) return;
    away = false;
    if (JSON.stringify(next) === JSON.stringify(state)) return;
    state = next;
    onEvent({ type: 'state', state });
  }

  function fault(reason: string): void {
    onEvent({ type: 'fault', fault: { kind: 'driver', reason } });
  }

  function launch(): void {
    const port = parts.spawn();
    const mine: Host = {
      port,
      silentLooks: 0,
      looks: 0,
      heard: false,
      reports: 0,
      suppressed: 0,
      counters: noCounts(),
    };
    host = mine;
    port.onMessage((data) => {
      if (host === mine) take(mine, data);
    });
    port.onExit((reason) => {
      if (host === mine) lose(`its process ended: ${reason}`, ENDED);
    });
    order({ type: 'start', boxes });
  }

  function order(what: Order): boolean {
    host?.port.post(JSON.stringify(what));
    return host !== undefined;
  }

  function lose(reason: string, shown: string): void {
    const lost = host;
    if (!lost) return;
    host = undefined;
    lost.port.kill();
    before = sum(before, lost.counters);
    fault(reason);
    away = false;
    show({ state: 'lost', sinceMs: clock.nowMs(), reason: shown });
    away = true;
    if (lost.looks >= CALM_LOOKS) failures = 0;
    const waitMs = Math.min(RESTART_MS.most, RESTART_MS.first * 2 ** failures);
    failures += 1;
    if (running) cancelRestart = clock.after(waitMs, launch);
  }

  /**
   * Looks are counted and not time, and a look comes no sooner than the messages that wait: when it was this process
   * that stood still (a slow disk, a machine asleep), the driver is not to blame.
   */
  function look(): void {
    cancelLook = clock.after(BEAT_MS, look);
    if (!host) return;
    host.looks += 1;
    host.silentLooks += 1;
    host.reports = 0;
    if (host.silentLooks < (host.heard ? SILENT_LOOKS : START_LOOKS)) return;
    lose(host.heard ? 'its process has fallen silent' : 'its process did not start', HUNG);
  }

  function take(from: Host, data: unknown): void {
    from.silentLooks = 0;
    from.heard = true;
    from.reports += 1;
    const report = from.reports > REPORTS_PER_LOOK ? 'flood' : readReport(data);
    if (report === 'flood') lose('its process floods the kiosk', ENDED);
    else if (!report) lose('its process said what is no report', ENDED);
    else if (report.type === 'stopped') lose('its process stopped unasked', ENDED);
    else if (report.type === 'event') pass(report.event);
    else beaten(from, report);
  }

  function beaten(from: Host, report: Extract<Report, { type: 'alive' }>): void {
    from.counters = known(report.counters);
    show(report.state);
    const suppressed = report.suppressed - from.suppressed;
    from.suppressed = report.suppressed;
    if (suppressed > 0) fault(`${suppressed} events were too many and not passed on`);
  }

  function pass(event: DriverEvent): void {
    if (event.type === 'state') show(event.state);
    else if ((event.type === 'press' || event.type === 'withdrawn') && !isOurs(event.press))
      fault(`its process told a press that none of its boxes can make (${event.press.deviceId})`);
    else onEvent(event);
  }

  function isOurs({ deviceId, source, control }: Press): boolean {
    return boxes.some(
      ({ settings, model }) =>
        deviceIdOf(settings) === deviceId &&
        sourceOf(model.transport) === source &&
        Object.values(settings.levels).includes(control),
    );
  }

  function tell(what: Order): void {
    if (!order(what)) droppedHere += 1;
  }

  return {
    start() {
      if (running) return;
      running = true;
      onEvent({ type: 'state', state });
      launch();
      cancelLook = clock.after(BEAT_MS, look);
    },
    stop() {
      running = false;
      cancelLook();
      cancelRestart();
      const last = host;
      if (!last) return Promise.resolve();
      before = sum(before, last.counters);
      host = undefined;
      return farewell(last.port, clock);
    },
    say: (output) => tell({ type: 'say', output }),
    acknowledge(press) {
      if (isOurs(press)) tell({ type: 'acknowledge', press });
    },
    showStars: (stars) => tell({ type: 'stars', stars }),
    acknowledgeCaller({ address, func, key, digits }) {
      tell({ type: 'acknowledge-caller', key: { address, func, key, digits } });
    },
    beep: (caller) => tell({ type: 'beep', ...(caller === undefined ? {} : { caller }) }),
    display(text, caller) {
      // Only its end is shown; a longer text would not be taken as an order at all.
      tell({
        type: 'display',
        text: [...text].slice(-SHOWN).join(''),
        ...(caller === undefined ? {} : { caller }),
      });
    },
    state: () => state,
    counters() {
      const counted = host ? sum(before, host.counters) : before;
      return { ...counted, dropped: counted.dropped + droppedHere };
    },
  };
}

/** In order if it can, and gone in any case. */
function farewell(port: DriverPort, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      cancel();
      port.kill();
      resolve();
    };
    const cancel = clock.after(STOP_LIMIT_MS, over);
    port.onMessage((data) => {
      if (readReport(data)?.type === 'stopped') over();
    });
    port.onExit(over);
    port.post(JSON.stringify({ type: 'stop' } satisfies Order));
  });
}

function sum(one: ButtonCounters, other: ButtonCounters): ReturnType<typeof noCounts> {
  const counts = noCounts();
  for (const name of namesOf(counts)) counts[name] = one[name] + other[name];
  return counts;
}

function known(told: Readonly<Record<string, number>>): ButtonCounters {
  const counts = noCounts();
  for (const name of namesOf(counts)) counts[name] = told[name] ?? 0;
  return counts;
}

function namesOf(counts: ButtonCounters): readonly (keyof ButtonCounters)[] {
  return Object.keys(counts) as (keyof ButtonCounters)[];
}
