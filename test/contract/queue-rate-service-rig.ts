import { afterEach, beforeEach } from 'vitest';
import { createQueueLink, QueueSettingsSchema } from '../../src/queue/links.ts';
import { type Clock, systemClock } from '../../src/shared/clock.ts';
import { createQueueSim, type QueueSim, type QueueSimOptions } from '../../tools/queue-sim/queue-sim.ts';
import { createRecorder } from './queue-link-contract.ts';

export const COUNTER = '3';
/** The delays of the delivered settings, shortened; their order is the same. */
export const QUICK = {
  probeEveryMs: 50,
  silenceLimitMs: 400,
  retryFirstMs: 50,
  retryCapMs: 100,
  loginLimitMs: 400,
};

export function linkTo(
  url: string,
  more: object,
  told: ReturnType<typeof createRecorder>,
  clock: Clock = systemClock,
) {
  const settings = QueueSettingsSchema.parse({
    kind: 'rate-service',
    url,
    userCode: '1001',
    ...QUICK,
    ...more,
  });
  const { onEvent, onState, log } = told;
  const parts = { hall: 'H1', counter: COUNTER, timezone: 'Asia/Shanghai', clock };
  return createQueueLink({ ...parts, settings, onEvent, onState, log });
}

/** A simulator and links to it for each test of a file, cleared away after it. */
export function useRateServiceRig() {
  const sims: QueueSim[] = [];
  const links: { stop(): Promise<void> }[] = [];
  let told: ReturnType<typeof createRecorder>;

  const begin = async (simOptions: QueueSimOptions = {}, settings: object = {}, clock = systemClock) => {
    const sim = await createQueueSim(simOptions);
    sims.push(sim);
    return { sim, ...connect(sim, settings, clock) };
  };
  const connect = (sim: QueueSim, settings: object, clock = systemClock) => {
    const messages: string[] = [];
    sim.onMessage((message) => {
      messages.push(message.text);
      told.poke();
    });
    sim.onChange(told.poke);
    const link = linkTo(sim.url, settings, told, clock);
    links.push(link);
    link.start();
    const reach = (state: 'ready' | 'lost') => told.until(state, () => link.state().state === state);
    const reason = () => {
      const state = link.state();
      return state.state === 'lost' ? state.reason : '';
    };
    return { link, messages, reach, reason };
  };

  beforeEach(() => {
    told = createRecorder();
  });
  afterEach(async () => {
    await Promise.all(links.splice(0).map((link) => link.stop()));
    await Promise.all(sims.splice(0).map((sim) => sim.stop()));
  });

  return { begin, connect, told: () => told, adopt: (link: { stop(): Promise<void> }) => links.push(link) };
}
