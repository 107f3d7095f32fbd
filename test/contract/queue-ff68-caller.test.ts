import { describe, expect, it } from 'vitest';
import { createCallerBus } from '../../src/core/caller-bus.ts';
import { createDriver, createSerialPorts } from '../../src/device/buttons.ts';
import { createQueueLink, QueueSettingsSchema } from '../../src/queue/links.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { Press } from '../../src/shared/press.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { type Ff68CallerOptions, ff68CallerWire } from '../../tools/queue-sim/wires/ff68-caller.ts';
import { shippedModel } from '../support/device-model.ts';
import { settingsFor } from './device-contract.ts';
import { createRecorder, queueLinkContract } from './queue-link-contract.ts';
import { simHarness } from './queue-sim-peer.ts';

/** A clerk's keypad and a citizen's box on one line: a real driver on a real pseudo terminal, both roles on one port. */
const shipped = await shippedModel('ff68');
/** Nobody waits here until a box that was just plugged in has settled. */
const model = { ...shipped, timing: { ...shipped.timing, settleMs: 0 } };
const COUNTER = '3';

function driverOn(sim: QueueSim, onPress: (press: Press) => void = () => {}) {
  const bus = createCallerBus();
  const settings = { ...settingsFor(model, { path: sim.url }), address: 0x83 };
  const driver = createDriver({
    boxes: [{ settings, model }],
    clock: systemClock,
    openPort: createSerialPorts({ clock: systemClock }),
    onEvent(event) {
      if (event.type === 'caller') bus.key('line', event);
      if (event.type === 'state') bus.state('line', event.state);
      if (event.type === 'press') onPress(event.press);
    },
  });
  bus.join('line', () => driver);
  driver.start();
  return { callers: bus.callers, stop: () => driver.stop(), driver };
}

/** What no keypad has a word for: results, a reset, what is so now; and a line says nothing when nobody presses. */
const ABILITIES = { calls: true, results: false, resets: false, remembers: false, noticesSilence: false };

queueLinkContract(
  'ff68-caller, numbers typed',
  ABILITIES,
  // A real clerk waits for the answer before the same key; the contract does not, so another host answers here.
  simHarness({ wire: ff68CallerWire() }, { settings: { answersKeys: false }, means: (sim) => driverOn(sim) }),
);
queueLinkContract(
  'ff68-caller without numbers',
  ABILITIES,
  simHarness(
    { wire: ff68CallerWire({ numbers: false }) },
    { settings: { answersKeys: false }, means: (sim) => driverOn(sim) },
  ),
);

describe('ff68-caller on one port with the box', () => {
  async function counter(settings: object = {}, options: Ff68CallerOptions = {}) {
    const sim = await createQueueSim({ wire: ff68CallerWire(options) });
    const said = createRecorder();
    const presses: Press[] = [];
    const line = driverOn(sim, (press) => {
      presses.push(press);
      said.poke();
    });
    const heard: string[] = [];
    sim.onMessage(({ direction, text }) => {
      if (direction === 'in') heard.push(text);
      said.poke();
    });
    const link = createQueueLink({
      settings: QueueSettingsSchema.parse({ ...sim.settings(COUNTER), ...settings }),
      hall: 'H1',
      counter: COUNTER,
      timezone: 'Asia/Shanghai',
      clock: systemClock,
      onEvent: said.onEvent,
      onState: said.onState,
      log: said.log,
      callers: line.callers,
    });
    link.start();
    await said.until('ready', () => link.state().state === 'ready');
    return {
      sim,
      said,
      link,
      presses,
      heard: () => heard.join(' '),
      async stop() {
        await link.stop();
        await line.stop();
        await sim.stop();
      },
    };
  }

  it('a key is answered by its own frame, the keypad shows the number, and the box’s key is a press all the same', async () => {
    const { sim, said, heard, presses, stop } = await counter();
    // 1 2 0C: call number 12.
    sim.sendRaw(COUNTER, Uint8Array.from([0xff, 0x68, 5, 5, 0x68, 3, 1, 1, 2, 0x0c, 0x13, 0x16]));
    await said.until('called', () => said.kinds().includes('called'));
    await said.until('answer and number', () =>
      heard().includes('FF 68 05 05 68 03 01 01 02 0C 13 16 FF 68 08 08 68 03 02 0A 0A 0A 00 01 02 26 16'),
    );
    sim.sendRaw(COUNTER, Uint8Array.from([0xff, 0x68, 3, 3, 0x68, 0x83, 0x11, 3, 0x97, 0x16]));
    await said.until('a press', () => presses.length > 0);
    expect(said.events).toMatchObject([{ kind: 'called', service: { ticketNumber: '012' } }]);
    expect(presses).toHaveLength(1);
    await stop();
  });

  it('another counter’s keypad, noise, halves, wrong sums and impossible digits open nothing', async () => {
    const { sim, said, link, stop } = await counter();
    const hostile = [
      [0xff, 0x68, 3, 3, 0x68, 4, 1, 0x0c, 0x11, 0x16],
      [0xff, 0x68, 3, 3, 0x68, 3, 1, 0x0c, 0x11, 0x16],
      [0xff, 0x68, 3, 3, 0x68, 3, 1],
      [...Array.from({ length: 600 }, (_, at) => (at * 89) % 256)],
      [0xff, 0x68, 4, 4, 0x68, 3, 1, 0x77, 0x0c, 0x87, 0x16],
      [0xff, 0x68, 3, 3, 0x68, 3, 1, 0x55, 0x59, 0x16],
    ];
    for (const bytes of hostile) sim.sendRaw(COUNTER, Uint8Array.from(bytes));
    await said.until('both refusals', () => {
      const { malformed, unknown } = link.counters();
      return malformed === 1 && unknown === 1;
    });
    expect(said.kinds()).toEqual([]);
    expect(JSON.stringify(said.lines)).not.toMatch(/119|85|0x/);
    sim.callNext(COUNTER);
    await said.until('called', () => said.kinds().includes('called'));
    await stop();
  });

  it('the cable pulled for a moment while a ticket is served: shown, and "please rate" afterwards is about that ticket', async () => {
    const { sim, said, link, stop } = await counter();
    sim.callNext(COUNTER);
    await said.until('called', () => said.kinds().includes('called'));
    sim.cut();
    await said.until('lost', () => link.state().state === 'lost');
    const lost = link.state();
    expect(lost.state === 'lost' ? lost.reason : '').toMatch(/线路断开.*请/);
    sim.restore();
    await said.until('ready', () => link.state().state === 'ready');
    await said.until('keypad plugged', () => sim.state(COUNTER).tablets === 1);
    sim.served(COUNTER);
    await said.until('served', () => said.kinds().includes('served'));
    const keys = said.events.flatMap((event) => ('service' in event ? [event.service.serviceKey] : []));
    // The next may have been called while nobody heard it, but not be through.
    expect(new Set(keys).size).toBe(1);
    expect(said.events.at(-1)).toHaveProperty('service.ticketNumber');
    await stop();
  });
});
