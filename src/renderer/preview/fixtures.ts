import pack from '../../../assets/indicator-packs/national-2020.json' with { type: 'json' };
import type { Indicator } from '../../shared/indicators.ts';
import type { Screen, Snapshot } from '../../shared/screen/snapshot.ts';
import type { Clerk, InvitationId, Level, Locale } from '../../shared/words.ts';
import { FIXTURE_QR } from './fixture-qr.ts';

/** Every screen in every state worth looking at. Long texts are the longest that real sites send. */
export interface Fixture {
  readonly name: string;
  readonly snapshot: (locale: Locale) => Snapshot;
}

const invitation = '0199e0c2-7a10-7b3e-9c55-2f6d1a4b8e01' as InvitationId;
const levels: readonly Level[] = [5, 4, 3, 2, 1];
const zhang: Clerk = { number: '1024', name: '张敏', stars: 4 };
const indicators = pack.indicators as readonly Indicator[];
const inviting = { invitation, ticketNumber: 'A012', taskName: '居民身份证换领' };
const choiceSpan = { endsInMs: 2_000, totalMs: 3_000 };
const longSpan = { endsInMs: 40_000, totalMs: 60_000 };

function fixture(name: string, screen: Screen, others: Partial<Snapshot> = {}): Fixture {
  return {
    name,
    snapshot: (locale) => ({
      revision: 1,
      locale,
      hall: { 'zh-CN': '滨海市政务服务中心', en: 'Binhai Government Service Hall' },
      counter: { number: '3', name: { 'zh-CN': '公安户政', en: 'Household registration' } },
      clerk: zhang,
      buttons: 'none',
      screen,
      ...others,
    }),
  };
}

function detailsOf(
  level: Level,
  ticked: (code: string, index: number) => boolean,
  helpRequested = false,
  focus?: number,
): Screen {
  const offered = indicators.filter((indicator) => indicator.level === level);
  const codes = offered.map(({ code }) => code).filter(ticked);
  return {
    name: 'details',
    ...inviting,
    level,
    indicators: offered,
    ticked: codes,
    helpRequested,
    keys: focus !== undefined,
    ...(focus === undefined ? {} : { focus }),
    span: longSpan,
  };
}

const thanks: Extract<Screen, { name: 'thanks' }> = {
  name: 'thanks',
  ticketNumber: 'A012',
  receipt: { code: '7K3M-9QXT-2B4D', qr: FIXTURE_QR },
  span: { endsInMs: 6_000, totalMs: 10_000 },
};

const longHall = {
  'zh-CN': '新疆维吾尔自治区伊犁哈萨克自治州察布查尔锡伯自治县政务服务和公共资源交易中心',
  en: 'Qapqal Xibe Autonomous County Government Services and Public Resources Trading Centre, Ili, Xinjiang',
};
const long: Partial<Snapshot> = {
  hall: longHall,
  counter: {
    number: 'B-1024',
    name: { 'zh-CN': '企业开办与注销“一件事”综合窗口', en: 'One-stop opening and closing of businesses' },
  },
  clerk: { number: 'GD-2024-000317', name: '阿卜杜热西提·麦麦提伊敏·阿卜杜拉', stars: 5 },
};
const longTicket = {
  invitation,
  ticketNumber: 'QYKB-20251121-000123',
  taskName: '企业（含个体工商户、农民专业合作社）设立、变更、注销登记及备案“一件事”联办（跨省通办）',
};

export const fixtures: readonly Fixture[] = [
  fixture('idle', { name: 'idle' }),
  fixture('idle-no-clerk', { name: 'idle' }, { clerk: undefined } as Partial<Snapshot>),
  fixture('idle-clerk-number-only', { name: 'idle' }, { clerk: { number: '1024', stars: 5 } }),
  fixture('idle-long', { name: 'idle' }, long),
  fixture('idle-named-counter', { name: 'idle' }, { counter: { number: '综合受理一号窗口' } }),
  fixture('serving', { name: 'serving', ticketNumber: 'A012', queueName: '户籍业务' }),
  fixture('serving-no-ticket', { name: 'serving' }),
  fixture(
    'serving-long',
    { name: 'serving', ticketNumber: longTicket.ticketNumber, queueName: '企业开办与注销联办' },
    long,
  ),
  fixture('inviting', { name: 'inviting', ...inviting, span: longSpan }),
  fixture('inviting-no-ticket', { name: 'inviting', invitation, span: longSpan }, {
    clerk: undefined,
  } as Partial<Snapshot>),
  fixture('inviting-long', { name: 'inviting', ...longTicket, span: longSpan }, long),
  ...levels.map((level) =>
    fixture(`chosen-${level}`, { name: 'chosen', ...inviting, level, span: choiceSpan }),
  ),
  ...levels.map((level) =>
    fixture(
      `details-${level}`,
      detailsOf(level, () => false),
    ),
  ),
  fixture(
    'details-2-some',
    detailsOf(2, (_code, index) => index === 1 || index === 5),
  ),
  fixture(
    'details-2-all',
    detailsOf(2, () => true),
  ),
  ...levels.map((level) =>
    fixture(
      `details-${level}-help`,
      detailsOf(level, () => false, true),
    ),
  ),
  ...levels.map((level) =>
    fixture(
      `details-${level}-keys`,
      detailsOf(level, (_code, index) => index === 1, false, 1),
    ),
  ),
  fixture('thanks', thanks),
  fixture('thanks-long', thanks, long),
  fixture('thanks-no-page', { ...thanks, receipt: { ...thanks.receipt, qr: null } }),
  fixture('paused', { name: 'paused' }),
  fixture('fault-store', { name: 'outOfService', fault: 'store' }),
  fixture('fault-diskFull', { name: 'outOfService', fault: 'diskFull' }),
  fixture('fault-queue', { name: 'outOfService', fault: 'queue' }),
  fixture('fault-core', { name: 'outOfService', fault: 'core' }),
  fixture('fault-config', { name: 'outOfService', fault: 'config' }),
  fixture('fault-starting', { name: 'outOfService', fault: 'starting' }),
];
