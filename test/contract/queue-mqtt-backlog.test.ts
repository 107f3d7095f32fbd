import { afterEach, describe, expect, it } from 'vitest';
import { parseConfig } from '../../src/core/config.ts';
import { createQueueSide } from '../../src/core/queue-side.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { createKioskOnFakes } from '../support/kiosk-on-fakes.ts';
import { until } from '../support/until.ts';
import { COUNTER, QUICK, useMqttRig } from './queue-mqtt-rig.ts';

/** What waits for a tablet at a broker of the delivered limits, and what a citizen sees of it: nothing. */
const TICKETS = 40;
const STATES = 3_000;
/** States are repeated between the tickets, as a queue system does it that says how things stand every 5 s. */
const STATES_EACH = STATES / TICKETS;

describe('what happened while the tablet was away', () => {
  const rig = useMqttRig();
  const ends: (() => Promise<unknown> | undefined)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });

  /** A link, the core's queue side and a session: everything real but the screen and the disk. */
  const startTablet = (settings: object, clock: Clock = systemClock) => {
    const run = createKioskOnFakes();
    const parsed = parseConfig(
      JSON.stringify({
        device: 'backlog-03',
        hall: { id: 'H1', name: { 'zh-CN': '大厅' } },
        counter: { number: COUNTER },
        queue: [{ ...QUICK, ...settings }],
      }),
      'kiosk.json',
    );
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const side = createQueueSide({
      config: parsed.config,
      clock,
      runId: 'backlog',
      callers: { onKey: () => () => {}, onState: () => () => {}, answer: () => {}, display: () => {} },
      checked: (event) => event,
      session: () => run.kiosk,
      note: () => {},
    });
    let over = false;
    const stop = async () => {
      if (over) return;
      over = true;
      await side.stop();
      run.kiosk.stop();
    };
    ends.push(stop);
    side.start();
    const shows = () => {
      const screen = run.screen();
      return 'ticketNumber' in screen ? `${screen.name} ${screen.ticketNumber}` : screen.name;
    };
    return {
      ...run,
      stop,
      showing: (what: string) => until(() => expect(shows()).toBe(what)),
      reach: (state: string) => until(() => expect(side.states()[0]?.state.state).toBe(state)),
      /** Numbers that stood on the screen since. */
      numbers: (since = 0) => [
        ...new Set(JSON.stringify(run.snapshots.slice(since)).match(/(?<="ticketNumber":")[^"]+/g) ?? []),
      ],
      opened: () =>
        run.journal.written.flatMap((draft) =>
          draft.kind === 'invitation.opened' ? [draft.body.service.ticketNumber] : [],
        ),
      notInvited: () =>
        run.journal.written.flatMap((draft) =>
          draft.kind === 'service.notInvited' ? [draft.body.reason] : [],
        ),
    };
  };

  const hallWith = async () => {
    const { sim, broker } = await rig.begin();
    const say = await rig.stranger(broker);
    /** Tickets called and finished, and thousands of states; the last one is finished and waits to be asked. */
    const goOn = async () => {
      let last = '';
      for (let ticket = 0; ticket < TICKETS; ticket += 1) {
        last = sim.callNext(COUNTER).number;
        const state = JSON.stringify({ v: 1, paused: false, phase: 'serving', ticket: { ticketNo: last } });
        await Promise.all(Array.from({ length: STATES_EACH }, () => say(`${COUNTER}/state`, state, true)));
        sim.served(COUNTER);
      }
      // Said last, by the one who said the events: whoever has it retained has them all.
      await until(() => expect(sim.state(COUNTER).phase).toBe('rating'));
      return last;
    };
    return { sim, goOn };
  };

  it('is history when it comes back: no page of it, each ticket in the ledger, and then what is so', async () => {
    const { sim, goOn } = await hallWith();
    const tablet = startTablet(sim.settings(COUNTER));
    await tablet.reach('ready');
    const before = sim.callNext(COUNTER).number;
    await tablet.showing(`serving ${before}`);
    sim.cut();
    await tablet.showing('idle');
    const last = await goOn();
    const since = tablet.snapshots.length;
    sim.restore();
    await tablet.showing(`inviting ${last}`);
    expect(tablet.numbers(since)).toEqual([last]);
    expect(tablet.opened()).toEqual([last]);
    // The one that was there at the loss, and all but the last of those that came.
    expect(tablet.notInvited()).toEqual(Array.from({ length: TICKETS }, () => 'nextCalled'));
  });

  it('is history for a tablet that was started anew, too', async () => {
    const { sim, goOn } = await hallWith();
    const first = startTablet(sim.settings(COUNTER));
    await first.reach('ready');
    await first.stop();
    const last = await goOn();
    const second = startTablet(sim.settings(COUNTER));
    await second.showing(`inviting ${last}`);
    expect(second.numbers()).toEqual([last]);
    expect(second.opened()).toEqual([last]);
    expect(second.notInvited()).toEqual(Array.from({ length: TICKETS - 1 }, () => 'nextCalled'));
  });

  it('brings nobody’s page who has left: the counter is free when it comes back', async () => {
    const { sim, goOn } = await hallWith();
    const tablet = startTablet(sim.settings(COUNTER));
    await tablet.reach('ready');
    await tablet.stop();
    await goOn();
    sim.reset(COUNTER);
    const second = startTablet(sim.settings(COUNTER));
    await second.reach('ready');
    await until(() => expect(second.notInvited()).toHaveLength(TICKETS));
    const { number } = sim.callNext(COUNTER);
    await second.showing(`serving ${number}`);
    expect(second.numbers()).toEqual([number]);
    expect(second.opened()).toEqual([]);
  });

  it('waits no longer for the queue system’s word when it has come, whether before or after the subscription was answered', async () => {
    const { sim } = await hallWith();
    const waits = new Set<number>();
    let count = 0;
    const clock: Clock = {
      ...systemClock,
      after(ms, run) {
        count += 1;
        const wait = count;
        if (ms === 1000) waits.add(wait);
        const cancel = systemClock.after(ms, () => {
          waits.delete(wait);
          run();
        });
        return () => {
          waits.delete(wait);
          cancel();
        };
      },
    };
    const tablet = startTablet(sim.settings(COUNTER), clock);
    await tablet.reach('ready');
    expect(waits.size).toBe(0);
  });
});
