import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { createQueueSim, type QueueSim } from './queue-sim.ts';

/** Speaks the published wire by hand, so that the simulator is not held against our own link alone. */
async function connect(sim: QueueSim) {
  const socket = new WebSocket(sim.url);
  const received: unknown[] = [];
  const waiting: ((message: unknown) => void)[] = [];
  socket.on('message', (data) => {
    const message: unknown = JSON.parse(data.toString());
    const next = waiting.shift();
    if (next) next(message);
    else received.push(message);
  });
  await once(socket, 'open');
  return {
    socket,
    say: (method: string, param?: object) => socket.send(JSON.stringify({ method, param })),
    hear: () =>
      received.length > 0
        ? Promise.resolve(received.shift())
        : new Promise<unknown>((resolve) => {
            waiting.push(resolve);
          }),
  };
}

describe('the simulated queue-calling system', () => {
  let sim: QueueSim;
  beforeEach(async () => {
    sim = await createQueueSim({ extensions: false, nowMs: () => Date.UTC(2026, 4, 6, 1, 0) });
  });
  afterEach(() => sim.stop());

  const loggedIn = async () => {
    const tablet = await connect(sim);
    tablet.say('Login', { winNum: '3', userCode: '1001' });
    expect(await tablet.hear()).toEqual({ request: 'Login', code: '0', result: '登录成功!' });
    return tablet;
  };

  it('asks for a rating in the published words', async () => {
    const tablet = await loggedIn();
    const ticket = sim.callNext('3');
    expect(ticket).toMatchObject({ number: 'A001', item: '社保参保登记', date: '2026-05-06' });
    sim.served('3');
    expect(await tablet.hear()).toEqual({
      method: 'RateQuest',
      param: {
        rateId: ticket.rateId,
        transactor: ticket.transactor,
        item: ticket.item,
        date: '2026-05-06',
        reserveSeq: '',
      },
    });
    sim.pause('3');
    expect(await tablet.hear()).toEqual({ method: 'RateOperate', param: { operate: 'Pause' } });
  });

  it('answers with the published codes', async () => {
    const tablet = await connect(sim);
    tablet.say('Login', { winNum: '3', userCode: '1003' });
    expect(await tablet.hear()).toMatchObject({ code: '1002' });
    tablet.say('getuserlist', { winNum: '3' });
    expect(await tablet.hear()).toMatchObject({
      code: '0',
      result: [{ UserCode: '1001', UserName: '李慧敏' }],
    });
    tablet.say('Dance');
    expect(await tablet.hear()).toMatchObject({ code: '999', result: '未知指令' });
    tablet.say('GetState');
    expect(await tablet.hear()).toMatchObject({ code: '999' });
  });

  it('sends an open request to rate again after a login, and keeps it over a restart', async () => {
    const first = await loggedIn();
    sim.callNext('3');
    sim.served('3');
    const quest = await first.hear();
    await sim.restart();
    const second = await loggedIn();
    expect(await second.hear()).toEqual(quest);
  });

  it('gives a transferred ticket to the other counter as another handling of the same ticket', () => {
    const ticket = sim.callNext('3');
    sim.transfer('3', '4');
    const there = sim.callNext('4');
    expect(there).toMatchObject({ number: ticket.number, serial: ticket.serial, handling: 1 });
    expect(there.rateId).not.toBe(ticket.rateId);
    sim.transfer('4', '3');
    expect(sim.callNext('3')).toMatchObject({ serial: ticket.serial, handling: 2 });
  });

  it('never gives a serial or a request id twice', () => {
    const tickets = Array.from({ length: 200 }, () => sim.callNext('3'));
    expect(new Set(tickets.map((ticket) => ticket.serial)).size).toBe(200);
    expect(new Set(tickets.map((ticket) => ticket.rateId)).size).toBe(200);
  });

  it('says which counters there are when asked for another', () => {
    expect(() => sim.callNext('99')).toThrow(/no counter 99; it has 3, 4, 5/);
  });
});
