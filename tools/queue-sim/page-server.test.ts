import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { perform, type SimAction } from './actions.ts';
import { type SimPageState, startSimPage } from './page-server.ts';
import { createQueueSim, type QueueSim } from './queue-sim.ts';
import type { SimHappening, SimWire } from './wire.ts';

const STATE: SimPageState = {
  link: 'test',
  url: '',
  settings: {},
  network: '正常',
  counters: [],
  kiosk: null,
  lines: [],
};

/** A wire that only remembers what it was to say. */
function rememberingWire() {
  const said: string[] = [];
  const wire: SimWire = {
    url: '',
    settings: () => ({}),
    tell: ({ kind, counter, ticket }: SimHappening) =>
      void said.push(`${kind} ${ticket.number} at ${counter}`),
    operate: (counter, operation) => void said.push(`${operation} at ${counter}`),
    repeat: (counter) => void said.push(`repeat at ${counter}`),
    tablets: () => 0,
    raw: () => {},
    cut: (how) => void said.push(how),
    restore: () => void said.push('restore'),
    restart: async () => void said.push('restart'),
    stop: async () => {},
  };
  return { said, wire };
}

describe('the page of the simulator', () => {
  let sim: QueueSim;
  let page: Awaited<ReturnType<typeof startSimPage>>;
  let said: readonly string[];
  beforeEach(async () => {
    const remembering = rememberingWire();
    said = remembering.said;
    sim = await createQueueSim({ wire: async () => remembering.wire });
    const act = async (action: SimAction) => {
      if (action.do === 'rate' || action.do === 'decline') throw new Error('没有本机平板');
      return perform(sim, action);
    };
    page = await startSimPage({ port: 0, state: () => STATE, act });
  });
  afterEach(async () => {
    await page.stop();
    await sim.stop();
  });

  const send = async (body: unknown, headers: Readonly<Record<string, string>> = {}) => {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const answer = await fetch(`${page.url}/act`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: text,
    });
    return { status: answer.status, text: await answer.text() };
  };

  it('leads every act to the wire, in words for people', async () => {
    const answers: string[] = [];
    for (const action of [
      { do: 'call', counter: '3' },
      { do: 'recall', counter: '3' },
      { do: 'served', counter: '3' },
      { do: 'repeat', counter: '3' },
      { do: 'transfer', counter: '3', to: '4' },
      { do: 'call', counter: '4' },
      { do: 'skip', counter: '4' },
      { do: 'pause', counter: '3' },
      { do: 'resume', counter: '3' },
      { do: 'reset', counter: '3' },
      { do: 'refuse' },
      { do: 'freeze' },
      { do: 'restore' },
      { do: 'restart' },
    ]) {
      const { status, text } = await send(action);
      expect(status, text).toBe(200);
      answers.push(text);
    }
    expect(said).toEqual([
      'called A001 at 3',
      'recalled A001 at 3',
      'served A001 at 3',
      'repeat at 3',
      'transferred A001 at 3',
      'called A001 at 4',
      'skipped A001 at 4',
      'pause at 3',
      'resume at 3',
      'reset at 3',
      'refuse',
      'freeze',
      'restore',
      'restart',
    ]);
    expect(answers[0]).toContain('叫号 A001 社保参保登记');
  });

  it.each([
    ['{', 400],
    [{ do: 'dance', counter: '3' }, 400],
    [{ do: 'rate', level: 6 }, 400],
    [{ do: 'call', counter: '3', more: 1 }, 400],
    [{ do: 'call', counter: '99' }, 409],
    [{ do: 'rate', level: 5 }, 409],
    [{ do: 'call', counter: 'x'.repeat(5_000) }, 413],
  ])('refuses %j', async (body, status) => {
    expect((await send(body)).status).toBe(status);
    expect(said).toEqual([]);
  });

  it('hears no other page', async () => {
    const action = { do: 'call', counter: '3' };
    expect((await send(action, { origin: 'http://evil.example' })).status).toBe(403);
    expect((await send(JSON.stringify(action), { 'content-type': 'text/plain' })).status).toBe(415);
    expect(said).toEqual([]);
  });

  it('shows its files and what is so now', async () => {
    for (const path of ['/', '/sim.js', '/sim.css', '/icon.svg'])
      expect((await fetch(page.url + path)).status, path).toBe(200);
    const events = await fetch(`${page.url}/events`);
    const { value } = (await events.body?.getReader().read()) ?? {};
    expect(new TextDecoder().decode(value)).toContain(JSON.stringify(STATE));
  });
});
