import { LISTEN_FAULTS, type ListenFault, listenReason } from '../http/reasons.ts';
import {
  NETWORK_FAULTS,
  NETWORK_NEEDS_A_HAND,
  type NetworkContext,
  type NetworkFault,
  networkReason,
} from '../reasons.ts';
import { SECRET_FAULTS, type SecretFault, secretReason } from '../secret-file.ts';

/** What is wrong with the key file for notifies: the same faults as of the pad server's, told apart by the file. */
export const NOTIFY_SECRET = { secretFile: 'notifySecretFile', secretOpen: 'notifySecretOpen' } as const;

const OWN_FAULTS = [
  'loginSilent',
  'loginRefused',
  'loginLost',
  'notifySecretFile',
  'notifySecretOpen',
] as const;

/** Why the pad link is lost. */
export const PAD_FAULTS = [...NETWORK_FAULTS, ...SECRET_FAULTS, ...LISTEN_FAULTS, ...OWN_FAULTS] as const;
export type PadFault = NetworkFault | SecretFault | ListenFault | (typeof OWN_FAULTS)[number];

export const NEEDS_A_HAND: ReadonlySet<PadFault> = new Set<PadFault>([
  ...NETWORK_NEEDS_A_HAND,
  ...SECRET_FAULTS,
  ...LISTEN_FAULTS,
  'loginRefused',
  'loginLost',
  'notifySecretFile',
  'notifySecretOpen',
]);

export interface PadContext extends NetworkContext {
  readonly workNo: string;
  readonly keyFile: string;
  /** Where notifies are listened for. */
  readonly listen: string;
  readonly notifyKeyFile: string;
  readonly trial?: boolean | undefined;
}

/** What happened, to what, what to do: zh-CN, for clerk and technician. */
export function padReason(fault: PadFault, context: PadContext): string {
  const server = `评价服务器（${context.address}）`;
  switch (fault) {
    case 'loginSilent':
      return `${server}没有答复登录：请核对地址和端口，或请厂家检查评价服务器。`;
    case 'loginRefused':
      return `${server}不接受工号“${context.workNo}”或通讯密钥：请核对工号，以及密钥文件“${context.keyFile}”中的密钥。`;
    case 'loginLost':
      return `${server}反复要求重新登录：请检查是否有另一台设备在用工号“${context.workNo}”。`;
    case 'notifySecretFile':
      return secretReason('secretFile', context.notifyKeyFile);
    case 'notifySecretOpen':
      return secretReason('secretOpen', context.notifyKeyFile);
    case 'secretFile':
    case 'secretOpen':
      return secretReason(fault, context.keyFile);
    case 'portTaken':
    case 'noSuchAddress':
    case 'portForbidden':
    case 'listenFailed':
    case 'tlsFiles':
      return listenReason(fault, context);
    default:
      return networkReason(fault, context);
  }
}
