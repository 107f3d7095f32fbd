import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import { Ff68CallerSettingsSchema } from './ff68-caller/settings.ts';
import type { CallerKey } from './ff68-caller.ts';
import { createFf68CallerLink } from './ff68-caller.ts';

function bus(settings: Record<string, unknown> = {}, parts: { counter?: string; line?: boolean } = {}) {
  // 2026-05-06 09:00 at the hall.
  const clock = createFakeClock(Date.UTC(2026, 4, 6, 1));
  const { counter = '3', line = true } = parts;
  const events: QueueEvent[] = [];
  const answered: number[] = [];
  const shown: string[] = [];
  let press: (key: CallerKey) => void = () => {};
  let tell: (state: LinkState | undefined) => void = () => {};
  const link = createFf68CallerLink({
    settings: Ff68CallerSettingsSchema.parse({ kind: 'ff68-caller', ...settings }),
    hall: 'H1',
    counter,
    timezone: 'Asia/Shanghai',
    clock,
    onEvent: (event) => events.push(event),
    onState: () => {},
    log: () => {},
    callers: {
      onKey(listener) {
        press = listener;
        return () => {};
      },
      onState(listener) {
        tell = listener;
        listener(line ? { state: 'ready', sinceMs: 0 } : undefined);
        return () => {};
      },
      answer: ({ key }) => answered.push(key),
      display: (_address, text) => shown.push(text),
    },
  });
  link.start();
  return {
    link,
    clock,
    events,
    answered,
    shown,
    line: (state: LinkState) => tell(state),
    key: (key: number, digits: readonly number[] = [], address = 3, afterMs = 1000) => {
      clock.advance(afterMs);
      press({ address, func: 1, key, digits });
    },
    said: () =>
      events.map((event) => ('service' in event ? `${event.kind} ${event.service.serviceKey}` : event.kind)),
  };
}

describe('numbers', () => {
  it('a typed number is the ticket’s, with a key that a restart does not change', () => {
    const one = bus({ numberPrefix: 'A', queueName: '综合受理' });
    one.key(0x0c, [2, 3]);
    one.key(0x0b);
    const other = bus({ numberPrefix: 'A', queueName: '综合受理' });
    other.key(0x0c, [2, 3]);
    expect(one.events[0]).toMatchObject({
      kind: 'called',
      service: { ticketNumber: 'A023', queueName: '综合受理', manual: false },
    });
    expect(one.said()[1]?.replace('served', 'called')).toBe(one.said()[0]);
    expect(other.said()[0]).toBe(one.said()[0]);
    expect(one.shown).toEqual(['A023']);
  });

  it('without a number each call is a service of its own, also in another run', () => {
    const keys = [bus(), bus()].flatMap((run) => {
      run.key(0x0c);
      run.key(0x0c);
      return run.said();
    });
    expect(new Set(keys).size).toBe(4);
    expect(bus().events).toEqual([]);
  });

  it('counts on from a typed number where the site wants it, not over one that was called, and not into the next day', () => {
    const { key, events, clock } = bus({ numbering: 'count' });
    const number = () => {
      const event = events.at(-1);
      return event && 'service' in event ? event.service.ticketNumber : undefined;
    };
    key(0x0c);
    expect(number()).toBeUndefined();
    key(0x0c, [1, 2]);
    key(0x0c, [1, 0]);
    key(0x0c);
    expect(number()).toBe('011');
    key(0x0c);
    expect(number()).toBe('013');
    clock.advance(24 * 3_600_000);
    key(0x0c);
    expect(number()).toBeUndefined();
  });

  it('one number a day is one ticket; only one that came back from another counter is handled anew', () => {
    const { key, said } = bus();
    key(0x0c, [7]);
    key(0x0b);
    key(0x0c, [8]);
    key(0x0c, [7]);
    expect(said()[3]).toBe(said()[0]);
    key(0x13);
    key(0x0c, [7]);
    expect(said().at(-1)).toBe(`${said()[0]?.slice(0, -1)}2`);
  });
});

it('where numbers repeat, an ended one is another ticket, and one that goes on is not', () => {
  const { key, said } = bus({ numbersRepeat: true });
  key(0x0c, [1]);
  key(0x0c, [1]);
  key(0x0f, [0]);
  key(0x0c, [1]);
  key(0x0b);
  key(0x0c, [2]);
  key(0x0c, [1]);
  const keys = said().map((text) => text.split(' ')[1]);
  expect(new Set(keys.slice(0, 5)).size).toBe(1);
  expect(new Set(keys).size).toBe(3);
});

describe('a line that was gone', () => {
  const away = (one: ReturnType<typeof bus>, forMs = 60_000) => {
    one.line({ state: 'lost', sinceMs: 0, reason: '' });
    one.clock.advance(forMs);
    one.line({ state: 'ready', sinceMs: 0 });
  };

  it('may have kept a call from us: "please rate" after it bears no number that could be somebody else’s', () => {
    const one = bus();
    one.key(0x0c, [7]);
    one.key(0x0b);
    away(one);
    one.key(0x0b);
    one.key(0x0b);
    const keys = one.said().map((text) => text.split(' ')[1]);
    expect(new Set(keys).size).toBe(2);
    expect(one.events.at(-1)).toMatchObject({ kind: 'served', counter: '3' });
    expect(one.events.at(-1)).not.toHaveProperty('service.ticketNumber');
    expect(one.said()).toHaveLength(3);
  });

  it('so shortly that nobody can have been called and be through since: the ticket is the one it was', () => {
    const one = bus();
    one.key(0x0c, [7]);
    one.key(0x0b);
    one.key(0x0d);
    away(one, 600);
    one.key(0x0b, [], 3, 6_000);
    const keys = one.said().map((text) => text.split(' ')[1]);
    expect(new Set(keys).size).toBe(1);
    expect(one.said()).toHaveLength(4);
  });

  it('so shortly that it was recalled since: who is finished later is that one', () => {
    const one = bus();
    one.key(0x0c, [7]);
    one.key(0x0b);
    away(one, 5_000);
    one.key(0x0d, [], 3, 2_000);
    one.key(0x0b, [], 3, 50_000);
    expect(one.said().map((text) => text.split(' ')[0])).toEqual(['called', 'served', 'recalled', 'served']);
    expect(new Set(one.said().map((text) => text.split(' ')[1])).size).toBe(1);
  });

  it('leaves no ticket to be called again, sent on or given up', () => {
    const one = bus();
    one.key(0x0c, [7]);
    away(one);
    for (const key of [0x0d, 0x13]) one.key(key);
    one.key(0x0f, [6]);
    expect(one.said()).toHaveLength(1);
    expect(one.answered).toEqual([0x0c]);
  });

  it('is over with the next call', () => {
    const one = bus();
    away(one);
    one.key(0x0c, [8]);
    one.key(0x0b);
    expect(one.events.at(-1)).toMatchObject({ kind: 'served', service: { ticketNumber: '008' } });
  });

  it('means nothing before it was there at all: "please rate" without a call is no service', () => {
    const one = bus();
    one.key(0x0b);
    expect(one.said()).toEqual([]);
  });
});

describe('a day at the keypad', () => {
  it('whoever calls the next is not on a break: a pause that the tablet misunderstood ends with the call', () => {
    const { key, said } = bus();
    // The clerk ends a break; this tablet was started in the middle of it and takes the key for its beginning.
    key(0x12);
    key(0x0b);
    expect(said()).toEqual(['paused']);
    key(0x0c, [7]);
    expect(said().slice(1)).toEqual(['resumed', expect.stringMatching(/^called /)]);
    key(0x12);
    expect(said().at(-1)).toBe('paused');
  });

  it.each([
    ['asks for a rating', 0x0b, 'served'],
    ['recalls', 0x0d, 'recalled'],
  ])(
    'nor is whoever %s: the key that began the pause was lost with the line, and the one that ended it began it',
    (_, code, kind) => {
      const { key, said } = bus();
      key(0x0c, [7]);
      key(0x12);
      key(code);
      expect(said().slice(1)).toEqual(['paused', 'resumed', expect.stringMatching(new RegExp(`^${kind} `))]);
    },
  );

  it('calls, recalls, gives up, suspends, calls back, sends on, pauses', () => {
    const { key, events } = bus();
    key(0x0c, [1]);
    key(0x0d);
    key(0x0f, [0]);
    key(0x0c, [2]);
    key(0x0f, [6]);
    key(0x0f, [3]);
    key(0x13);
    key(0x12);
    key(0x12);
    expect(events.map(({ kind }) => kind)).toEqual([
      'called',
      'recalled',
      'skipped',
      'called',
      'skipped',
      'called',
      'transferred',
      'paused',
      'resumed',
    ]);
    const keyAt = (at: number) => {
      const event = events[at];
      return event && 'service' in event ? event.service.serviceKey : undefined;
    };
    expect(keyAt(5)).toBe(keyAt(0));
  });

  it('"please rate" twice is one request; after a recall it is another', () => {
    const { key, events, link } = bus();
    key(0x0c, [1]);
    key(0x0b);
    key(0x0b);
    expect(link.counters().duplicates).toBe(1);
    key(0x0d);
    key(0x0b);
    expect(events.map(({ kind }) => kind)).toEqual(['called', 'served', 'recalled', 'served']);
  });

  it('"please rate" without a call opens nothing, unless the site wants it', () => {
    const strict = bus();
    strict.key(0x0b);
    expect([strict.events.length, strict.answered.length, strict.link.counters().unknown]).toEqual([0, 0, 1]);
    const loose = bus({ evaluateWithoutCall: true });
    loose.key(0x0b);
    loose.key(0x0b);
    expect(loose.events.map(({ kind }) => kind)).toEqual(['served']);
  });

  it('clerks log in and out with program B', () => {
    const { key, events } = bus({ functions: 'B' });
    key(0x0f, [1, 0]);
    key(0x0f, [4]);
    expect(events).toMatchObject([{ kind: 'clerkOn', clerk: { number: '10' } }, { kind: 'clerkOff' }]);
    key(0x0c, [7]);
    expect(events[2]).not.toHaveProperty('service.clerk');
    key(0x0f, [1, 0]);
    expect(events[3]).toMatchObject({ kind: 'clerkOn', clerk: { number: '10' } });
    key(0x0b);
    expect(events[4]).toMatchObject({ kind: 'served', service: { clerk: { number: '10' } } });
  });

  it('answers what it took, and nothing where another host does', () => {
    const { key, answered } = bus();
    key(0x0c);
    key(0x44);
    key(0x0c, [], 4);
    expect(answered).toEqual([0x0c]);
    const listening = bus({ answersKeys: false });
    listening.key(0x0c, [5]);
    expect([listening.answered, listening.shown]).toEqual([[], []]);
  });
});

describe('what is wrong', () => {
  it.each([
    ['no port of this kind', {}, { line: false }, 'buttons'],
    ['a counter whose name is no address', {}, { counter: 'A区' }, 'address'],
  ])('%s is said with its remedy', (_, settings, parts, remedy) => {
    const { link } = bus(settings, parts);
    const state = link.state();
    expect(state.state === 'lost' ? state.reason : '').toMatch(new RegExp(`请.*${remedy}`));
  });

  it('the line’s own reason is passed on, and the ticket outlives the loss', () => {
    const { link, line, key, events } = bus();
    key(0x0c, [1]);
    line({ state: 'lost', sinceMs: 0, reason: '串口不见了，请检查。' });
    expect(link.state()).toMatchObject({ state: 'lost', reason: expect.stringContaining('串口不见了') });
    line({ state: 'ready', sinceMs: 0 });
    expect(link.state().state).toBe('ready');
    key(0x0b);
    expect(events.at(-1)?.kind).toBe('served');
  });

  it('a flood is cut off and counted', () => {
    const { key, link, events } = bus();
    key(0x0c, [1]);
    for (let n = 0; n < 500; n++) key(0x0d, [], 3, 1);
    expect(link.counters().floods).toBeGreaterThan(300);
    expect(events.length).toBeLessThan(200);
  });
});
