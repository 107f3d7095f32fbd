import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { createQueueSide, type QueueSide } from '../../src/core/queue-side.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createQueueSim, type QueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { createKioskOnFakes, type KioskOnFakes } from '../support/kiosk-on-fakes.ts';
import { until } from '../support/until.ts';

/** Races in which the wire matters: a real link to a hall whose network comes and goes. The session's own delays stand still. */
const COUNTER = '3';

describe.each(['manual', 'paused'] as const)(
  'a queue system that comes and goes, at a site of rule %s',
  (rule) => {
    let sim: QueueSim;
    let run: KioskOnFakes;
    let side: QueueSide;

    const shows = () => {
      const screen = run.screen();
      return 'ticketNumber' in screen ? `${screen.name} ${screen.ticketNumber}` : screen.name;
    };
    const showing = (what: string) => until(() => expect(shows()).toBe(what));
    const lost = async () => {
      sim.cut();
      await showing(rule === 'paused' ? 'outOfService' : 'idle');
    };
    const closings = () =>
      run.journal.written.flatMap((draft) =>
        draft.kind === 'invitation.closed' ? [`${draft.body.outcome} ${draft.body.reason}`] : [],
      );

    beforeEach(async () => {
      sim = await createQueueSim();
      run = createKioskOnFakes(undefined, rule);
      const parsed = parseConfig(
        JSON.stringify({
          device: 'races-03',
          hall: { id: 'H1', name: { 'zh-CN': '大厅' } },
          counter: { number: COUNTER },
          whenQueueIsLost: rule,
          queue: [{ ...sim.settings(COUNTER), extensions: true }],
        }),
        'kiosk.json',
      );
      if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
      side = createQueueSide({
        config: parsed.config,
        clock: systemClock,
        runId: 'races',
        callers: { onKey: () => () => {}, onState: () => () => {}, answer: () => {}, display: () => {} },
        checked: (event) => event,
        session: () => run.kiosk,
        note: () => {},
      });
      side.start();
      await until(() => expect(side.states()[0]?.state.state).toBe('ready'));
    });

    afterEach(async () => {
      await side.stop();
      await sim.stop();
      run.kiosk.stop();
    });

    it('gone between call and finish: what was finished meanwhile is asked about when it is back', async () => {
      const { number } = sim.callNext(COUNTER);
      await showing(`serving ${number}`);
      await lost();
      sim.served(COUNTER);
      sim.restore();
      await showing(`inviting ${number}`);
      expect(closings()).toEqual([]);
    });

    it('gone while somebody is asked: the page goes; still there when it is back, they are asked again, once', async () => {
      const { number } = sim.callNext(COUNTER);
      sim.served(COUNTER);
      await showing(`inviting ${number}`);
      await lost();
      expect(run.press(5).accepted).toBe(false);
      sim.restore();
      await showing(`inviting ${number}`);
      expect(closings()).toEqual(['interrupted queueLost']);
      expect(run.kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(2);
    });

    it('gone while somebody is asked, and the next one is called meanwhile: never the page of the one before', async () => {
      const before = sim.callNext(COUNTER);
      sim.served(COUNTER);
      await showing(`inviting ${before.number}`);
      await lost();
      const { number } = sim.callNext(COUNTER);
      const snapshots = run.snapshots.length;
      sim.restore();
      await showing(`serving ${number}`);
      sim.served(COUNTER);
      await showing(`inviting ${number}`);
      expect(JSON.stringify(run.snapshots.slice(snapshots))).not.toContain(`"${before.number}"`);
      expect(run.reports).toMatchObject([{ rated: false }]);
    });

    it('gone while the citizen answers: heard to the end, and the queue system learns that they rated', async () => {
      const { number } = sim.callNext(COUNTER);
      sim.served(COUNTER);
      await showing(`inviting ${number}`);
      run.press(4);
      sim.cut();
      await until(() => expect(side.states()[0]?.state.state).toBe('lost'));
      expect(run.screen().name).toBe('chosen');
      run.clock.advance(60_000);
      const settled = run.journal.written.filter(({ kind }) => kind === 'rating.settled');
      expect(settled).toHaveLength(1);
      for (const result of run.reports) side.report({ ...result, serviceKey: settledKey(run) });
      sim.restore();
      await until(() => expect(sim.state(COUNTER).lastRated).toBe(true));
      expect(run.kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(1);
    });
  },
);

function settledKey(run: KioskOnFakes) {
  const settled = run.journal.written.find((draft) => draft.kind === 'rating.settled');
  if (settled?.kind !== 'rating.settled') throw new Error('nothing was settled');
  return settled.body.serviceKey;
}
