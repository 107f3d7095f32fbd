import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LinkLog, LinkParts, QueueLink } from '../../src/queue/links.ts';
import type { LinkState, QueueEvent } from '../../src/shared/queue-event.ts';
import { type ServiceKey, ServiceKeySchema } from '../../src/shared/words.ts';
import { until } from '../support/until.ts';

/** What a queue-calling system can say at all; promises about the rest are not asked of its link. */
export interface QueueAbilities {
  /** It tells of calls, recalls, skips and transfers, and can be asked for the present state. */
  readonly calls: boolean;
  /** It wants to know whether a service was rated. */
  readonly results: boolean;
  /** It has words for pause, resume and reset. Default true; else the peer has `settled`. */
  readonly operates?: boolean;
  /** It can ask twice for the same rating. Default true; a list that is looked at says everything again anyway. */
  readonly repeats?: boolean;
  /** It tells of a transfer whenever there is one. Default as `calls`. */
  readonly transfers?: boolean;
  /** It has a word for "back to the beginning". Default as `operates`. */
  readonly resets?: boolean;
  /** What happened while nobody could hear it is still there afterwards. Default true. */
  readonly remembers?: boolean;
  /** A line that is merely silent can be told from one that is dead. Default true. */
  readonly noticesSilence?: boolean;
  /** There is a line that can be lost. Default true. */
  readonly line?: boolean;
  /** A clerk's hand is the system. Default false. */
  readonly byHand?: boolean;
}

/** The queue-calling system a link is held against, whatever it speaks. */
export interface QueuePeer {
  callNext(): void;
  recall(): void;
  /** Finishes the open ticket: please rate. Opens one first where nothing was called. */
  served(): void;
  /** Sends the last request to rate once more. */
  repeat(): void;
  skip(): void;
  transfer(): void;
  pause(): void;
  resume(): void;
  reset(): void;
  /** The network or the service goes away, with or without a goodbye, and comes back. */
  lose(how: 'refuse' | 'freeze'): void;
  regain(): void;
  restart(): Promise<void>;
  /** The last thing a link told it of a rating, as the text that went over the wire. */
  lastResult(): string | undefined;
  /** Settles when everything said before has been dealt with by the link; for systems that have no pause to wait for. */
  settled?(): Promise<void>;
  /** Calls back whenever something arrived or changed at the queue system. */
  onChange(listener: () => void): void;
  stop(): Promise<void>;
}

export interface QueueLinkHarness {
  readonly peer: QueuePeer;
  createLink(parts: Pick<LinkParts<unknown>, 'onEvent' | 'onState' | 'onStateTold' | 'log'>): QueueLink;
}

/** Everything a link said, and a way to wait for it without guessing how long that takes. */
export function createRecorder() {
  const events: QueueEvent[] = [];
  const states: LinkState[] = [];
  const lines: LinkLog[] = [];
  const waiting = new Set<() => void>();
  let statesTold = 0;
  const poke = () => {
    for (const look of [...waiting]) look();
  };
  return {
    events,
    states,
    lines,
    poke,
    kinds: (): readonly string[] =>
      events.map((event) => event.kind).filter((kind) => !kind.startsWith('clerk')),
    onEvent: (event: QueueEvent) => {
      events.push(event);
      poke();
    },
    onState: (state: LinkState) => {
      states.push(state);
      poke();
    },
    /** How often the link said that what is so was told. */
    statesTold: () => statesTold,
    onStateTold: () => {
      statesTold += 1;
      poke();
    },
    log: (line: LinkLog) => {
      lines.push(line);
      poke();
    },
    /** Settles as soon as `what` holds; looks whenever anything was said. */
    async until(name: string, what: () => boolean): Promise<void> {
      if (what()) return;
      await new Promise<void>((resolve, reject) => {
        const deadline = setTimeout(() => {
          waiting.delete(look);
          const said = JSON.stringify({ kinds: events.map((event) => event.kind), states, lines });
          reject(new Error(`waited in vain for: ${name}. So far: ${said}`));
        }, 8000);
        const look = () => {
          if (!what()) return;
          clearTimeout(deadline);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
      });
    },
  };
}
export type Recorder = ReturnType<typeof createRecorder>;

/** What every link promises, held against a real peer over a real wire. Links of every make run this same suite. */
export function queueLinkContract(
  name: string,
  abilities: QueueAbilities,
  createHarness: () => Promise<QueueLinkHarness>,
): void {
  describe(`${name}: what every queue link promises`, () => {
    let harness: QueueLinkHarness;
    let said: Recorder;
    let link: QueueLink;

    const count = (kind: QueueEvent['kind']) => said.events.filter((event) => event.kind === kind).length;
    const seen = (kind: QueueEvent['kind'], times = 1) =>
      said.until(`${times} × ${kind}`, () => count(kind) >= times);
    const state = (wanted: LinkState['state']) =>
      said.until(`state ${wanted}`, () => link.state().state === wanted);
    const serviceKeyOf = (kind: QueueEvent['kind']): ServiceKey => {
      const event = said.events.find((one) => one.kind === kind);
      if (!event || !('service' in event)) throw new Error(`no ${kind} with a service came`);
      return event.service.serviceKey;
    };
    /** Everything sent before this has been dealt with afterwards. */
    const settle = async () => {
      if (abilities.operates === false) return harness.peer.settled?.();
      const before = count('paused');
      harness.peer.pause();
      await seen('paused', before + 1);
    };

    beforeEach(async () => {
      harness = await createHarness();
      said = createRecorder();
      link = harness.createLink(said);
      harness.peer.onChange(said.poke);
      link.start();
      await state('ready');
    });

    afterEach(async () => {
      await link.stop();
      await harness.peer.stop();
    });

    it('a served ticket becomes one event with a key, a counter and a time', async () => {
      harness.peer.served();
      await seen('served');
      const event = said.events.find((one) => one.kind === 'served');
      expect(event).toMatchObject({ counter: '3', service: { manual: abilities.byHand === true } });
      expect(ServiceKeySchema.safeParse(serviceKeyOf('served')).success).toBe(true);
    });

    it('the same request to rate twice is one event', async () => {
      harness.peer.served();
      await seen('served');
      harness.peer.repeat();
      await settle();
      // A state that is said meanwhile may tell of the pause before the repetition has come.
      if (abilities.repeats !== false)
        await until(() => expect(link.counters().duplicates).toBeGreaterThan(0));
      expect(count('served')).toBe(1);
    });

    it('two tickets are two services', async () => {
      harness.peer.served();
      await seen('served');
      harness.peer.served();
      await seen('served', 2);
      const keys = said.events.flatMap((event) =>
        event.kind === 'served' ? [event.service.serviceKey] : [],
      );
      expect(new Set(keys).size).toBe(2);
    });

    if (abilities.operates !== false) {
      it('pauses, resumes and resets', async () => {
        harness.peer.pause();
        await seen('paused');
        const resumed = count('resumed');
        harness.peer.resume();
        await seen('resumed', resumed + 1);
        if (abilities.resets === false) return;
        harness.peer.reset();
        await seen('reset');
      });
    }

    const whereItRemembers = (title: string, run: () => Promise<void>) => {
      if (abilities.remembers !== false) it(title, run);
    };
    if (abilities.line !== false) {
      const losses =
        abilities.noticesSilence === false ? (['refuse'] as const) : (['refuse', 'freeze'] as const);
      it.each(losses)('notices a loss (%s), says what to do, and comes back by itself', async (how) => {
        harness.peer.lose(how);
        await state('lost');
        const lost = link.state();
        expect(lost.state === 'lost' ? lost.reason : '').toMatch(/请|自动重连/);
        const toldBefore = said.statesTold();
        harness.peer.regain();
        await state('ready');
        // Whoever is asked about waits for it (src/core/queue-side.ts).
        if (link.tellsState) await said.until('what is so told', () => said.statesTold() > toldBefore);
        harness.peer.served();
        await seen('served');
      });

      whereItRemembers('has what was finished while it was away, once', async () => {
        harness.peer.lose('refuse');
        await state('lost');
        harness.peer.served();
        harness.peer.regain();
        await seen('served');
        await settle();
        expect(count('served')).toBe(1);
      });

      it('a request to rate that was open when the service restarted is not opened again', async () => {
        harness.peer.served();
        await seen('served');
        await harness.peer.restart();
        await said.until('ready again', () => said.states.filter((one) => one.state === 'ready').length >= 2);
        await settle();
        expect(count('served')).toBe(1);
      });
    }

    it('is silent after it was stopped', async () => {
      await link.stop();
      const before = said.events.length + said.states.length;
      harness.peer.served();
      harness.peer.lose('refuse');
      harness.peer.regain();
      await harness.peer.restart();
      expect(said.events.length + said.states.length).toBe(before);
    });

    it('every event has an id of its own', async () => {
      harness.peer.served();
      if (abilities.operates === false) {
        harness.peer.served();
        await seen('served', 2);
      } else {
        harness.peer.pause();
        harness.peer.resume();
        harness.peer.pause();
        await seen('paused', 2);
      }
      const ids = said.events.map((event) => event.id);
      expect(new Set(ids).size).toBe(ids.length);
    });

    if (abilities.calls) {
      it('follows a ticket from call to end as one service', async () => {
        const { peer } = harness;
        peer.callNext();
        await seen('called');
        peer.recall();
        peer.served();
        await seen('served');
        expect(serviceKeyOf('served')).toBe(serviceKeyOf('called'));
      });

      it('tells of a ticket given up and of one sent to another counter', async () => {
        const { peer } = harness;
        peer.callNext();
        // Who looks now and then sees what is so, and not each step that led there.
        await seen('called');
        peer.skip();
        await seen('skipped');
        expect(serviceKeyOf('skipped')).toBe(serviceKeyOf('called'));
        if (abilities.transfers === false) return;
        peer.callNext();
        peer.transfer();
        await seen('transferred');
      });

      whereItRemembers('takes a page away whose ticket was given up while the link was down', async () => {
        const { peer } = harness;
        peer.callNext();
        await seen('called');
        peer.lose('refuse');
        await state('lost');
        peer.skip();
        peer.regain();
        // A system that keeps what happened tells of the skip itself; another only that nothing is open.
        await said.until('the page gone', () => count('reset') + count('skipped') > 0);
      });
    }

    if (abilities.results) {
      it('tells the queue side rated or not, never a level', async () => {
        const { peer } = harness;
        peer.served();
        await seen('served');
        link.report({ serviceKey: serviceKeyOf('served'), rated: true, atMs: Date.now() });
        await said.until('the result at the queue side', () => peer.lastResult() !== undefined);
        expect(peer.lastResult()).toMatch(/true/);
        expect(peer.lastResult()).not.toMatch(/level|satisf|attitude|quality|star/i);
      });
    }
  });
}
