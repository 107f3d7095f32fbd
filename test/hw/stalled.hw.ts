import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { afterEach, it } from 'node:test';
import type { OpenRequest, PortFault } from '../../src/device/transport/port.ts';
import { createPorts } from '../../src/device/transport/ports.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { until } from '../support/until.ts';
import { descriptorFor } from './descriptor.ts';
import { createGadget, type Gadget } from './gadget.ts';
import { startIdle } from './idle.ts';
import { program } from './program.ts';

const TIMES = Number(process.env['HW_STALLS'] ?? 5);
const QUIT_WITHIN_MS = 1_000;
/** Nothing ends a process in the middle of a write to a HID device before the kernel gives it up; a kiosk does not wait for it. */
const ENDED_WITHIN_MS = 6_500;
/** The kernel's own patience is five seconds; a call that waits for it holds everything up as long. */
const HELD_UP_LIMIT_MS = 500;
const RESOLUTION_MS = 5;

const hid = { kind: 'hid', usagePage: 0xff00, reportBytes: 8 } as const;
const serial = { kind: 'serial', baudRate: 9600, dataBits: 8, parity: 'none', stopBits: 1 } as const;
const ids = [{ vendorId: '1209', productId: '0009' }];

const ways = [
  {
    name: 'a USB HID gadget',
    transport: hid,
    functions: async () => [`hid:${await descriptorFor('mute', hid)},8`],
  },
  { name: 'a USB CDC-ACM gadget', transport: serial, functions: async () => ['acm'] },
] as const;

let box: Gadget | undefined;
afterEach(async () => {
  await box?.remove();
  box = undefined;
});

for (const { name, transport, functions } of ways) {
  const muteBox = async (): Promise<Gadget> => {
    const made = await createGadget({
      name: 'mute',
      vendorId: '1209',
      productId: '0009',
      serial: 'MUTE1',
      functions: await functions(),
      onBytes: () => {},
    });
    box = made;
    await made.plug();
    made.stopReading();
    return made;
  };
  const place = { where: { by: 'usb', ids, serial: 'MUTE1' }, transport } as const;

  it(`firmware that does not read holds nothing up, ${TIMES} times on ${name}`, async (test) => {
    const openPort = createPorts({ clock: systemClock });
    const mute = await muteBox();
    const idle = startIdle();
    let heldUpMs = 0;
    let closedAfterMs = 0;
    for (let time = 0; time < TIMES; time++) {
      const faults: PortFault[] = [];
      const port = await opened(openPort, {
        ...place,
        onData: () => {},
        onGone: (fault) => faults.push(fault),
      });
      // A new one each time: what is between two measurements would count as one long delay.
      const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
      delay.enable();
      // More than the kernel takes on its own; a serial port refuses what would pile up.
      for (let report = 0; report < 40; report++) port.write(new Uint8Array(9).fill(0, 0, 1).fill(report, 1));
      if (transport.kind === 'hid') {
        for (let report = 0; report < 6; report++) {
          await turn();
          port.write(Uint8Array.of(0, report));
        }
        await until(() => assert.equal(faults[0]?.code, 'notResponding'), { deadlineMs: 4_000 });
        assert.equal(port.write(Uint8Array.of(0, 1)), false);
      }
      const fromMs = performance.now();
      await port.close();
      closedAfterMs = Math.max(closedAfterMs, performance.now() - fromMs);
      delay.disable();
      heldUpMs = Math.max(heldUpMs, Math.round(delay.max / 1e6 - RESOLUTION_MS));
      await mute.pull();
      await mute.plug();
    }
    const figures = {
      on: `${name} that does not read`,
      times: TIMES,
      heldUpMs,
      closedAfterMs: Math.round(closedAfterMs),
    };
    const { heldUpMs: machineStoodStillMs } = await idle.end();
    test.diagnostic(JSON.stringify({ ...figures, machineStoodStillMs }));
    assert.ok(heldUpMs < HELD_UP_LIMIT_MS + machineStoodStillMs, `held up for ${heldUpMs} ms`);
    assert.ok(closedAfterMs <= QUIT_WITHIN_MS + machineStoodStillMs, `closed after ${closedAfterMs} ms`);
  });

  it(`a process with ${name} that does not read ends when it is ended`, async (test) => {
    const mute = await muteBox();
    const child = fork(program('quitting-child'), [JSON.stringify(place)]);
    await message(child, 'stalled');
    const fromMs = performance.now();
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGKILL');
    await ended;
    const quitAfterMs = Math.round(performance.now() - fromMs);
    test.diagnostic(JSON.stringify({ on: `${name} that does not read`, quitAfterMs }));
    assert.ok(quitAfterMs <= ENDED_WITHIN_MS, `ended after ${quitAfterMs} ms`);
    await mute.pull();
  });
}

async function opened(openPort: ReturnType<typeof createPorts>, request: OpenRequest) {
  const endMs = performance.now() + 10_000;
  for (;;) {
    const result = await openPort(request);
    if (result.ok) return result.port;
    if (performance.now() > endMs) throw new Error(`${result.fault.code}: ${result.fault.detail}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 5));
}

function message(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`ended by itself: ${code}`)));
    child.on('message', (said) => {
      if (said === what) resolve();
    });
  });
}
