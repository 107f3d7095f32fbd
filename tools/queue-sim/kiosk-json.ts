import type { QueueSim } from './queue-sim.ts';

/** `kiosk.json` of a tablet at a counter of the simulated hall. */
export function kioskJson(sim: QueueSim, counter: string, over: Readonly<Record<string, unknown>> = {}) {
  const queue = { ...sim.settings(counter), ...over };
  // The keypad is on the line of the button box: one port, both roles.
  const box = {
    model: 'ff68',
    path: sim.line(counter),
    address: 0x80 + Number(counter),
    acknowledge: 'A',
    levels: { '0': 2, '1': 3, '2': 4, '3': 5 },
  };
  return {
    device: `queue-sim-${counter}`,
    hall: { id: 'SIM', name: { 'zh-CN': '模拟政务服务中心', en: 'Simulated Service Hall' } },
    counter: { number: counter },
    queue: [queue],
    ...(Reflect.get(queue, 'kind') === 'ff68-caller' ? { buttons: [box] } : {}),
  };
}
