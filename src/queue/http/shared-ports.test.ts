import { expect, it } from 'vitest';
import type { HttpAnswer } from './listener.ts';
import { askAll, createSharedPorts, type Hearer } from './shared-ports.ts';

const HEAD = {
  method: 'POST',
  path: '/queue',
  query: new URLSearchParams(),
  target: '/queue',
  header: () => undefined,
};
const REQUEST = { ...HEAD, body: Buffer.alloc(0) };

function hearer(name: string, whole: number, atHead?: number) {
  const asked: string[] = [];
  const answer = (status: number): HttpAnswer => ({ status, body: { name } });
  const one: Hearer = {
    refuse: () => (atHead === undefined ? undefined : answer(atHead)),
    answer() {
      asked.push(name);
      return answer(whole);
    },
  };
  return { one, asked };
}

function answered(...hearers: readonly [Hearer, ...Hearer[]]): HttpAnswer {
  const heard = askAll(hearers, HEAD);
  return heard.refused ?? heard.answer(REQUEST);
}

it('whoever knows the key answers, the link in service first, and all who know it hear', () => {
  const service = hearer('service', 200);
  const trial = hearer('trial', 200);
  expect(answered(service.one, trial.one).body).toEqual({ name: 'service' });
  expect([service.asked, trial.asked]).toEqual([['service'], ['trial']]);
});

it('a request by the new key alone is the trial’s, whether the head tells or only the whole', () => {
  expect(answered(hearer('service', 200, 401).one, hearer('trial', 200).one).body).toEqual({ name: 'trial' });
  expect(answered(hearer('service', 401).one, hearer('trial', 200).one).body).toEqual({ name: 'trial' });
});

it('what nobody knows is refused as the link in service would', () => {
  const trial = hearer('trial', 200, 401);
  expect(answered(hearer('service', 200, 404).one, trial.one)).toMatchObject({ status: 404 });
  expect(answered(hearer('service', 409).one, hearer('trial', 401).one)).toMatchObject({ status: 409 });
  expect(trial.asked).toEqual([]);
});

it('a guest is let in where the same may come, and is told when nobody listens any more', () => {
  const ports = createSharedPorts();
  const place = { host: '127.0.0.1', port: 8080, allowFrom: [] };
  const left: string[] = [];
  const guest = (name: string) => ({ ...hearer(name, 200).one, onLeft: () => left.push(name) });
  expect(ports.join(place, guest('early'))).toBeUndefined();
  const room = ports.open(place);
  expect(ports.join({ ...place, allowFrom: ['10.0.0.5'] }, guest('other'))).toBeUndefined();
  const leave = ports.join(place, guest('one'));
  ports.join(place, guest('two'));
  expect(room.guests()).toHaveLength(2);
  leave?.();
  room.close();
  expect(left).toEqual(['two']);
  expect(ports.join(place, guest('late'))).toBeUndefined();
});
