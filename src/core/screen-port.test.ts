import { expect, it, vi } from 'vitest';
import type { CitizenHandlers, PortMessage } from '../shared/screen/contract.ts';
import { serveCitizen } from './screen-port.ts';

const INVITATION = '018f0000-0000-7000-8000-000000000001';

function served() {
  const sent: PortMessage[] = [];
  const log = vi.fn();
  const accepted = vi.fn(() => ({ accepted: true }) as const);
  const handlers: CitizenHandlers = {
    choose: accepted,
    confirm: accepted,
    tick: accepted,
    finish: accepted,
    help: accepted,
    decline: accepted,
    speak: accepted,
    corner: accepted,
  };
  let deliver: (data: unknown) => void = () => {};
  let nowMs = 0;
  serveCitizen(
    {
      postMessage: (message) => sent.push(message),
      onMessage: (listener) => {
        deliver = listener;
      },
      onClose: () => {},
    },
    { handlers, monoMs: () => nowMs, log, onClose: () => {} },
  );
  return {
    sent,
    log,
    accepted,
    deliver: (data: unknown) => deliver(data),
    wait: (ms: number) => {
      nowMs += ms;
    },
  };
}

it('answers a call that fits its schema', () => {
  const port = served();
  port.deliver({ id: 7, verb: 'choose', request: { invitation: INVITATION, level: 4 } });
  expect(port.sent).toEqual([{ type: 'reply', id: 7, reply: { accepted: true } }]);
});

it.each([
  ['no frame', 'choose'],
  ['no verb', { id: 1, verb: 'erase', request: {} }],
  ['a verb of the other direction', { id: 1, verb: 'snapshot', request: {} }],
  ['a verb of every object', { id: 1, verb: 'constructor', request: {} }],
  ['a level that does not exist', { id: 1, verb: 'choose', request: { invitation: INVITATION, level: 6 } }],
  ['a default', { id: 1, verb: 'choose', request: { invitation: INVITATION } }],
  ['more than was asked for', { id: 1, verb: 'confirm', request: { invitation: INVITATION, level: 5 } }],
  ['an extra field', { id: 1, verb: 'choose', request: {}, port: 1 }],
  ['nothing', null],
])('refuses %s, says so and calls nobody', (_what, data) => {
  const port = served();
  port.deliver(data);
  expect(port.sent).toMatchObject([{ type: 'refused' }]);
  expect(port.accepted).not.toHaveBeenCalled();
  expect(port.log).toHaveBeenCalledOnce();
});

it('takes no more from a page than a hand can do', () => {
  const port = served();
  const tap = { id: 1, verb: 'choose', request: { invitation: INVITATION, level: 4 } };
  for (let i = 0; i < 500; i++) port.deliver(tap);
  expect(port.accepted).toHaveBeenCalledTimes(50);
  port.wait(1_000);
  port.deliver(tap);
  expect(port.accepted).toHaveBeenCalledTimes(51);
});
