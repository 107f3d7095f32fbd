import { expect, it } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createKioskOnFakes } from '../../test/support/kiosk-on-fakes.ts';
import type { createQueueLink, QueueLink, QueueSettings } from '../queue/links.ts';
import type { LinkState, QueueEvent } from '../shared/queue-event.ts';
import { type Service, ServiceKeySchema } from '../shared/words.ts';
import { parseConfig } from './config.ts';
import { createQueueSide } from './queue-side.ts';

/** Two links at one counter and a session, everything between them real but the wires. */
function counter(
  whenQueueIsLost: 'manual' | 'paused' = 'manual',
  tellsState = true,
  leading?: object,
  /** Which of them first tells what happened before it was there. */
  historian?: number,
) {
  const clock = createFakeClock();
  const run = createKioskOnFakes(undefined, whenQueueIsLost);
  const rateService = { kind: 'rate-service', url: 'ws://10.0.0.5:3348', userCode: '1' };
  const parsed = parseConfig(
    JSON.stringify({
      device: 'test-03',
      hall: { id: 'H1', name: { 'zh-CN': '大厅' } },
      counter: { number: '3' },
      whenQueueIsLost,
      queue: [leading ?? rateService, rateService, { kind: 'manual' }],
    }),
    'kiosk.json',
  );
  if (!parsed.ok) throw new Error('the settings of this test are wrong');
  const made: Parameters<typeof createQueueLink>[0][] = [];
  const results: string[] = [];
  const states: LinkState[] = [];
  const createLink = (parts: (typeof made)[number]): QueueLink => {
    const at = made.push(parts) - 1;
    states.push(at === historian ? { state: 'connecting', sinceMs: 0 } : { state: 'ready', sinceMs: 0 });
    return {
      name: (parts.settings satisfies QueueSettings).kind,
      start: () => {},
      stop: async () => {},
      state: () => states[at] ?? { state: 'connecting', sinceMs: 0 },
      tellsState,
      tellsHistory: at === historian,
      ...(parts.settings.kind === 'manual' ? { invite: () => ({ accepted: true }) as const } : {}),
      report: ({ serviceKey, rated }) => results.push(`${at} ${serviceKey} ${rated}`),
      counters: () => {
        throw new Error('nobody counts here');
      },
    };
  };
  const notes: string[] = [];
  const side = createQueueSide({
    config: parsed.config,
    clock,
    runId: 'run',
    callers: { onKey: () => () => {}, onState: () => () => {}, answer: () => {}, display: () => {} },
    checked: (event) => event,
    session: () => run.kiosk,
    note: (_level, event) => notes.push(event),
    createLink,
  });
  let ids = 0;
  const service = (link: number, number: string): Service => ({
    serviceKey: ServiceKeySchema.parse(`${link}/${number}`),
    ticketNumber: number,
    manual: link === 2,
  });
  return {
    ...run,
    side,
    clock,
    notes,
    results,
    say(link: number, kind: 'called' | 'served' | 'recalled', number: string, statedMs?: number) {
      const event: QueueEvent = {
        id: `e${++ids}`,
        counter: '3',
        kind,
        service: service(link, number),
        ...(statedMs === undefined ? { atMs: clock.nowMs() } : { atMs: statedMs, stated: true }),
      };
      made[link]?.onEvent(event);
    },
    become(link: number, state: LinkState['state']) {
      const sinceMs = clock.nowMs();
      const next: LinkState = state === 'lost' ? { state, sinceMs, reason: '断' } : { state, sinceMs };
      states[link] = next;
      made[link]?.onState(next);
    },
    tell: (link: number) => made[link]?.onStateTold?.(),
    shows() {
      const screen = run.screen();
      return `${screen.name} ${'ticketNumber' in screen ? screen.ticketNumber : ''}`.trim();
    },
  };
}

it('both links say everything: one service, one invitation, each link hears of it under its own key', () => {
  const { say, kinds, side, results, shows } = counter();
  for (const link of [1, 0]) say(link, 'called', 'A001');
  for (const link of [0, 1]) say(link, 'served', 'A001');
  expect(shows()).toBe('inviting A001');
  expect(kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(1);
  side.report({ serviceKey: service0('A001'), rated: true });
  expect(results.slice(0, 2)).toEqual(['0 0/A001 true', '1 1/A001 true']);
  expect(side.states().map(({ name }) => name)).toEqual(['rate-service', 'rate-service 2', 'manual']);
});

it('the second link carries the invitation over the loss of the first, and it is not interrupted', () => {
  const { say, become, shows, kinds } = counter();
  for (const link of [0, 1]) say(link, 'called', 'A001');
  for (const link of [0, 1]) say(link, 'served', 'A001');
  become(0, 'lost');
  expect(shows()).toBe('inviting A001');
  say(1, 'called', 'A002');
  say(1, 'served', 'A002');
  expect(shows()).toBe('inviting A002');
  become(0, 'ready');
  say(0, 'called', 'A002');
  say(0, 'served', 'A002');
  expect(shows()).toBe('inviting A002');
  expect(kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(2);
});

it('links disagree: the first is believed, and it is noted', () => {
  const { say, shows, side, notes } = counter();
  say(0, 'called', 'A001');
  say(1, 'called', 'B001');
  say(1, 'called', 'B002');
  expect(shows()).toBe('serving A001');
  expect(side.unheeded()).toMatchObject({ disagree: 1, notLeading: 2 });
  expect(notes).toContain('queueDisagree');
});

it('a late word about the citizen before brings nobody’s page back', () => {
  const { say, shows, clock } = counter();
  const t = clock.nowMs();
  say(0, 'called', 'A001', t);
  say(0, 'called', 'A002', t + 2);
  say(0, 'served', 'A001', t + 1);
  expect(shows()).toBe('serving A002');
  say(0, 'served', 'A002', t + 3);
  say(0, 'recalled', 'A002', t + 2);
  expect(shows()).toBe('inviting A002');
});

it('all lost: the page goes at once; back, it waits for what is so and then goes on', () => {
  const { say, become, tell, shows, clock, kinds } = counter();
  say(0, 'called', 'A001');
  say(0, 'served', 'A001');
  become(1, 'lost');
  expect(shows()).toBe('inviting A001');
  become(0, 'lost');
  expect(shows()).toBe('idle');
  become(0, 'ready');
  clock.advance(1_900);
  expect(shows()).toBe('idle');
  tell(0);
  expect(shows()).toBe('inviting A001');
  expect(kinds().at(-1)).toBe('invitation.opened');
});

/** Somebody was being asked about A001 when all was lost; the first link is back, and has said nothing yet. */
function backAfterLoss() {
  const run = counter();
  const { say, become } = run;
  say(0, 'called', 'A001');
  say(0, 'served', 'A001');
  become(1, 'lost');
  become(0, 'lost');
  become(0, 'ready');
  return run;
}

it('back, and the next has been called meanwhile: the one before is not asked again, not for a moment', () => {
  const { say, tell, shows, clock, kinds } = backAfterLoss();
  clock.advance(1_900);
  say(0, 'called', 'A002');
  tell(0);
  expect(shows()).toBe('serving A002');
  expect(kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(1);
});

it('back, and it never says what is so: what was open is over', () => {
  const { shows, clock, kinds } = backAfterLoss();
  clock.advance(2_000);
  expect(shows()).not.toContain('inviting');
  expect(kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(1);
});

it('what a link said before it counted as back is not waited for again; what it said before its loss is', () => {
  const { say, become, tell, shows } = counter();
  say(0, 'called', 'A001');
  say(0, 'served', 'A001');
  tell(0);
  become(1, 'lost');
  become(0, 'lost');
  become(0, 'ready');
  expect(shows()).toBe('idle');
  become(0, 'lost');
  tell(0);
  become(0, 'ready');
  expect(shows()).toBe('inviting A001');
});

it('back and gone again before it said anything: nobody is asked', () => {
  const { become, shows, clock } = backAfterLoss();
  clock.advance(500);
  become(0, 'lost');
  clock.advance(10_000);
  expect(shows()).toBe('idle');
});

it('a system that cannot say what is so: what was open is over', () => {
  const { say, become, shows, clock } = counter('paused', false);
  say(0, 'called', 'A001');
  say(0, 'served', 'A001');
  become(1, 'lost');
  become(0, 'lost');
  expect(shows()).toBe('outOfService');
  become(0, 'ready');
  clock.advance(10_000);
  expect(shows()).toBe('idle');
});

function service0(number: string) {
  return ServiceKeySchema.parse(`0/${number}`);
}

it('a clerk is told at once when nothing of a hand is heard: beside an open ticket, and at a loss where the site pauses', () => {
  const { side, say, become } = counter('paused');
  const byHand = () => side.invite?.({ ticketNumber: 'M1' });
  expect(byHand()).toEqual({ accepted: true });
  say(0, 'called', 'A001');
  expect(byHand()).toEqual({ accepted: false, reason: 'queueServes' });
  become(0, 'lost');
  become(1, 'lost');
  expect(byHand()).toEqual({ accepted: false, reason: 'queueLost' });
  const { side: other, become: otherBecomes } = counter('manual');
  otherBecomes(0, 'lost');
  otherBecomes(1, 'lost');
  expect(other.invite?.({ ticketNumber: 'M1' })).toEqual({ accepted: true });
});

it('a system that knows no end of a service leaves the asking to a hand; one that does keeps it', () => {
  const fqm = {
    kind: 'http-poll',
    profile: 'fqm',
    url: 'http://10.0.0.5:5000/api/v1/tickets/',
    offices: { 1: '3' },
  };
  const { side, say, shows, kinds } = counter('manual', true, fqm);
  say(0, 'called', '101');
  expect(side.invite?.({ ticketNumber: '101' })).toEqual({ accepted: true });
  say(2, 'served', '101');
  expect(shows()).toBe('inviting 101');
  say(0, 'called', '102');
  expect(kinds().filter((kind) => kind === 'invitation.opened')).toHaveLength(1);
  expect(side.unheeded().handBusy).toBe(0);
  const { side: other, say: otherSays } = counter('manual', true, { ...fqm, processedMeans: 'served' });
  otherSays(0, 'called', '101');
  expect(other.invite?.({ ticketNumber: '101' })).toEqual({ accepted: false, reason: 'queueServes' });
});

/** The last that waited at the broker is the end of somebody who has left. */
it.each([
  ['leads', 0],
  ['stands in for one that cannot be reached', 1],
])(
  'what a link that %s tells of the time before opens no page, whether or not it says then how things stand',
  (_, link) => {
    for (const says of [true, false]) {
      const { side, say, become, tell, shows, clock, kinds, journal } = counter(
        'manual',
        true,
        undefined,
        link,
      );
      side.start();
      if (link === 1) become(0, 'lost');
      say(link, 'called', 'A001');
      say(link, 'served', 'A001');
      expect(kinds()).not.toContain('invitation.opened');
      become(link, 'ready');
      if (says) {
        say(link, 'called', 'A002');
        tell(link);
        expect(shows()).toBe('serving A002');
      } else {
        clock.advance(2_000);
        expect(shows()).toBe('idle');
      }
      expect(kinds()).not.toContain('invitation.opened');
      expect(journal.written.filter(({ kind }) => kind === 'service.notInvited')).toHaveLength(1);
      say(link, 'served', 'A003');
      expect(shows()).toBe('inviting A003');
    }
  },
);

it('back, and what is so is not said: whoever was finished since is asked', () => {
  const { side, say, become, shows, clock } = counter('manual', true, undefined, 0);
  side.start();
  become(0, 'ready');
  say(0, 'called', 'A001');
  say(0, 'served', 'A001');
  expect(shows()).toBe('idle');
  clock.advance(2_000);
  expect(shows()).toBe('inviting A001');
});

it('no clerk opens a rating before such a link is there, where the site pauses without one', () => {
  const { side, become } = counter('paused', true, undefined, 0);
  side.start();
  expect(side.invite?.({ ticketNumber: 'M1' })).toEqual({ accepted: false, reason: 'queueLost' });
  become(0, 'ready');
  expect(side.invite?.({ ticketNumber: 'M1' })).toEqual({ accepted: true });
});
