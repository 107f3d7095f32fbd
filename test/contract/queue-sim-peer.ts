import { type CallerBus, createQueueLink, QueueSettingsSchema } from '../../src/queue/links.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { createQueueSim, type QueueSim, type QueueSimOptions } from '../../tools/queue-sim/queue-sim.ts';
import type { QueueLinkHarness } from './queue-link-contract.ts';

const COUNTER = '3';

/**
 * The simulated hall as the peer of the contract, over whatever wire. `isResult` knows what a link said of a rating
 * among all that went over the wire.
 */
export function simHarness(
  options: QueueSimOptions,
  parts: {
    /** Over what the simulator itself says a tablet must be set to: the delivered delays, shortened. */
    readonly settings?: Readonly<Record<string, unknown>>;
    readonly isResult?: (text: string) => boolean;
    /** What a link is given that has no connection of its own. */
    readonly means?: (sim: QueueSim) => { readonly callers: CallerBus; stop(): Promise<void> };
  } = {},
): () => Promise<QueueLinkHarness> {
  return async () => {
    const sim = await createQueueSim(options);
    const means = parts.means?.(sim);
    let lastResult: string | undefined;
    sim.onMessage(({ direction, text }) => {
      if (direction === 'in' && parts.isResult?.(text)) lastResult = text;
    });
    return {
      createLink: ({ onEvent, onState, onStateTold, log }) =>
        createQueueLink({
          settings: QueueSettingsSchema.parse({ ...sim.settings(COUNTER), ...parts.settings }),
          hall: 'H1',
          counter: COUNTER,
          timezone: 'Asia/Shanghai',
          clock: systemClock,
          onEvent,
          onState,
          ...(onStateTold ? { onStateTold } : {}),
          log,
          ...(means ? { callers: means.callers } : {}),
        }),
      peer: {
        callNext: () => void sim.callNext(COUNTER),
        recall: () => void sim.recall(COUNTER),
        skip: () => void sim.skip(COUNTER),
        transfer: () => void sim.transfer(COUNTER, '4'),
        lastResult: () => lastResult,
        served() {
          if (sim.state(COUNTER).phase !== 'serving') sim.callNext(COUNTER);
          sim.served(COUNTER);
        },
        repeat: () => sim.repeat(COUNTER),
        pause: () => sim.pause(COUNTER),
        resume: () => sim.resume(COUNTER),
        reset: () => sim.reset(COUNTER),
        lose: sim.cut,
        regain: sim.restore,
        restart: sim.restart,
        settled: () => sim.settled(COUNTER),
        onChange: (listener) => {
          sim.onChange(listener);
          sim.onMessage(listener);
        },
        async stop() {
          await means?.stop();
          await sim.stop();
        },
      },
    };
  };
}
