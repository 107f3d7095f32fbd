import { afterEach, describe, expect, it } from 'vitest';
import { createQueueLink, createSharedPorts, QueueSettingsSchema } from '../../src/queue/links.ts';
import { systemClock } from '../../src/shared/clock.ts';
import type { QueueEvent } from '../../src/shared/queue-event.ts';
import { startSimPairing } from '../../tools/queue-sim/pairing.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import type { StartWire } from '../../tools/queue-sim/wire.ts';
import { httpPushWire } from '../../tools/queue-sim/wires/http-push.ts';
import { mqttWire } from '../../tools/queue-sim/wires/mqtt.ts';
import { padWire } from '../../tools/queue-sim/wires/pad.ts';
import { until } from '../support/until.ts';
import { createPairingTablet } from './pairing-rig.ts';

/** A pairing is tried while the tablet follows the same queue system already: the link in service notices nothing. */
const COUNTER = '3';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function tabletInService(
  wire: StartWire,
  options: { readonly apart?: Readonly<Record<string, unknown>> } = {},
) {
  const ports = createSharedPorts();
  const sim = await createQueueSim({ counters: [COUNTER], wire });
  ends.push(sim.stop);
  const states: string[] = [];
  const heard: QueueEvent[] = [];
  const link = createQueueLink({
    settings: QueueSettingsSchema.parse({ ...sim.settings(COUNTER), retryFirstMs: 50, retryCapMs: 100 }),
    hall: 'H1',
    counter: COUNTER,
    timezone: 'Asia/Shanghai',
    clock: systemClock,
    ports,
    onEvent: (event) => heard.push(event),
    onState: ({ state }) => states.push(state),
    log: () => {},
  });
  ends.push(() => link.stop());
  link.start();
  const is = (state: string) => until(() => expect(states.at(-1)).toBe(state));
  await is('ready');
  const desk = await startSimPairing({ sim, counters: [COUNTER], settings: options.apart ?? {} });
  ends.push(desk.stop);
  const tablet = createPairingTablet({ ports });
  ends.push(tablet.remove);
  return {
    sim,
    desk,
    tablet,
    states,
    heard,
    is,
    tryOut: async () => {
      tablet.pairing.act({ act: 'scan', text: desk.offer().text });
      await until(() => expect(tablet.view().stage).toMatchObject({ name: 'trial', mayAccept: true }));
    },
    giveUp: async () => {
      tablet.pairing.act({ act: 'stop' });
      await until(() => expect(tablet.view().stage).toEqual({ name: 'none' }));
    },
  };
}

describe('a pairing that is tried beside the link in service', () => {
  it('is no second tablet at a broker, also to a link that has reconnected, and leaves its presence alone', async () => {
    const { sim, tryOut, giveUp, states, heard, is } = await tabletInService(mqttWire());
    sim.cut();
    await is('lost');
    sim.restore();
    await is('ready');
    const before = states.length;
    const said: string[] = [];
    sim.onMessage(({ text }) => {
      if (text.includes('/tablet ')) said.push(text);
    });
    await tryOut();
    await giveUp();
    // What is said after the trial comes after all the trial may have said.
    sim.callNext(COUNTER);
    await until(() => expect(heard.some(({ kind }) => kind === 'called')).toBe(true));
    await tryOut();
    expect(states.slice(before)).toEqual([]);
    expect(said).toEqual([]);
    expect(sim.state(COUNTER).tablets).toBe(1);
  });

  it.each(['bearer', 'hmac'] as const)(
    'hears along at the port of the link in service (%s), and leaves it as it was',
    async (auth) => {
      const { sim, tryOut, giveUp, states, heard, tablet } = await tabletInService(httpPushWire({ auth }));
      const before = states.length;
      await tryOut();
      expect(tablet.check('testCall')?.text).toMatch(/^YPTEST/);
      const called = sim.callNext(COUNTER).number;
      await until(() => expect(tablet.check('lastTicket')?.text).toBe(called));
      await until(() => expect(heard.some(({ kind }) => kind === 'called')).toBe(true));
      await giveUp();
      sim.served(COUNTER);
      await until(() => expect(heard.filter(({ kind }) => kind === 'served')).toHaveLength(1));
      expect(states.slice(before)).toEqual([]);
      await tryOut();
      expect(tablet.pairing.act({ act: 'accept' })).toEqual({ accepted: true });
      await until(() => expect(tablet.restarts).toHaveLength(1));
    },
  );

  it.each([
    ['is notified of cases', true],
    ['is only sent addresses', false],
  ])(
    'meets the test call as a case where a pad %s, and the link in service hears of none',
    async (_, notify) => {
      const { sim, tablet, states, heard, tryOut } = await tabletInService(padWire({ notify }));
      const before = states.length;
      await tryOut();
      expect(tablet.check('testCall')?.text).toMatch(/^YPTEST/);
      sim.callNext(COUNTER);
      const { projectNo } = sim.served(COUNTER) ?? {};
      await until(() => expect(tablet.check('lastTicket')?.text).toBe(projectNo));
      await until(() => expect(heard.some(({ kind }) => kind === 'served')).toBe(true));
      expect(JSON.stringify(heard)).not.toContain('YPTEST');
      expect(states.slice(before)).toEqual([]);
    },
  );

  it('names unpairing as the remedy where the port is had by a link that lets others in', async () => {
    const { desk, tablet } = await tabletInService(httpPushWire(), { apart: { allowFrom: ['127.0.0.9'] } });
    tablet.pairing.act({ act: 'scan', text: desk.offer().text });
    await until(() => expect(tablet.check('loggedIn')).toMatchObject({ state: 'bad' }));
    expect(JSON.stringify(tablet.check('loggedIn'))).toContain('解除配对');
  });
});
