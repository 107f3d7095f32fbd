import { describe, expect, it } from 'vitest';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { padWire } from '../../tools/queue-sim/wires/pad.ts';
import { useHttpRig } from './queue-http-rig.ts';

/** A pad hears of no recall: all there is of a case that is finished again is the notify that came before. */
describe('pad: a case that is finished again', () => {
  const { link, told, atEnd } = useHttpRig();

  const begin = async () => {
    const sim = await createQueueSim({ wire: padWire() });
    atEnd(() => sim.stop());
    const { link: one, reach } = link({ ...sim.settings('3'), probeEveryMs: 50, silenceLimitMs: 8000 });
    await reach('ready');
    const acts = () => told().events.filter(({ kind }) => kind === 'called' || kind === 'served');
    const serve = async () => {
      sim.served('3');
      await sim.settled('3');
    };
    /** What became of asking about the service that was finished last. */
    const over = (rated: boolean, at = acts().length - 1) => {
      const event = acts()[at];
      if (event?.kind !== 'served') throw new Error('nothing was served');
      one.report({ serviceKey: event.service.serviceKey, rated, atMs: Date.now() });
    };
    return { sim, serve, over, kinds: () => acts().map(({ kind }) => kind), acts };
  };

  it('is asked about again once nobody answered, each time the clerk finishes, under the same key', async () => {
    const { sim, serve, over, kinds, acts } = await begin();
    sim.callNext('3');
    await serve();
    over(false);
    await serve();
    expect(kinds()).toEqual(['called', 'served', 'served']);
    over(false);
    await serve();
    expect(kinds()).toEqual(['called', 'served', 'served', 'served']);
    const keys = acts().map((event) => (event.kind === 'served' ? event.service.serviceKey : ''));
    expect(new Set(keys.slice(1)).size).toBe(1);
    expect(new Set(acts().map(({ id }) => id)).size).toBe(4);
  });

  it('is a repetition while it is asked about, and is not asked about once it is rated', async () => {
    const { sim, serve, over, kinds } = await begin();
    sim.callNext('3');
    await serve();
    await serve();
    over(true);
    await serve();
    expect(kinds()).toEqual(['called', 'served']);
  });

  it('is a repetition when only the address comes again: a pad server sends it after each login', async () => {
    const { sim, serve, over, kinds } = await begin();
    const { projectNo } = sim.callNext('3');
    await serve();
    over(false);
    const data = `https://rating.example/frame.php?affairSerialNo=${projectNo}`;
    sim.sendRaw('3', JSON.stringify({ code: 50100, state: 1, data }));
    await sim.settled('3');
    expect(kinds()).toEqual(['called', 'served']);
  });

  it('does not push aside the next case, however late its notify comes again', async () => {
    const { sim, serve, over, kinds } = await begin();
    sim.callNext('3');
    await serve();
    over(false);
    sim.callNext('3');
    await sim.settled('3');
    sim.repeat('3');
    await sim.settled('3');
    expect(kinds()).toEqual(['called', 'served', 'called']);
    await serve();
    sim.callNext('3');
    await sim.settled('3');
    // It was pushed aside, so asking about it ends only now.
    over(false, 3);
    sim.repeat('3');
    await sim.settled('3');
    expect(kinds()).toEqual(['called', 'served', 'called', 'served', 'called']);
  });
});
