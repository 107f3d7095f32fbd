import { assertNever } from '../shared/words.ts';

/**
 * Why a link of any make is lost. Codes are for tests and logs, people get the sentence. What only one make knows
 * stands in that make's own reasons file.
 */
export const NETWORK_FAULTS = [
  'refused',
  'nameUnknown',
  'unreachable',
  'connectTimeout',
  'handshake',
  'closed',
  'silent',
  'flood',
  'oversized',
  'protocol',
  'tlsUntrusted',
  'tlsName',
  'tlsExpired',
  'tlsNotYet',
  'tlsFailed',
  'caFile',
] as const;
export type NetworkFault = (typeof NETWORK_FAULTS)[number];

/** Those that somebody must correct first. */
export const NETWORK_NEEDS_A_HAND: readonly NetworkFault[] = [
  'flood',
  'oversized',
  'protocol',
  'tlsUntrusted',
  'tlsName',
  'tlsExpired',
  'tlsNotYet',
  'caFile',
];

export interface NetworkContext {
  /** Host and port, as the technician typed them. */
  readonly address: string;
  readonly caFile?: string | undefined;
  /** What should answer there, if it is not the rating service: `MQTT 服务`. */
  readonly service?: string;
  /** What an encrypted address of it begins with: `wss`, `https`, `mqtts`; the plain one is without the s. */
  readonly scheme?: string;
}

/** What happened, to what, what to do: zh-CN, for clerk and technician. */
export function networkReason(fault: NetworkFault, context: NetworkContext): string {
  const { address, service = '评价服务', scheme = 'wss' } = context;
  const server = `叫号系统（${address}）`;
  switch (fault) {
    case 'refused':
      return `${server}拒绝连接：请确认叫号服务已启动、端口号填写正确。`;
    case 'nameUnknown':
      return `找不到${server}：请检查地址是否写错，或改填 IP 地址。`;
    case 'unreachable':
      return `连不上${server}：请检查网线、交换机和叫号服务器是否开机。`;
    case 'connectTimeout':
      return `${server}没有应答：请检查网络，以及防火墙是否放行该端口。`;
    case 'handshake':
      return `${server}应答了，但不是${service}：请核对地址和端口。`;
    case 'closed':
      return `${server}断开了连接，正在自动重连；长时间不恢复请检查叫号服务是否在运行。`;
    case 'silent':
      return `与${server}的连接中断，正在自动重连；长时间不恢复请检查网线和叫号服务器。`;
    case 'flood':
      return `${server}发来的消息过多，已断开，稍后自动重连：请叫号系统厂家检查。`;
    case 'oversized':
      return `${server}发来的消息过大，已断开，稍后自动重连：请叫号系统厂家检查。`;
    case 'protocol':
      return `${server}发来的数据不合规范，已断开，稍后自动重连：请核对端口，或请叫号系统厂家检查。`;
    case 'tlsUntrusted':
      return `${server}的证书不受信任，未建立连接：请把签发该证书的 CA 文件装到本机，并在“CA 证书文件”中指明${context.caFile === undefined ? '（现在没有填写）' : '（现在填写的文件与服务器证书不符）'}。`;
    case 'tlsName':
      return `${server}的证书不是发给这个地址的：请改填证书上的名称，或为该地址重新签发证书。`;
    case 'tlsExpired':
      return `${server}的证书已过期：请更换证书；若本机日期不对，请先校正日期。`;
    case 'tlsNotYet':
      return `${server}的证书尚未生效：请先检查本机日期和时间是否正确。`;
    case 'tlsFailed':
      return `与${server}的加密连接没有建立：请确认该端口使用 ${scheme}（TLS 1.2 以上），否则把地址改为 ${scheme.slice(0, -1)}://。`;
    case 'caFile':
      return `读不到 CA 证书文件“${context.caFile ?? ''}”：请检查文件是否存在、可读，且为 PEM 格式。`;
    default:
      return assertNever(fault);
  }
}

const BY_CODE: Readonly<Record<string, NetworkFault>> = {
  ECONNREFUSED: 'refused',
  ENOTFOUND: 'nameUnknown',
  EAI_AGAIN: 'nameUnknown',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'connectTimeout',
  ECONNRESET: 'closed',
  EPIPE: 'closed',
  WS_ERR_UNSUPPORTED_MESSAGE_LENGTH: 'oversized',
  SELF_SIGNED_CERT_IN_CHAIN: 'tlsUntrusted',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'tlsUntrusted',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'tlsUntrusted',
  UNABLE_TO_GET_ISSUER_CERT: 'tlsUntrusted',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'tlsUntrusted',
  CERT_SIGNATURE_FAILURE: 'tlsUntrusted',
  CERT_UNTRUSTED: 'tlsUntrusted',
  INVALID_CA: 'tlsUntrusted',
  ERR_TLS_CERT_ALTNAME_INVALID: 'tlsName',
  CERT_HAS_EXPIRED: 'tlsExpired',
  CERT_NOT_YET_VALID: 'tlsNotYet',
};

/** The fault behind an error of a socket, a TLS layer or the WebSocket library. */
export function faultOfError(error: Error): NetworkFault {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = BY_CODE[code];
  if (known) return known;
  // Both addresses of a name failed: the first failure speaks for both.
  if (error instanceof AggregateError && error.errors[0] instanceof Error) {
    return faultOfError(error.errors[0]);
  }
  if (code.startsWith('ERR_OSSL_PEM') || code === 'ERR_OSSL_BAD_BASE64_DECODE') return 'caFile';
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') return 'tlsFailed';
  if (code.startsWith('WS_ERR')) return 'protocol';
  if (/^Unexpected server response|^Invalid|^Parse Error/.test(error.message) || code.startsWith('HPE_')) {
    return 'handshake';
  }
  return 'closed';
}
