import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { createFakeClock } from '../../../test/support/fake-clock.ts';
import { until } from '../../../test/support/until.ts';
import type { Db } from '../db/db.ts';
import { PROVINCE_LIMITS } from '../limits.ts';
import { silentLog } from '../log.ts';
import { createLiveFeed } from './feed.ts';

/** A database that answers when the test says so. */
function slowDb() {
  const waiting: ((rows: readonly object[] | Error) => void)[] = [];
  let most = 0;
  let asked = 0;
  const db: Db = {
    kind: 'postgresql',
    query: <Row extends object>() =>
      new Promise<readonly Row[]>((resolve, reject) => {
        asked += 1;
        waiting.push((rows) => (rows instanceof Error ? reject(rows) : resolve(rows as readonly Row[])));
        most = Math.max(most, waiting.length);
      }),
    script: async () => {},
    transaction: () => Promise.reject(new Error('the live page changes nothing')),
    close: async () => {},
  };
  return {
    db,
    get most() {
      return most;
    },
    get asked() {
      return asked;
    },
    get waiting() {
      return waiting.length;
    },
    answer(with_: readonly object[] | Error = []) {
      waiting.shift()?.(with_);
    },
  };
}

function page() {
  const written: string[] = [];
  const response = Object.assign(new EventEmitter(), {
    writableLength: 0,
    write: (text: string) => written.push(text) > 0,
    end: () => response.emit('close'),
  });
  return {
    response: response as unknown as ServerResponse,
    states: () => written.filter((text) => text.startsWith('event: state')),
    close: () => response.emit('close'),
  };
}

const clock = createFakeClock();
const feedOf = (db: Db) => createLiveFeed({ db, clock, log: silentLog, limits: PROVINCE_LIMITS });
let feed: ReturnType<typeof feedOf>;
afterEach(() => feed.close());

/** Answers until a state has been written to this page as many times. */
async function answerUntil(slow: ReturnType<typeof slowDb>, one: ReturnType<typeof page>, states: number) {
  await until(() => {
    if (one.states().length < states) slow.answer();
    expect(one.states()).toHaveLength(states);
  });
}

async function opened(slow: ReturnType<typeof slowDb>) {
  const one = page();
  const attached = feed.attach(one.response, undefined);
  await answerUntil(slow, one, 1);
  expect(await attached).toBe(true);
  return one;
}

it('asks the database one thing at a time, however much changes while it answers', async () => {
  const slow = slowDb();
  feed = feedOf(slow.db);
  const one = await opened(slow);
  const before = slow.asked;
  feed.changed([]);
  clock.advance(PROVINCE_LIMITS.liveGatherMs);
  await until(() => expect(slow.waiting).toBe(1));
  for (let i = 0; i < 40; i++) {
    feed.changed([]);
    clock.advance(PROVINCE_LIMITS.liveGatherMs);
  }
  clock.advance(PROVINCE_LIMITS.heartbeatMs);
  await new Promise((resolve) => setImmediate(resolve));
  expect(slow.asked - before).toBe(1);

  await answerUntil(slow, one, 2);
  // What changed meanwhile is told once more, and then there is nothing left to tell.
  clock.advance(PROVINCE_LIMITS.liveGatherMs);
  await answerUntil(slow, one, 3);
  const told = slow.asked;
  clock.advance(PROVINCE_LIMITS.liveGatherMs * 4);
  expect(slow.waiting).toBe(0);
  expect(slow.asked).toBe(told);
  expect(slow.most).toBe(1);
});

it('takes pages that open at the same time one after the other, and leaves out those that are gone again', async () => {
  const slow = slowDb();
  feed = feedOf(slow.db);
  const pages = Array.from({ length: 20 }, page);
  const attached = pages.map((one) => feed.attach(one.response, undefined));
  const [first, ...rest] = pages;
  const last = rest.pop();
  for (const one of rest) one.close();
  if (!first || !last) throw new Error('twenty pages were opened');
  await until(() => {
    slow.answer();
    expect([first.states().length, last.states().length]).toEqual([1, 1]);
  });
  await Promise.all(attached);
  expect(slow.most).toBe(1);
  const asked = slow.asked;
  expect(rest.flatMap((one) => one.states())).toEqual([]);
  const again = page();
  const one = feed.attach(again.response, undefined);
  await answerUntil(slow, again, 1);
  await one;
  // A page costs what a page costs: those that had gone cost nothing.
  expect(asked).toBe(2 * (slow.asked - asked));
});

it('a database that fails once leaves the page to the next change', async () => {
  const slow = slowDb();
  feed = feedOf(slow.db);
  const one = await opened(slow);
  feed.changed([]);
  clock.advance(PROVINCE_LIMITS.liveGatherMs);
  await until(() => expect(slow.waiting).toBe(1));
  slow.answer(new Error('Connection terminated'));
  await until(() => {
    feed.changed([]);
    clock.advance(PROVINCE_LIMITS.liveGatherMs);
    slow.answer();
    expect(one.states().length).toBeGreaterThan(1);
  });
});
