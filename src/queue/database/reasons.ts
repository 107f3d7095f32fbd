import { NETWORK_FAULTS, NETWORK_NEEDS_A_HAND, type NetworkFault, networkReason } from '../reasons.ts';
import { SECRET_FAULTS, type SecretFault, secretReason } from '../secret-file.ts';
import type { Engine } from './settings.ts';

const OWN_FAULTS = [
  'wrongPassword',
  'noDatabase',
  'noView',
  'viewDenied',
  'noColumn',
  'columnDenied',
  'timeColumn',
  'counterColumn',
  'slowQuery',
  'tooManyConnections',
  'tlsMissing',
  'accountCanWrite',
  'statusUnknown',
  'rowsUnreadable',
  'queryRefused',
] as const;
type OwnFault = (typeof OWN_FAULTS)[number];

/** Why the database link is lost. */
export const DATABASE_FAULTS = [...NETWORK_FAULTS, ...SECRET_FAULTS, ...OWN_FAULTS] as const;
export type DatabaseFault = NetworkFault | SecretFault | OwnFault;

/** A loaded database passes; everything else of ours somebody must correct. */
const PASSING: readonly DatabaseFault[] = ['slowQuery', 'tooManyConnections'];
export const DATABASE_NEEDS_A_HAND: ReadonlySet<DatabaseFault> = new Set<DatabaseFault>([
  ...NETWORK_NEEDS_A_HAND,
  ...SECRET_FAULTS,
  ...OWN_FAULTS.filter((fault) => !PASSING.includes(fault)),
]);

export interface DatabaseContext {
  readonly engine: Engine;
  /** Host and port. */
  readonly address: string;
  readonly database: string;
  readonly user: string;
  readonly view: string;
  readonly passwordFile: string;
  readonly caFile?: string | undefined;
  readonly counterValue: string;
  readonly counterColumn: string;
  readonly statusColumn: string;
  readonly timeColumn: string;
  readonly ticketColumn: string;
  readonly queryLimitMs: number;
}

export const ENGINE_NAMES: Readonly<Record<Engine, string>> = {
  postgresql: 'PostgreSQL',
  mariadb: 'MariaDB',
};

const OWN: ReadonlySet<string> = new Set(OWN_FAULTS);
const SECRET: ReadonlySet<string> = new Set(SECRET_FAULTS);
const isOwn = (fault: DatabaseFault): fault is OwnFault => OWN.has(fault);
const isSecret = (fault: DatabaseFault): fault is SecretFault => SECRET.has(fault);

/**
 * What happened, to what, what to do: zh-CN, for clerk and technician.
 *
 * @param column the mapped column the fault is about, where one is known.
 */
export function databaseReason(fault: DatabaseFault, context: DatabaseContext, column?: string): string {
  if (isSecret(fault)) return secretReason(fault, context.passwordFile);
  if (isOwn(fault)) return ownReason(fault, context, column);
  return networkReason(fault, {
    address: context.address,
    caFile: context.caFile,
    service: `${ENGINE_NAMES[context.engine]} 数据库`,
  });
}

function ownReason(fault: OwnFault, context: DatabaseContext, column: string | undefined): string {
  const { view, user, database } = context;
  const server = `叫号系统数据库（${context.address}）`;
  const columns = column === undefined ? '' : `“${column}”`;
  const reasons: Readonly<Record<OwnFault, () => string>> = {
    wrongPassword: () =>
      `${server}不接受账号“${user}”：请核对账号和密码文件“${context.passwordFile}”，并请叫号系统厂家确认允许本机用该账号登录。`,
    noDatabase: () =>
      `${server}上没有数据库“${database}”，或账号“${user}”无权使用：请核对数据库名，或请叫号系统厂家授权。`,
    noView: () => `${server}中没有视图“${view}”：请核对视图名（区分大小写），或请叫号系统厂家建立该视图。`,
    viewDenied: () => `账号“${user}”无权读取视图“${view}”：请叫号系统厂家给该账号授予此视图的 SELECT 权限。`,
    noColumn: () =>
      `视图“${view}”中没有列${columns}：请在设置的 columns 中改为视图里实际的列名（区分大小写）。`,
    columnDenied: () =>
      `账号“${user}”无权读取视图“${view}”的列${columns}：请叫号系统厂家授予该列的 SELECT 权限，或从 columns 中去掉该列。`,
    timeColumn: () =>
      `视图“${view}”的列“${context.timeColumn}”不是日期时间，不能用作 updatedAt：请改为时间列，或请叫号系统厂家在视图中转换为时间类型。`,
    counterColumn: () =>
      `视图“${view}”的窗口列“${context.counterColumn}”不能与“${context.counterValue}”比较：请核对 columns 中的 counter，或在 counterValue 中填写该列里本窗口的值。`,
    slowQuery: () =>
      `视图“${view}”的查询超过 ${context.queryLimitMs} 毫秒没有结果，正在自动重试：请叫号系统厂家为列“${context.counterColumn}”和“${context.timeColumn}”建立索引。`,
    tooManyConnections: () =>
      `${server}的连接数已满，正在自动重试：请叫号系统厂家调高连接上限，每台平板占用一个连接。`,
    tlsMissing: () => `${server}没有开启加密连接：请叫号系统厂家开启 TLS；只有专用网络才可把 tls 设为 off。`,
    accountCanWrite: () =>
      `账号“${user}”可以改写数据库，因此没有使用：请叫号系统厂家改发只能读取视图“${view}”的只读账号。`,
    statusUnknown: () =>
      `视图“${view}”的状态列“${context.statusColumn}”里没有一个值在 statuses 中：请核对 columns 中的 status 和 statuses 的对照。`,
    rowsUnreadable: () =>
      `视图“${view}”的记录都读不懂：请核对 columns 中的 ticketNo（现为“${context.ticketColumn}”）等列的对照，票号不能为空。`,
    queryRefused: () =>
      `${server}没有接受对视图“${view}”的查询：请核对 engine、view 和 columns，或请叫号系统厂家检查该视图。`,
  };
  return reasons[fault]();
}
