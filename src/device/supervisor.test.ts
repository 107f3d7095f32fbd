import { beforeEach, describe, expect, it } from 'vitest';
import { shippedModel } from '../../test/support/device-model.ts';
import { createFakeClock, type FakeClock } from '../../test/support/fake-clock.ts';
import type { LinkState } from '../shared/queue-event.ts';
import { createSimulatedBox, type SimulatedBox } from './simulated.ts';
import { createSupervisor, REOPEN, type Supervisor } from './supervisor.ts';
import type { OpenPort, PortFault } from './transport/port.ts';

const model = await shippedModel('ff68');
const settings = { model: 'ff68', path: '/dev/ttyUSB0', address: 1, levels: {} };

/** Lets what was promised happen. */
const settle = async () => {
  for (let turn = 0; turn < 5; turn++) await Promise.resolve();
};

describe('the supervisor of a port', () => {
  let clock: FakeClock;
  let box: SimulatedBox;
  let states: LinkState[];
  let losses: PortFault['code'][];
  let opens: number;
  let supervisor: Supervisor;

  const create = (openPort: OpenPort) =>
    createSupervisor({
      clock,
      openPort(request) {
        opens += 1;
        return openPort(request);
      },
      settings,
      model,
      onOpen: () => {},
      onData: () => {},
      onState: (state) => states.push(state),
      onLost: (fault) => losses.push(fault.code),
    });

  /** Time in small steps, with room for promises, as it is in life. */
  const pass = async (ms: number) => {
    for (let passed = 0; passed < ms; passed += 50) {
      clock.advance(50);
      await settle();
    }
  };

  beforeEach(() => {
    clock = createFakeClock();
    box = createSimulatedBox({ model, settings });
    states = [];
    losses = [];
    opens = 0;
    supervisor = create(box.openPort);
  });

  it('shows ready as soon as the port is open, and one loss however long the box is away', async () => {
    supervisor.start();
    await settle();
    clock.advance(1_000);
    const lostAtMs = clock.nowMs();
    box.pull();
    await pass(60_000);
    expect(states.map((state) => state.state)).toEqual(['connecting', 'ready', 'lost']);
    expect(losses).toEqual(['unplugged']);
    expect(supervisor.state()).toMatchObject({
      sinceMs: lostAtMs,
      reason: '评价器已从 /dev/ttyUSB0 断开：请检查线缆并重新插好，插好后会自动恢复',
    });
  });

  it('has a replugged box back within two seconds, after an hour away as after a moment', async () => {
    supervisor.start();
    await settle();
    for (const awayMs of [100, 3_600_000]) {
      box.pull();
      await pass(awayMs);
      box.plug();
      await pass(1_000);
      expect(supervisor.state().state).toBe('ready');
    }
  });

  it.each([
    ['absent', '找不到评价器端口 /dev/ttyUSB0'],
    ['busy', '正被其他程序占用'],
    ['ioError', '读写出错'],
  ] as const)('a port that is %s is shown at once and asked again', async (code, words) => {
    box.refuse(code);
    supervisor.start();
    await settle();
    expect(supervisor.state()).toMatchObject({ state: 'lost', reason: expect.stringContaining(words) });
    box.refuse(undefined);
    await pass(2_000);
    expect(supervisor.state().state).toBe('ready');
  });

  it('waits for permissions that arrive a moment after the node', async () => {
    box.refuse('denied');
    supervisor.start();
    await pass(REOPEN.permissionRetryMs * 3);
    box.refuse(undefined);
    await pass(REOPEN.permissionRetryMs);
    expect(states.map((state) => state.state)).toEqual(['connecting', 'ready']);
  });

  it('names a permission that does not arrive, within two seconds, and the group and the rule to set', async () => {
    box.refuse('denied');
    supervisor.start();
    await pass(2_000);
    expect(supervisor.state()).toMatchObject({
      state: 'lost',
      reason: expect.stringMatching(/udev.*dialout/),
    });
    expect(losses).toEqual(['denied']);
  });

  it('a refusing port is asked no more than about once a second', async () => {
    box.refuse('busy');
    supervisor.start();
    await pass(60_000);
    expect(opens).toBeLessThanOrEqual(62);
    expect(losses).toEqual(['busy']);
  });

  it('a new reason after the loss is said, but the loss keeps its time', async () => {
    supervisor.start();
    await settle();
    const lostAtMs = clock.nowMs();
    box.pull();
    box.refuse('busy');
    box.plug();
    await pass(1_000);
    expect(losses).toEqual(['unplugged', 'busy']);
    expect(supervisor.state()).toMatchObject({ sinceMs: lostAtMs, reason: expect.stringContaining('占用') });
  });

  it('a port that opens only after the stop is closed again', async () => {
    let closed = 0;
    let answer: () => void = () => {};
    supervisor = create(
      () =>
        new Promise((resolve) => {
          answer = () =>
            resolve({
              ok: true,
              port: {
                write: () => true,
                close: async () => {
                  closed += 1;
                },
              },
            });
        }),
    );
    supervisor.start();
    await supervisor.stop();
    answer();
    await settle();
    expect(closed).toBe(1);
    expect(states.map((state) => state.state)).toEqual(['connecting']);
    expect(clock.pending).toBe(0);
  });

  it('stops for good and can be started again', async () => {
    box.refuse('absent');
    supervisor.start();
    await settle();
    await supervisor.stop();
    const before = opens;
    await pass(10_000);
    expect(opens).toBe(before);
    box.refuse(undefined);
    supervisor.start();
    await settle();
    expect(supervisor.state().state).toBe('ready');
  });

  it('nothing is written while there is no port', async () => {
    expect(supervisor.write(Uint8Array.of(1))).toBe(false);
    supervisor.start();
    await settle();
    expect(supervisor.write(Uint8Array.of(1))).toBe(true);
    box.pull();
    expect(supervisor.write(Uint8Array.of(1))).toBe(false);
  });
});
