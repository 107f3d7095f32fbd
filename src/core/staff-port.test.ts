import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFakeClock, type FakeClock } from '../../test/support/fake-clock.ts';
import { createKioskOnFakes } from '../../test/support/kiosk-on-fakes.ts';
import { mustOpen, newFolder, storeParts } from '../../test/support/store-parts.ts';
import { until } from '../../test/support/until.ts';
import type { StaffPortMessage } from '../shared/screen/staff-contract.ts';
import { type StaffSnapshot, StaffSnapshotSchema } from '../shared/screen/staff-snapshot.ts';
import { LEVELS, type Level } from '../shared/words.ts';
import type { StaffSide } from './staff-desk.ts';
import { HOLD_MS } from './staff-door.ts';
import { STAFF_PIN_FILE, setPin } from './staff-pin.ts';
import { createStaffScreens } from './staff-port.ts';
import { DEFAULT_STAFF_SETTINGS, type StaffSettings } from './staff-settings.ts';

const PIN = '246813';
const NO_LINKS = { queue: [], buttons: [], upload: null, headHash: '', refusals: {} };

let made: ReturnType<typeof newFolder>;
beforeEach(() => {
  made = newFolder();
});
afterEach(() => made.remove());

/** The staff screen of a counter whose session and journal are real, on a port in memory. */
async function counterWith(
  parts: {
    readonly level?: Level;
    readonly settings?: Partial<StaffSettings>;
    readonly pin?: boolean;
    readonly side?: (clock: FakeClock) => Partial<StaffSide>;
  } = {},
) {
  const clock = createFakeClock();
  const store = mustOpen(storeParts(made.folder, { clock }));
  const run = createKioskOnFakes();
  const copied = { count: 0 };
  /** What the session froze goes into a real journal, where the list is read from. */
  const freeze = () => {
    const drafts = run.journal.written.slice(copied.count);
    copied.count = run.journal.written.length;
    for (const draft of drafts) expect(store.append([draft]).ok).toBe(true);
  };
  const side: StaffSide = {
    hall: { 'zh-CN': '市政务服务中心' },
    counterPlace: { number: '3' },
    locale: 'zh-CN',
    timezone: 'Asia/Shanghai',
    counter: run.kiosk.counter,
    act: run.kiosk.staff,
    status: () => ({
      ...NO_LINKS,
      head: 0,
      tokens: {} as ReturnType<StaffSide['status']>['tokens'],
    }),
    ledger: store.ledger,
    ...parts.side?.(clock),
  };
  if (parts.pin ?? true) await setPin(`${made.folder}/${STAFF_PIN_FILE}`, PIN);
  const lines: string[] = [];
  const shown: boolean[] = [];
  const screens = createStaffScreens({
    dataFolder: made.folder,
    clock,
    version: 'test',
    side: () => side,
    settings: () => ({ ...DEFAULT_STAFF_SETTINGS, ...parts.settings }),
    lines: () => [],
    show: (yes) => shown.push(yes),
    note: (...line) => lines.push(JSON.stringify(line)),
  });

  function connect() {
    const said: StaffPortMessage[] = [];
    let hear: (data: unknown) => void = () => {};
    let close: () => void = () => {};
    screens.attach({
      postMessage: (message) => said.push(structuredClone(message)),
      onMessage: (listener) => {
        hear = listener;
      },
      onClose: (listener) => {
        close = listener;
      },
    });
    let id = 0;
    return {
      said,
      close: () => close(),
      async call(verb: string, request: unknown = {}): Promise<unknown> {
        id++;
        hear({ id, verb, request });
        let found: StaffPortMessage | undefined;
        await until(() => {
          found = said.find((message) => 'id' in message && message.id === id);
          expect(found).toBeDefined();
        });
        return found?.type === 'reply' ? found.reply : found;
      },
      latest(): StaffSnapshot {
        const pushed = said.findLast((message) => message.type === 'push');
        if (pushed?.type !== 'push') throw new Error('nothing was shown');
        return StaffSnapshotSchema.parse(pushed.body);
      },
    };
  }

  function open() {
    screens.corner(true);
    clock.advance(HOLD_MS);
    return connect();
  }

  return { run, freeze, screens, shown, lines, clock, store, open, connect };
}

const LOCKED = { accepted: false, reason: 'locked' };

it('refuses every verb but the first four until the PIN was given on this very port', async () => {
  const it = await counterWith();
  const port = it.open();
  const requests: Readonly<Record<string, unknown>> = {
    show: { page: 'state', leaf: 0 },
    recall: { invitation: '018f0000-0000-7000-8000-000000000001' },
    inviteByHand: { ticketNumber: 'A001' },
    pause: {},
    resume: {},
    tryNow: {},
  };
  for (const [verb, request] of Object.entries(requests))
    expect(await port.call(verb, request), verb).toEqual(LOCKED);
  expect(port.latest().screen).toEqual({ name: 'locked', pin: 'set', waitMs: 0 });
  expect(await port.call('unlock', { pin: '000000' })).toEqual({ accepted: false, reason: 'wrongPin' });
  expect(await port.call('unlock', { pin: PIN })).toEqual({ accepted: true });
  expect(port.latest().screen).toMatchObject({ name: 'open', pages: ['day', 'state'] });
  expect(await port.call('pause')).toEqual({ accepted: true });
  expect(it.run.screen().name).toBe('paused');
  expect(await port.call('inviteByHand', { ticketNumber: 'A1' })).toMatchObject({ reason: 'notOffered' });
  expect(await port.call('tryNow')).toMatchObject({ reason: 'notOffered' });

  expect(await port.call('leave')).toEqual({ accepted: true });
  expect(it.shown).toEqual([true, false]);
  // Whatever the page still sends over the old port is refused, and a new port is locked.
  expect(await port.call('resume')).toEqual(LOCKED);
  expect(it.run.screen().name).toBe('paused');
  expect(await it.open().call('resume')).toEqual(LOCKED);
  expect(it.lines.join()).not.toContain(PIN);
});

it('does not speak to a port that nobody asked for', async () => {
  const it = await counterWith();
  expect(it.connect().said).toEqual([]);
});

it('refuses what is no request, and hears no more than a hand can do', async () => {
  const it = await counterWith();
  const port = it.open();
  expect(await port.call('choose', { level: 5 })).toMatchObject({ type: 'refused', error: 'no such verb' });
  expect(await port.call('unlock', { pin: '12', level: 5 })).toMatchObject({ type: 'refused' });
  expect(await port.call('unlock', { pin: ['1', '2', '3', '4'] })).toMatchObject({ type: 'refused' });
});

it('a port that closes takes the screen away, and another one’s does not', async () => {
  const it = await counterWith();
  const old = it.open();
  old.close();
  expect(it.shown).toEqual([true, false]);
  it.open();
  old.close();
  expect(it.shown).toEqual([true, false, true]);
});

it('a first PIN is set on the screen only where the site lets it, and only once', async () => {
  const closed = await counterWith({ pin: false });
  const port = closed.open();
  expect(port.latest().screen).toMatchObject({ pin: 'absent' });
  expect(await port.call('setFirstPin', { pin: PIN })).toMatchObject({ accepted: false });
  closed.store.close();
  made.remove();
  made = newFolder();

  const it = await counterWith({ pin: false, settings: { setPinOnScreen: true } });
  const first = it.open();
  expect(first.latest().screen).toMatchObject({ pin: 'settable' });
  expect(await first.call('setFirstPin', { pin: PIN })).toEqual({ accepted: true });
  expect(first.latest().screen.name).toBe('open');
  await first.call('leave');
  const second = it.open();
  expect(await second.call('setFirstPin', { pin: '999999' })).toMatchObject({ accepted: false });
  expect(await second.call('unlock', { pin: PIN })).toEqual({ accepted: true });
});

/** All that the screen is sent while a service is rated and after, without what is of this run alone. */
async function sentFor(level: Level): Promise<readonly unknown[]> {
  const it = await counterWith();
  const port = it.open();
  await port.call('unlock', { pin: PIN });
  const sent: unknown[] = [];
  const look = () => {
    it.freeze();
    it.screens.changed();
    const { screen } = port.latest();
    sent.push(JSON.parse(JSON.stringify(screen, (key, value) => (key === 'invitation' ? 'x' : value))));
  };
  const { run } = it;
  run.queue('called', 'A001', 'c1');
  look();
  run.queue('served', 'A001', 's1');
  const screen = run.screen();
  if (screen.name !== 'inviting') throw new Error('nobody is invited');
  it.freeze();
  run.press(level);
  it.freeze();
  run.kiosk.citizen.confirm({ invitation: screen.invitation });
  run.kiosk.citizen.tick({ invitation: screen.invitation, code: `${level}10` });
  run.kiosk.citizen.finish({ invitation: screen.invitation });
  look();
  run.queue('called', 'A002', 'c2');
  look();
  it.store.close();
  made.remove();
  made = newFolder();
  return sent;
}

it('is sent the same at all five levels: rated, and never how', async () => {
  const sent = [];
  for (const level of LEVELS) sent.push(await sentFor(level));
  for (const one of sent) expect(one).toEqual(sent[0]);
  expect(JSON.stringify(sent)).not.toMatch(/level|indicator|codes/i);
});

it('shows the day as the journal has it, also after a restart, a service once', async () => {
  const it = await counterWith();
  const { run } = it;
  for (const ticket of ['A001', 'A002', 'A003', 'A004']) {
    run.queue('called', ticket);
    if (ticket === 'A002') continue;
    run.queue('served', ticket);
    const screen = run.screen();
    if (screen.name !== 'inviting') throw new Error('nobody is invited');
    if (ticket === 'A001') run.press(2);
    if (ticket === 'A003') run.kiosk.staff({ act: 'recall', invitation: screen.invitation });
    if (ticket === 'A003') run.queue('served', ticket);
  }
  it.freeze();
  const port = it.open();
  await port.call('unlock', { pin: PIN });
  const { screen } = port.latest();
  if (screen.name !== 'open') throw new Error('locked');
  expect(screen.day.figures).toEqual({
    served: 4,
    invited: 3,
    rated: 1,
    declined: 0,
    timedOut: 0,
    superseded: 1,
    interrupted: 0,
    notInvited: 1,
  });
  expect(screen.day.rows.map(({ number, outcome }) => [number, outcome])).toEqual([
    ['A004', undefined],
    ['A003', 'superseded'],
    [undefined, 'notInvited'],
    ['A001', 'rated'],
  ]);
  // The next day is another list.
  it.clock.jumpWall(86_400_000);
  it.screens.changed();
  expect(port.latest().screen).toMatchObject({ day: { rows: [], figures: { served: 0 } } });
});

it('shows what is lost as soon as it is told', async () => {
  const it = await counterWith();
  const port = it.open();
  await port.call('unlock', { pin: PIN });
  const before = port.said.length;
  it.screens.changed();
  expect(port.said.length).toBe(before + 1);
  it.clock.advance(1_000);
  expect(port.said.length).toBe(before + 2);
});

it('says which entry the province refuses and what it holds, and asks it now when somebody says so', async () => {
  let tried = 0;
  const it = await counterWith({
    side: ({ nowMs }) => ({
      status: () => ({
        ...NO_LINKS,
        head: 9,
        tokens: {} as ReturnType<StaffSide['status']>['tokens'],
        upload: {
          state: 'held',
          sinceMs: nowMs(),
          unsent: 3,
          ackedSeq: 6,
          parkedSeq: 7,
          lastError: 'Entry 7: it is malformed',
          provinceHolds: { seq: 6, atMs: nowMs() },
        },
      }),
      tryNow: () => {
        tried++;
        return tried === 1 ? { accepted: true } : { accepted: false, reason: 'tooSoon' };
      },
    }),
  });
  const port = it.open();
  expect(await port.call('tryNow')).toEqual(LOCKED);
  await port.call('unlock', { pin: PIN });
  expect(port.latest().screen).toMatchObject({
    province: {
      state: 'held',
      waiting: 3,
      refusedSeq: 7,
      holds: { seq: 6, forMs: 0 },
      mayBeTried: true,
    },
  });
  expect(await port.call('tryNow')).toEqual({ accepted: true });
  expect(await port.call('tryNow')).toEqual({ accepted: false, reason: 'tooSoon' });
  expect(await port.call('tryNow', { seq: 8 })).toMatchObject({ type: 'refused' });
  expect(tried).toBe(2);
});
