import type { StaffRow, StaffScreen, StaffSnapshot } from '../../shared/screen/staff-snapshot.ts';
import type { InvitationId, Locale, Outcome } from '../../shared/words.ts';
import { pairingStages } from './pairing-fixtures.ts';

/** The staff screen in the few states worth looking at. */
export interface StaffFixture {
  readonly name: string;
  readonly snapshot: (locale: Locale) => StaffSnapshot;
  /** What somebody has typed. */
  readonly typed?: string;
}

type Open = Extract<StaffScreen, { name: 'open' }>;

function fixture(name: string, screen: StaffScreen, typed?: string): StaffFixture {
  return {
    name,
    ...(typed === undefined ? {} : { typed }),
    snapshot: (locale) => ({
      revision: 1,
      locale,
      hall: { 'zh-CN': '滨海市政务服务中心', en: 'Binhai Government Service Hall' },
      counter: { number: '3' },
      screen,
    }),
  };
}

const outcomes: readonly (Outcome | undefined)[] = [
  undefined,
  'rated',
  'rated',
  'timedOut',
  'rated',
  'declined',
  'interrupted',
  'notInvited',
  'superseded',
];
const rows: StaffRow[] = outcomes.map((outcome, index) => ({
  time: `${String(14 - Math.floor(index / 4)).padStart(2, '0')}:${String(52 - index * 5).padStart(2, '0')}`,
  number: index === 4 ? 'QYKB-20251121-000123' : `A${String(37 - index).padStart(3, '0')}`,
  manual: index === 4,
  recalled: index === 6,
  ...(outcome === undefined ? {} : { outcome }),
}));

const open: Open = {
  name: 'open',
  page: 'day',
  pages: ['day', 'state'],
  now: { doing: 'serving', ticketNumber: 'A038', clerk: { number: '1024', name: '张敏' } },
  parts: [
    { kind: 'queue', name: 'rate-service', state: 'ready', forMs: 3_912_000 },
    {
      kind: 'buttons',
      name: '/dev/serial/by-id/usb-1a86_USB_Serial-if00-port0',
      state: 'ready',
      forMs: 754_000,
    },
  ],
  province: {
    state: 'idle',
    forMs: 41_000,
    waiting: 0,
    deliveredForMs: 41_000,
    holds: { seq: 10_482, forMs: 12_000 },
    mayBeTried: false,
  },
  journal: { seq: 10_482, hash: '9f3c01ab' },
  clock: { offsetMs: 380, errorMs: 12 },
  pairing: null,
  version: '0.1.0',
  lines: [],
  day: {
    date: '2026-05-06',
    figures: {
      served: 37,
      invited: 36,
      rated: 29,
      declined: 2,
      timedOut: 3,
      superseded: 1,
      interrupted: 1,
      notInvited: 1,
    },
    rows,
    leaf: 0,
    leaves: 5,
  },
};
const noDay: Open['day'] = {
  date: '2026-05-06',
  figures: {
    served: 0,
    invited: 0,
    rated: 0,
    declined: 0,
    timedOut: 0,
    superseded: 0,
    interrupted: 0,
    notInvited: 0,
  },
  rows: [],
  leaf: 0,
  leaves: 1,
};
const invitation = '0199e0c2-7a10-7b3e-9c55-2f6d1a4b8e01' as InvitationId;

export const staffFixtures: readonly StaffFixture[] = [
  fixture('staff-locked', { name: 'locked', pin: 'set', waitMs: 0 }, '12345'),
  fixture('staff-locked-out', { name: 'locked', pin: 'set', waitMs: 118_000 }),
  fixture('staff-no-pin', { name: 'locked', pin: 'absent', waitMs: 0 }),
  fixture('staff-day', open),
  fixture('staff-day-empty', { ...open, now: { doing: 'paused', signedOff: true }, day: noDay }),
  fixture('staff-inviting', { ...open, now: { doing: 'inviting', ticketNumber: 'A038', invitation } }),
  fixture('staff-state', { ...open, page: 'state' }),
  fixture('staff-state-lost', {
    ...open,
    page: 'state',
    pages: ['day', 'state', 'byHand'],
    parts: [
      {
        kind: 'queue',
        name: 'rate-service',
        state: 'lost',
        forMs: 2_300,
        reason: '与叫号系统 10.0.0.5:3348 的连接中断，正在自动重连；长时间不恢复请检查网线和叫号服务器。',
      },
      { kind: 'buttons', name: '/dev/ttyUSB0', state: 'connecting', forMs: 900 },
    ],
    province: {
      state: 'offline',
      forMs: 1_260_000,
      waiting: 214,
      reason: 'connect ECONNREFUSED',
      mayBeTried: true,
    },
    clock: { offsetMs: -94_000, errorMs: 40 },
  }),
  fixture('staff-state-held', {
    ...open,
    page: 'state',
    province: {
      state: 'held',
      forMs: 11_520_000,
      waiting: 214,
      deliveredForMs: 11_530_000,
      reason: 'Entry 10269: it is malformed',
      refusedSeq: 10_269,
      holds: { seq: 10_268, forMs: 24_000 },
      mayBeTried: true,
    },
  }),
  fixture('staff-not-running', {
    ...open,
    page: 'state',
    now: { doing: 'notRunning' },
    parts: [],
    province: null,
    journal: null,
    clock: null,
    lines: [
      '设置有误 kiosk.json › device：现为 "!"；要求 必须是 3–64 个字母、数字或连字符（must be 3–64 letters, digits or dashes）',
    ],
    day: noDay,
  }),
  fixture('staff-by-hand', { ...open, page: 'byHand', pages: ['day', 'state', 'byHand'] }, 'B207'),
  ...pairingStages.map(({ name, pairing }) =>
    fixture(name, { ...open, page: 'pairing', pages: ['day', 'state', 'pairing'], pairing }),
  ),
];
