import { assertNever } from '../../shared/words.ts';
import {
  NETWORK_FAULTS,
  NETWORK_NEEDS_A_HAND,
  type NetworkContext,
  type NetworkFault,
  networkReason,
} from '../reasons.ts';
import { SECRET_FAULTS, type SecretFault, secretReason } from '../secret-file.ts';
import type { MqttTopics } from './topics.ts';

const OWN_FAULTS = [
  'certificateFile',
  'loginRefused',
  'clientIdRefused',
  'certificateRefused',
  'noVersion5',
  'busy',
  'takenOver',
  'readRefused',
  'writeRefused',
  'systemAbsent',
  'systemOffline',
  'version',
] as const;
type OwnFault = (typeof OWN_FAULTS)[number];

/** Why the MQTT link is lost. */
export type MqttFault = NetworkFault | SecretFault | OwnFault;
export const MQTT_FAULTS: readonly MqttFault[] = [...NETWORK_FAULTS, ...SECRET_FAULTS, ...OWN_FAULTS];

export const NEEDS_A_HAND: ReadonlySet<MqttFault> = new Set<MqttFault>([
  ...NETWORK_NEEDS_A_HAND,
  ...SECRET_FAULTS,
  'certificateFile',
  'loginRefused',
  'clientIdRefused',
  'certificateRefused',
  'noVersion5',
  'takenOver',
  'readRefused',
  'writeRefused',
]);

export interface MqttContext extends NetworkContext {
  readonly counter: string;
  readonly clientId: string;
  readonly username?: string | undefined;
  readonly passwordFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly topics: MqttTopics;
}

/** What happened, to what, what to do: zh-CN, for clerk and technician. */
export function mqttReason(fault: MqttFault, context: MqttContext): string {
  const { address, topics, username } = context;
  const broker = `MQTT 服务器（${address}）`;
  const user = username === undefined ? '（现在没有填写用户名）' : `“${username}”`;
  switch (fault) {
    case 'loginRefused':
      return `${broker}拒绝登录：请核对用户名${user}和密码，并确认该用户有权写主题“${topics.tablet}”。`;
    case 'clientIdRefused':
      return `${broker}不接受本机的客户端标识“${context.clientId}”：请在服务器上允许它登录。`;
    case 'certificateRefused':
      return `${broker}要求本机出示证书，或不接受${context.certFile === undefined ? '（现在没有填写）' : `“${context.certFile}”`}：请填写由服务器认可的机构签发的证书和密钥文件。`;
    case 'noVersion5':
      return `${broker}不支持 MQTT 5：请升级服务器（如 mosquitto 1.6 以上）。`;
    case 'busy':
      return `${broker}暂时不接受连接，正在自动重连；长时间不恢复请检查服务器的连接数限制。`;
    case 'takenOver':
      return `另一台设备以窗口“${context.counter}”登录，本机被断开：请检查是否有两台平板设为同一窗口，并改正其中一台的窗口号。`;
    case 'readRefused':
      return `${broker}不允许本机接收叫号消息：请为用户${user}开通主题“${topics.system}”和“${topics.events}”等的读权限。`;
    case 'writeRefused':
      return `${broker}不允许本机上报：请为用户${user}开通主题“${topics.tablet}”和“${topics.results}”的写权限。`;
    case 'systemAbsent':
      return `${broker}已连上，但没有收到叫号系统的在线消息（主题“${topics.system}”）：请确认叫号系统已启动、主题前缀一致，并且用户${user}有读权限。`;
    case 'systemOffline':
      return `叫号系统已离线（MQTT 服务器 ${address} 正常），恢复后自动继续；长时间不恢复请检查叫号系统是否在运行。`;
    case 'version':
      return `叫号系统的消息版本本机不认识（${address}）：请升级本机程序，或请叫号系统厂家改用接口文档中的版本 1。`;
    case 'secretFile':
    case 'secretOpen':
      return secretReason(fault, context.passwordFile ?? '');
    case 'certificateFile':
      return `证书“${context.certFile ?? ''}”或其密钥“${context.keyFile ?? ''}”不能使用：请检查两个文件存在、为 PEM 格式、互相匹配，密钥文件权限为仅本机程序可读（chmod 600）。`;
    default:
      return isNetworkFault(fault)
        ? networkReason(fault, { ...context, service: ' MQTT 服务', scheme: 'mqtts' })
        : assertNever(fault);
  }
}

function isNetworkFault(fault: MqttFault): fault is NetworkFault {
  return NETWORK_FAULTS.some((one) => one === fault);
}

/** What an MQTT 5 reason code of a CONNACK or a DISCONNECT means; the broker says it in one byte. */
export function faultOfReasonCode(code: number): MqttFault {
  switch (code) {
    case 0x01:
    case 0x84:
      return 'noVersion5';
    case 0x02:
    case 0x85:
      return 'clientIdRefused';
    case 0x04:
    case 0x05:
    case 0x86:
    case 0x87:
    case 0x8a:
    case 0x8c:
      return 'loginRefused';
    case 0x03:
    case 0x88:
    case 0x89:
    case 0x97:
    case 0x9f:
      return 'busy';
    case 0x8e:
      return 'takenOver';
    case 0x81:
    case 0x82:
    case 0x93:
    case 0x94:
    case 0x95:
    case 0x96:
      return 'protocol';
    default:
      return 'closed';
  }
}
