import { assertNever } from '../../shared/words.ts';
import {
  NETWORK_FAULTS,
  NETWORK_NEEDS_A_HAND,
  type NetworkContext,
  type NetworkFault,
  networkReason,
} from '../reasons.ts';
import { type SecretFault, secretReason } from '../secret-file.ts';

/** Why a port cannot be listened at. */
export const LISTEN_FAULTS = [
  'portTaken',
  'noSuchAddress',
  'portForbidden',
  'listenFailed',
  'tlsFiles',
] as const;
export type ListenFault = (typeof LISTEN_FAULTS)[number];

export interface ListenContext {
  /** Address and port of this tablet. */
  readonly listen: string;
  readonly keyFile?: string | undefined;
  /** It is tried while another link may have the port. */
  readonly trial?: boolean | undefined;
}

/** zh-CN, for clerk and technician. */
export function listenReason(fault: ListenFault, context: ListenContext): string {
  const { listen } = context;
  switch (fault) {
    case 'portTaken':
      return context.trial
        ? `本机端口（${listen}）已被占用，可能正由现在的叫号连接以别的设置使用：请先“解除配对”再重新配对；仍不行请换一个端口，并在叫号系统中同样修改。`
        : `本机端口（${listen}）已被别的程序占用：请换一个端口，并在叫号系统中同样修改。`;
    case 'noSuchAddress':
      return `本机没有地址（${listen}）：请核对设置中的 host 与本机网卡地址。`;
    case 'portForbidden':
      return `本程序无权使用端口（${listen}）：请改用 1024 以上的端口。`;
    case 'listenFailed':
      return `无法在（${listen}）接收叫号消息：请检查本机网络设置，稍后自动重试。`;
    case 'tlsFiles':
      return `（${listen}）的证书或私钥文件读不到或不匹配：请检查 tls.keyFile 和 tls.certFile。`;
    default:
      return assertNever(fault);
  }
}

/** Why the HTTP push link is lost. */
export const PUSH_FAULTS = [
  ...LISTEN_FAULTS,
  'secretFile',
  'secretOpen',
  'neverHeard',
  'pushSilent',
  'wrongKey',
  'wrongCounter',
] as const;
export type PushFault = (typeof PUSH_FAULTS)[number];
export const PUSH_NEEDS_A_HAND: ReadonlySet<PushFault> = new Set<PushFault>([
  'portTaken',
  'noSuchAddress',
  'portForbidden',
  'tlsFiles',
  'secretFile',
  'secretOpen',
]);

export interface PushContext extends ListenContext {
  readonly keyFile: string;
  readonly counter: string;
  /** In so long something must be heard. */
  readonly silenceLimitMs: number;
}

/** What happened, to what, what to do: zh-CN, for clerk and technician. */
export function pushReason(fault: PushFault, context: PushContext): string {
  const { listen, counter } = context;
  switch (fault) {
    case 'secretFile':
    case 'secretOpen':
      return secretReason(fault satisfies SecretFault, context.keyFile);
    case 'neverHeard':
      return `还没有收到叫号系统的消息：请确认叫号系统已启动，推送地址填写为（${listen}），且防火墙放行该端口。`;
    case 'pushSilent':
      return `叫号系统不再发来消息（等了 ${seconds(context.silenceLimitMs)}）：请检查网线和叫号系统；若它在按时发送，请厂家改为每 ${seconds(context.silenceLimitMs)}内至少发一次状态，或加大 silenceLimitMs；恢复后自动继续。`;
    case 'wrongKey':
      return `叫号系统发来的消息密钥不对，未接收：请核对叫号系统中的密钥与本机密钥文件是否一致，并检查两边时间。`;
    case 'wrongCounter':
      return `叫号系统发来的是别的窗口的消息，未接收：本机是窗口“${counter}”，请在叫号系统中核对推送地址。`;
    default:
      return listenReason(fault, context);
  }
}

/** Why the HTTP poll link is lost. */
const OWN_POLL_FAULTS = [
  'unauthorized',
  'notFound',
  'redirected',
  'badStatus',
  'notReadable',
  'busy',
  'wrongCounter',
  'tooManyTickets',
  'secretFile',
  'secretOpen',
] as const;
export const POLL_FAULTS = [...NETWORK_FAULTS, ...OWN_POLL_FAULTS] as const;
export type PollFault = NetworkFault | (typeof OWN_POLL_FAULTS)[number];
export const POLL_NEEDS_A_HAND: ReadonlySet<PollFault> = new Set<PollFault>([
  ...NETWORK_NEEDS_A_HAND,
  'unauthorized',
  'notFound',
  'redirected',
  'notReadable',
  'wrongCounter',
  'tooManyTickets',
  'secretFile',
  'secretOpen',
]);

export interface PollContext extends NetworkContext {
  readonly counter: string;
  /** In so long an answer must be here, whole. */
  readonly requestLimitMs: number;
  readonly keyFile?: string | undefined;
}

/** What happened, to what, what to do: zh-CN, for clerk and technician. */
export function pollReason(fault: PollFault, context: PollContext): string {
  const server = `叫号系统（${context.address}）`;
  switch (fault) {
    case 'silent':
      return `${server}没有在 ${seconds(context.requestLimitMs)}内答完，正在自动重试：请检查网线和叫号系统；若它一直这么慢，请厂家加快应答，或加大 requestLimitMs。`;
    case 'unauthorized':
      return `${server}不接受本机的密钥：请核对密钥文件${context.keyFile === undefined ? '（现在没有填写 keyFile）' : `“${context.keyFile}”`}，或在叫号系统中重新授权。`;
    case 'notFound':
      return `${server}没有这个接口：请核对地址中的路径和窗口号“${context.counter}”。`;
    case 'redirected':
      return `${server}要求转到别的地址，未跟随：请把设置中的地址改为最终地址（注意 http 与 https）。`;
    case 'badStatus':
      return `${server}内部出错，正在自动重试：长时间不恢复请叫号系统厂家检查。`;
    case 'notReadable':
      return `${server}的应答看不懂：请核对地址和 profile，或请叫号系统厂家按接口文档检查。`;
    case 'busy':
      return `${server}忙，要求稍后再查，正在自动重试：经常出现请加大 pollEveryMs 或请厂家检查。`;
    case 'wrongCounter':
      return `${server}回答的不是窗口“${context.counter}”：请核对地址中的窗口号，或设置 winNum。`;
    case 'tooManyTickets':
      return `${server}积存的号票过多，无法及时查询：请在叫号系统中清理往日号票。`;
    case 'secretFile':
    case 'secretOpen':
      return secretReason(fault satisfies SecretFault, context.keyFile ?? '');
    default:
      return networkReason(fault, context);
  }
}

const seconds = (ms: number) => `${ms / 1000} 秒`;
