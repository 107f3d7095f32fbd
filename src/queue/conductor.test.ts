import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import { type Service, ServiceKeySchema, TicketKeySchema } from '../shared/words.ts';
import { createConductor, underKeys } from './conductor.ts';

const KINDS = ['called', 'recalled', 'served', 'skipped', 'transferred'] as const;
type Kind = (typeof KINDS)[number];

/** Links by letter: `a` leads, `b` stands in, `h` is a clerk's hand. */
const LINKS = { a: 0, b: 1, h: 2 } as const;
type Link = keyof typeof LINKS;

function hall() {
  const clock = createFakeClock();
  const conductor = createConductor({
    links: [{ byHand: false }, { byHand: false }, { byHand: true }],
    counter: '3',
    runId: 'run',
    nowMs: clock.nowMs,
  });
  let ids = 0;
  const base = () => ({ id: `e${++ids}`, counter: '3', atMs: clock.nowMs() });
  const shorter = (passed: readonly { event: QueueEvent; keys?: Parameters<typeof underKeys>[1] }[]) =>
    passed.map(({ event, keys }) => {
      const under = underKeys(event, keys);
      return 'service' in under ? `${under.kind} ${under.service.serviceKey}` : under.kind;
    });
  return {
    clock,
    conductor,
    /** What goes to the session, and why nothing does. */
    say(link: Link, kind: Kind, service: Service, statedMs?: number): string {
      const said = conductor.event(LINKS[link], {
        ...base(),
        ...(statedMs === undefined ? {} : { atMs: statedMs, stated: true as const }),
        kind,
        service,
      });
      return [...shorter(said.passed), said.unheeded, said.disagree && 'disagree'].filter(Boolean).join(' ');
    },
    operate: (link: Link, kind: 'paused' | 'resumed' | 'reset') =>
      shorter(conductor.event(LINKS[link], { ...base(), kind }).passed),
    gone: (link: Link) =>
      shorter(conductor.event(LINKS[link], { ...base(), kind: 'reset', nothingOpen: true }).passed),
    become(link: Link, state: LinkState['state']) {
      const sinceMs = clock.nowMs();
      const now: LinkState = state === 'lost' ? { state, sinceMs, reason: '断' } : { state, sinceMs };
      return shorter(conductor.state(LINKS[link], now));
    },
  };
}

/** The same ticket as two systems name it. */
const named = (by: Link, ticketNumber?: string, serial = ticketNumber ?? ''): Service => ({
  serviceKey: ServiceKeySchema.parse(`${by}/${serial}`),
  ticketKey: TicketKeySchema.parse(`ticket/${by}/${serial}`),
  ...(ticketNumber === undefined ? {} : { ticketNumber }),
  manual: by === 'h',
});

describe('one leads', () => {
  it('what the other one says meanwhile is heard and not handed on', () => {
    const { say } = hall();
    expect(say('a', 'called', named('a', 'A001'))).toBe('called a/A001');
    expect(say('b', 'called', named('b', 'A001'))).toBe('notLeading');
    expect(say('b', 'served', named('b', 'A001'))).toBe('notLeading');
    expect(say('a', 'served', named('a', 'A001'))).toBe('served a/A001');
  });

  it('two tickets at one counter: the leading link is believed, and it is counted, once', () => {
    const { say, conductor } = hall();
    say('a', 'called', named('a', 'A001'));
    expect(say('b', 'called', named('b', 'B007'))).toBe('notLeading');
    expect(say('b', 'served', named('b', 'B007'))).toBe('notLeading');
    expect(say('b', 'called', named('b', 'A001'))).toBe('notLeading');
    expect(conductor.disagreements()).toBe(0);
    say('b', 'called', named('b', 'B007'));
    expect(say('b', 'called', named('b', 'B008'))).toBe('notLeading disagree');
    expect(conductor.disagreements()).toBe(1);
  });

  it('one that is a moment ahead does not disagree', () => {
    const { say, conductor } = hall();
    for (const number of ['A001', 'A002', 'A003']) {
      say('b', 'called', named('b', number));
      say('a', 'called', named('a', number));
    }
    expect(conductor.disagreements()).toBe(0);
  });

  it('is silent about who leads while it is only connecting', () => {
    const { become, say, conductor } = hall();
    become('a', 'connecting');
    expect(say('b', 'served', named('b', 'A001'))).toBe('notLeading');
    expect(conductor.isLost()).toBe(false);
  });
});

describe('the leading one is lost', () => {
  it('the next one goes on with the same ticket, known by its number', () => {
    const { say, become } = hall();
    say('a', 'called', named('a', 'A 001'));
    say('b', 'called', named('b', 'a001'));
    expect(become('a', 'lost')).toEqual([]);
    expect(say('b', 'served', named('b', 'a001'))).toBe('served a/A 001');
  });

  it('or by its ticket key, though it counts handlings otherwise', () => {
    const { say, become } = hall();
    const ticketKey = TicketKeySchema.parse('one');
    say('a', 'called', { ...named('a', undefined, 'x'), ticketKey });
    become('a', 'lost');
    expect(say('b', 'served', { ...named('b', undefined, 'y'), ticketKey })).toBe('served a/x');
  });

  it('what it said in the moments before anybody knew is not lost', () => {
    const { say, become } = hall();
    say('a', 'called', named('a', 'A001'));
    say('b', 'called', named('b', 'A001'));
    say('b', 'called', named('b', 'A002'));
    say('b', 'served', named('b', 'A002'));
    expect(become('a', 'lost')).toEqual(['served b/A002']);
  });

  it('the same event, said by both around the loss, is one', () => {
    const { say, become } = hall();
    say('a', 'called', named('a', 'A001'));
    say('a', 'served', named('a', 'A001'));
    become('a', 'lost');
    expect(say('b', 'called', named('b', 'A001'))).toBe('twin');
    expect(say('b', 'served', named('b', 'A001'))).toBe('twin');
    expect(say('b', 'recalled', named('b', 'A001'))).toBe('recalled a/A001');
  });

  it('one that is behind does not bring the citizen before back', () => {
    const { say, become } = hall();
    say('a', 'called', named('a', 'A001'));
    say('b', 'called', named('b', 'A001'));
    say('a', 'called', named('a', 'A002'));
    expect(become('a', 'lost')).toEqual([]);
    expect(say('b', 'served', named('b', 'A001'))).toBe('behind');
    expect(say('b', 'called', named('b', 'A002'))).toBe('twin');
    expect(say('b', 'called', named('b', 'A003'))).toBe('called b/A003');
  });

  it('a ticket that nobody can tell from the one that was open is not asked about under another name', () => {
    const { say, become } = hall();
    say('a', 'called', named('a', undefined, 'x'));
    say('b', 'called', named('b', undefined, 'y'));
    become('a', 'lost');
    expect(say('b', 'served', named('b', undefined, 'y'))).toBe('behind');
    expect(say('b', 'called', named('b', undefined, 'z'))).toBe('called b/z');
    expect(say('b', 'served', named('b', undefined, 'z'))).toBe('served b/z');
  });

  it('a number means another ticket hours later', () => {
    const { say, become, clock } = hall();
    say('a', 'called', named('a', 'A001'));
    say('a', 'called', named('a', 'A002'));
    clock.advance(20 * 3_600_000);
    become('a', 'lost');
    expect(say('b', 'called', named('b', 'A001', 'next-day'))).toBe('called b/next-day');
  });

  it('a pause that the next one knows of holds from then on', () => {
    const { operate, become } = hall();
    operate('b', 'paused');
    expect(become('a', 'lost')).toEqual(['paused']);
    operate('a', 'resumed');
    expect(become('a', 'ready')).toEqual(['resumed']);
  });

  it('a reset ends a pause, a ticket that is gone does not', () => {
    const { operate, gone, become } = hall();
    for (const link of ['a', 'b'] as const) operate(link, 'paused');
    expect([...gone('a'), ...gone('b')]).toEqual(['reset']);
    expect(become('a', 'lost')).toEqual([]);
    operate('b', 'reset');
    expect(become('a', 'ready')).toEqual(['paused']);
  });

  it('comes back and is believed at once; what the other one named first keeps its name', () => {
    const { say, become, conductor } = hall();
    become('a', 'lost');
    expect(say('b', 'called', named('b', 'A005'))).toBe('called b/A005');
    expect(become('a', 'ready')).toEqual([]);
    expect(say('a', 'called', named('a', 'A005'))).toBe('twin');
    expect(say('a', 'served', named('a', 'A005'))).toBe('served b/A005');
    const key = ServiceKeySchema.parse('b/A005');
    expect([conductor.keyAt(0, key), conductor.keyAt(1, key)]).toEqual(['a/A005', 'b/A005']);
    expect(say('b', 'called', named('b', 'A006'))).toBe('notLeading');
  });

  it('nothing of the queue side is left: it is lost, until one is back', () => {
    const { become, conductor } = hall();
    become('a', 'lost');
    expect(conductor.isLost()).toBe(false);
    become('b', 'lost');
    expect(conductor.isLost()).toBe(true);
    become('b', 'ready');
    expect(conductor.isLost()).toBe(false);
  });
});

describe('a clerk’s hand', () => {
  it('is heard where the queue side has nothing open, and not beside a ticket', () => {
    const { say, conductor } = hall();
    expect(say('h', 'served', named('h', 'M1'))).toBe('served h/M1');
    say('a', 'called', named('a', 'A001'));
    expect(say('h', 'served', named('h', 'M2'))).toBe('handBusy');
    conductor.finished(named('a', 'A001').serviceKey);
    expect(say('h', 'served', named('h', 'M3'))).toBe('served h/M3');
  });

  it('never gets the key of a served ticket by typing its number, nor the other way round', () => {
    const { say, become } = hall();
    say('a', 'called', named('a', 'A001'));
    become('a', 'lost');
    become('b', 'lost');
    expect(say('h', 'served', named('h', 'A001'))).toBe('served h/A001');
    expect(say('h', 'served', named('h', 'A002'))).toBe('served h/A002');
    become('a', 'ready');
    expect(say('a', 'served', named('a', 'A001'))).toBe('served a/A001');
    expect(say('a', 'called', named('a', 'A002'))).toBe('called a/A002');
  });

  it('is heard whatever was open when the queue side was lost', () => {
    const { say, become } = hall();
    say('a', 'called', named('a', 'A001'));
    become('a', 'lost');
    become('b', 'lost');
    expect(say('h', 'served', named('h', 'M1'))).toBe('served h/M1');
  });
});

it('what happened before something that was said already is not handed on', () => {
  const { say, clock } = hall();
  const t = clock.nowMs();
  expect(say('a', 'served', named('a', 'A001'), t + 2)).toBe('served a/A001');
  expect(say('a', 'called', named('a', 'A001'), t + 1)).toBe('late');
  expect(say('a', 'called', named('a', 'A002'), t + 5)).toBe('called a/A002');
  expect(say('a', 'served', named('a', 'A001'), t + 4)).toBe('late');
});

it('whatever two links say in whatever order: no service twice, and nothing older than what was shown', () => {
  const act = fc.record({
    link: fc.constantFrom('a' as const, 'b' as const),
    do: fc.constantFrom('next', 'serve', 'lose', 'regain'),
    lag: fc.nat({ max: 3 }),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), (acts) => {
      const { conductor, clock } = hall();
      // One counter; each link tells of it with its own delay, in order; a lost one tells nothing.
      let at = 0;
      let ids = 0;
      const told = { a: 0, b: 0 };
      const lost = { a: false, b: false };
      const happened: { kind: Kind; number: string }[] = [];
      const passed: string[] = [];
      let newest = 0;
      const take = (events: readonly { event: QueueEvent }[]) => {
        for (const { event } of events) {
          if (!('service' in event)) continue;
          const number = Number(event.service.ticketNumber);
          passed.push(`${event.kind} ${number}`);
          // The leading link is believed whatever it says; one that stands in never goes back.
          if (event.service.serviceKey.startsWith('b/')) expect(number).toBeGreaterThanOrEqual(newest);
          newest = Math.max(newest, number);
        }
      };
      for (const one of acts) {
        clock.advance(1000);
        if (one.do === 'next') happened.push({ kind: 'called', number: String(++at) });
        if (one.do === 'serve' && at > 0 && happened.at(-1)?.kind === 'called')
          happened.push({ kind: 'served', number: String(at) });
        if (one.do === 'lose' || one.do === 'regain') {
          lost[one.link] = one.do === 'lose';
          const sinceMs = clock.nowMs();
          take(
            conductor.state(
              LINKS[one.link],
              lost[one.link] ? { state: 'lost', sinceMs, reason: '断' } : { state: 'ready', sinceMs },
            ),
          );
        }
        for (const link of ['a', 'b'] as const) {
          const until = Math.max(told[link], happened.length - (link === one.link ? one.lag : 0));
          for (const { kind, number } of happened.slice(told[link], until))
            if (!lost[link])
              take(
                conductor.event(LINKS[link], {
                  id: `e${++ids}`,
                  counter: '3',
                  atMs: clock.nowMs(),
                  kind,
                  service: named(link, number),
                }).passed,
              );
          told[link] = until;
        }
      }
      expect(new Set(passed).size).toBe(passed.length);
    }),
    { numRuns: 500 },
  );
});
