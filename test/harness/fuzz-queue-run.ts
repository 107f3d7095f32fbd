import { createFollower } from '../../src/queue/follow.ts';
import { createLifeline } from '../../src/queue/lifeline.ts';
import { type QueueEvent, QueueEventSchema } from '../../src/shared/queue-event.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { chanceOf } from './crash-chance.ts';
import { SECRET } from './fuzz-queue-mutate.ts';
import type { FuzzedLink } from './fuzz-queue-readers.ts';

export interface QueueFuzzResult {
  readonly messages: number;
  readonly events: number;
  readonly refused: number;
  readonly logLines: number;
  /** What the process held more at the end than after the first tenth. */
  readonly grownBytes: number;
  readonly wrong: readonly string[];
}

const WRONG_LIMIT = 10;

/** Right messages, bent; each goes the whole way from what came over the wire to what leaves the link. */
export function fuzzQueueLink(
  fuzzed: FuzzedLink,
  options: { readonly messages: number; readonly seed: number },
): QueueFuzzResult {
  const clock = createFakeClock();
  const chance = chanceOf(options.seed);
  const wrong: string[] = [];
  let logLines = 0;
  let events = 0;
  const onEvent = (event: QueueEvent) => {
    events += 1;
    if (!QueueEventSchema.safeParse(event).success) wrong.push(`an event that is none: ${event.kind}`);
  };
  const link = {
    settings: undefined,
    hall: 'H1',
    counter: '3',
    timezone: 'Asia/Shanghai',
    clock,
    onEvent,
    onState: (state: unknown) => secretIn(state),
    log: (line: unknown) => {
      logLines += 1;
      // The lifeline refuses what is no event; a follower must not make one.
      if (JSON.stringify(line).includes('eventRefused'))
        wrong.push(`a follower made no event: ${JSON.stringify(line)}`);
      secretIn(line);
    },
  };
  const secretIn = (said: unknown) => {
    if (JSON.stringify(said).includes(SECRET))
      wrong.push(`content in a log line: ${JSON.stringify(said).slice(0, 200)}`);
  };
  const door = createLifeline<'never'>({
    link,
    retry: { firstMs: 100, capMs: 1_000 },
    needsAHand: new Set(),
    reason: () => '',
    connect: () => {},
  });
  const follower = createFollower({
    system: fuzzed.name,
    hall: link.hall,
    counter: link.counter,
    timezone: link.timezone,
    nowMs: clock.nowMs,
    runId: 'fuzz',
  });
  const hear = fuzzed.create({ door, follower, link });

  let warmBytes = 0;
  for (let message = 0; message < options.messages && wrong.length < WRONG_LIMIT; message++) {
    if (message === Math.floor(options.messages / 10)) warmBytes = heldBytes();
    try {
      hear(chance);
    } catch (error) {
      wrong.push(`message ${message} threw ${error instanceof Error ? error.stack : String(error)}`);
    }
    clock.advance(80);
  }
  const { malformed, unknown } = door.counters();
  return {
    messages: options.messages,
    events,
    refused: malformed + unknown,
    logLines,
    grownBytes: heldBytes() - warmBytes,
    wrong,
  };
}

function heldBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
