import type { Clock } from '../../shared/clock.ts';
import { assertNever } from '../../shared/words.ts';
import { createDriver } from '../driver.ts';
import type { Driver } from '../driver-words.ts';
import type { OpenPort } from '../transport/port.ts';
import { createBudget } from './budget.ts';
import { BEAT_MS, CLOSE_LIMIT_MS, type HostPort } from './driver-port.ts';
import { type Order, readOrder } from './orders.ts';
import type { Report } from './reports.ts';

/**
 * The inside of a driver's process: one line, driven as the core orders, told within a budget. Knows neither who
 * made the process nor what hangs on the line.
 */
export interface DriverHost {
  /** The core is not there any more: nobody is left to drive for. */
  orphaned(): void;
}

/** For the last word to leave the process. */
const LAST_WORD_MS = 20;

/** @param parts.end ends this process at once, whatever native code is in the middle of. */
export function createDriverHost(parts: {
  readonly port: HostPort;
  readonly clock: Clock;
  readonly openPort: OpenPort;
  readonly end: () => void;
}): DriverHost {
  const { port, clock, openPort, end } = parts;
  const budget = createBudget(clock);
  let driver: Driver | undefined;
  let stopping = false;

  const report = (what: Report) => port.post(JSON.stringify(what));

  function beat(of: Driver): void {
    if (stopping) return;
    const { suppressed } = budget;
    report({ type: 'alive', state: of.state(), counters: { ...of.counters() }, suppressed });
    clock.after(BEAT_MS, () => beat(of));
  }

  function start(boxes: Extract<Order, { type: 'start' }>['boxes']): void {
    if (driver) return;
    driver = createDriver({
      boxes,
      clock,
      openPort,
      onEvent(event) {
        if (!stopping && budget.allows(event.type)) report({ type: 'event', event });
      },
    });
    // The sign of life first: looking for the port may already be what hangs.
    beat(driver);
    driver.start();
  }

  function stop(): void {
    if (stopping) return;
    stopping = true;
    let over = false;
    const leave = () => {
      if (over) return;
      over = true;
      report({ type: 'stopped' });
      clock.after(LAST_WORD_MS, end);
    };
    clock.after(CLOSE_LIMIT_MS, leave);
    const closing = driver?.stop() ?? Promise.resolve();
    closing.then(leave, leave);
  }

  function carryOut(order: Order): void {
    switch (order.type) {
      case 'start':
        start(order.boxes);
        break;
      case 'stop':
        stop();
        break;
      case 'say':
        driver?.say(order.output);
        break;
      case 'acknowledge':
        driver?.acknowledge(order.press);
        break;
      case 'stars':
        driver?.showStars(order.stars);
        break;
      case 'acknowledge-caller':
        driver?.acknowledgeCaller(order.key);
        break;
      case 'beep':
        driver?.beep(order.caller);
        break;
      case 'display':
        driver?.display(order.text, order.caller);
        break;
      default:
        assertNever(order);
    }
  }

  port.onMessage((data) => {
    const order = readOrder(data);
    if (order) carryOut(order);
  });
  return { orphaned: end };
}
