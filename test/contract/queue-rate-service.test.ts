import { describe, expect, it } from 'vitest';
import { createQueueSim, type QueueSimOptions } from '../../tools/queue-sim/queue-sim.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { createRecorder, queueLinkContract } from './queue-link-contract.ts';
import { COUNTER, linkTo, QUICK, useRateServiceRig } from './queue-rate-service-rig.ts';
import { simHarness } from './queue-sim-peer.ts';

const harnessOf = (options: QueueSimOptions, settings: object) =>
  simHarness(options, {
    settings: { ...QUICK, ...settings },
    isResult: (text) => text.includes('"RateResult"'),
  });

const PUBLISHED = { calls: false, results: false };
const EXTENDED = { calls: true, results: true };
queueLinkContract('rate-service as published', PUBLISHED, harnessOf({ extensions: false }, {}));
queueLinkContract('rate-service with our extension', EXTENDED, harnessOf({}, { extensions: true }));
queueLinkContract(
  'rate-service against a server without ping frames and HeartBeat',
  PUBLISHED,
  harnessOf({ extensions: false, answerPings: false, heartBeat: false }, {}),
);
queueLinkContract(
  'rate-service in the spelling of the document, server without resending',
  EXTENDED,
  harnessOf({ resend: false }, { extensions: true, spelling: 'document' }),
);

describe('rate-service', () => {
  const { begin, connect, told } = useRateServiceRig();

  it('logs in right after connecting and learns the clerk’s name', async () => {
    const { messages } = await begin();
    await told().until('the name', () =>
      told().events.some((event) => event.kind === 'clerkOn' && !!event.clerk.name),
    );
    expect(JSON.parse(messages[0] ?? '')).toEqual({
      method: 'Login',
      param: { winNum: '3', userCode: '1001' },
    });
    expect(told().events.at(-1)).toMatchObject({
      kind: 'clerkOn',
      clerk: { number: '1001', name: '李慧敏' },
    });
  });

  it('sends the published HeartBeat every five minutes', async () => {
    const clock = createFakeClock();
    const { sim, messages } = await begin({}, { probe: 'off' }, clock);
    await told().until('login', () => sim.state(COUNTER).tablets === 1);
    await told().until('ready', () => told().states.at(-1)?.state === 'ready');
    clock.advance(300_000);
    await told().until('HeartBeat', () => messages.some((text) => text.includes('"HeartBeat"')));
    const beat = messages.find((text) => text.includes('"DateTime"'));
    expect(JSON.parse(beat ?? '')).toEqual({
      method: 'HeartBeat',
      param: { DateTime: '2026-05-06 09:05:00' },
    });
  });

  it('says what to correct when the user does not belong to the counter', async () => {
    const { reach, reason } = await begin({}, { userCode: '9999' });
    await reach('lost');
    expect(reason()).toContain('不认识窗口号“3”或工号“9999”');
  });

  it('says what to check when the server does not answer a login, as the published one for an unknown user', async () => {
    const { reach, reason } = await begin({ answerLogin: false });
    await reach('lost');
    expect(reason()).toContain('没有答复登录');
  });

  it('keeps telling since when it is lost, although it tries again and again', async () => {
    const { reach, link, sim } = await begin();
    await reach('ready');
    sim.cut('freeze');
    await reach('lost');
    const { sinceMs } = link.state();
    sim.cut('refuse');
    await told().until(
      'another reason',
      () => told().states.filter((one) => one.state === 'lost').length >= 2,
    );
    expect(link.state()).toMatchObject({ state: 'lost', sinceMs });
  });

  it('never passes on or logs the citizen’s name', async () => {
    const { sim, reach } = await begin();
    await reach('ready');
    const ticket = sim.callNext(COUNTER);
    sim.served(COUNTER);
    await told().until('served', () => told().kinds().includes('served'));
    expect(JSON.stringify([told().events, told().lines, told().states])).not.toContain(ticket.transactor);
  });

  it('ignores ticket messages of a server whose extension the site has not switched on', async () => {
    const { sim, reach, link } = await begin({ extensions: true }, { extensions: false });
    await reach('ready');
    sim.callNext(COUNTER);
    sim.served(COUNTER);
    await told().until('served', () => told().kinds().includes('served'));
    expect(told().kinds()).toEqual(['served']);
    expect(link.counters().unknown).toBe(2);
  });

  it('names a service alike before and after a restart, though the request sent again names no ticket', async () => {
    const { sim, reach, link } = await begin({}, { extensions: true });
    await reach('ready');
    sim.callNext(COUNTER);
    sim.served(COUNTER);
    await told().until('served', () => told().kinds().includes('served'));
    await link.stop();
    const later = createRecorder();
    const restarted = linkTo(sim.url, { extensions: true }, later);
    restarted.start();
    await later.until('served again', () => later.kinds().includes('served'));
    await restarted.stop();
    const keys = [...told().events, ...later.events].flatMap((event) =>
      event.kind === 'served' ? [event.service.serviceKey] : [],
    );
    expect(new Set(keys).size).toBe(1);
    expect(keys.length).toBe(2);
  });

  it('does not bring back a ticket that was finished while the link was down, once the next one is called', async () => {
    const { sim, reach, messages } = await begin({}, { extensions: true });
    await reach('ready');
    sim.callNext(COUNTER);
    await told().until('called', () => told().kinds().includes('called'));
    sim.cut();
    await reach('lost');
    sim.served(COUNTER);
    sim.restore();
    // The request of before comes again after the login; the next call overtakes the answer to GetState.
    await told().until('logged in again', () => sim.state(COUNTER).tablets === 1);
    const before = messages.length;
    sim.callNext(COUNTER);
    const answered = () => messages.slice(before).some((text) => text.startsWith('{"request":"GetState"'));
    await told().until('the answer', answered);
    sim.pause(COUNTER);
    await told().until('paused', () => told().kinds().at(-1) === 'paused');
    expect(told().kinds().slice(1)).not.toContain('served');
  });

  it('stays ready with a server that does not know the extension', async () => {
    const { reach, link, sim } = await begin({ extensions: false }, { extensions: true });
    await reach('ready');
    await told().until('refusal', () => told().lines.some((line) => line.event === 'queue.requestRefused'));
    sim.pause(COUNTER);
    await told().until('paused', () => told().kinds().includes('paused'));
    expect(link.state().state).toBe('ready');
  });

  it('logs in again on the same connection when told it is not logged in', async () => {
    const { reach, link, sim } = await begin();
    await reach('ready');
    sim.sendRaw(COUNTER, '{"request":"HeartBeat","code":"1000","result":"当前用户尚未登录"}');
    await told().until('second login', () => link.counters().logins === 2);
    expect(link.counters().connections).toBe(1);
  });

  it('sends a result after it could not when it arose', async () => {
    const { reach, link, sim } = await begin({ extensions: true }, { extensions: true });
    await reach('ready');
    sim.callNext(COUNTER);
    sim.served(COUNTER);
    await told().until('served', () => told().kinds().includes('served'));
    sim.cut();
    await reach('lost');
    const served = told().events.find((event) => event.kind === 'served');
    if (served?.kind !== 'served') throw new Error('nothing was served');
    link.report({ serviceKey: served.service.serviceKey, rated: true, atMs: Date.now() });
    sim.restore();
    await told().until('the result there', () => sim.state(COUNTER).lastRated === true);
    sim.pause(COUNTER);
    await told().until('paused', () => told().kinds().includes('paused'));
    expect(
      told()
        .kinds()
        .filter((kind) => kind === 'served'),
    ).toHaveLength(1);
  });

  it('never sends RateSubmit: it holds scores', async () => {
    const { reach, link, sim, messages } = await begin({ extensions: false });
    await reach('ready');
    sim.callNext(COUNTER);
    sim.served(COUNTER);
    await told().until('served', () => told().kinds().includes('served'));
    const served = told().events.find((event) => event.kind === 'served');
    if (served?.kind !== 'served') throw new Error('nothing was served');
    link.report({ serviceKey: served.service.serviceKey, rated: true, atMs: Date.now() });
    sim.pause(COUNTER);
    await told().until('paused', () => told().kinds().includes('paused'));
    expect(messages.filter((text) => /RateSubmit|RateResult|attitude/.test(text))).toEqual([]);
  });

  it('reports a port where nobody listens', async () => {
    const sim = await createQueueSim();
    await sim.stop();
    const { reach, reason } = connect(sim, {});
    await reach('lost');
    expect(reason()).toContain('拒绝连接');
  });
});
