import { createQueueLink, QueueSettingsSchema } from '../../src/queue/links.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { createQueueSim } from '../../tools/queue-sim/queue-sim.ts';
import { createSimHands } from '../../tools/queue-sim/wires/manual.ts';
import { queueLinkContract } from './queue-link-contract.ts';

const COUNTER = '3';
const ABILITIES = { calls: false, results: false, operates: false, byHand: true, line: false };

queueLinkContract('manual', ABILITIES, async () => {
  const hands = createSimHands();
  const sim = await createQueueSim({ wire: hands.wire });
  let passedMs = 0;
  // Between one citizen and the next some time goes by.
  const clock: Clock = { ...systemClock, monoMs: () => systemClock.monoMs() + passedMs };
  const ends: (() => void)[] = [];
  const nothing = () => undefined;
  return {
    createLink(parts) {
      const link = createQueueLink({
        ...parts,
        settings: QueueSettingsSchema.parse(sim.settings(COUNTER)),
        hall: 'H1',
        counter: COUNTER,
        timezone: 'Asia/Shanghai',
        clock,
      });
      const { invite } = link;
      if (invite) ends.push(hands.give(COUNTER, { invite }));
      return link;
    },
    peer: {
      callNext: () => void sim.callNext(COUNTER),
      recall: nothing,
      served() {
        passedMs += 60_000;
        sim.callNext(COUNTER);
        sim.served(COUNTER);
      },
      repeat: () => sim.repeat(COUNTER),
      skip: nothing,
      transfer: nothing,
      pause: nothing,
      resume: nothing,
      reset: nothing,
      lose: nothing,
      regain: nothing,
      restart: async () => undefined,
      lastResult: () => undefined,
      onChange: nothing,
      async stop() {
        for (const end of ends) end();
        await sim.stop();
      },
    },
  };
});
