import { expect, it } from 'vitest';
import { createHistoryEnd } from './history-end.ts';

function watched() {
  let pings = 0;
  let found = 0;
  const end = createHistoryEnd({ sendPing: () => pings++, onFound: () => found++ });
  return { end, pings: () => pings, found: () => found };
}

it('is found by the answer to a question that was asked after all that came', () => {
  const { end, found, pings } = watched();
  end.begin();
  end.message();
  end.pong();
  expect([found(), pings()]).toEqual([0, 2]);
  end.message();
  end.message();
  end.pong();
  expect([found(), pings()]).toEqual([0, 3]);
  end.pong();
  expect([found(), end.isFound()]).toEqual([1, true]);
});

it('takes no answer to an earlier question for it, and is found once', () => {
  const { end, found } = watched();
  end.ping();
  end.ping();
  end.begin();
  end.pong();
  end.pong();
  expect(found()).toBe(0);
  end.pong();
  expect(found()).toBe(1);
  end.ping();
  end.pong();
  expect(found()).toBe(1);
});

it('is not looked for before anything is subscribed', () => {
  const { end, found } = watched();
  end.ping();
  end.pong();
  expect(found()).toBe(0);
});
