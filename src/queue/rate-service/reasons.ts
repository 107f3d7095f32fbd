import {
  NETWORK_FAULTS,
  NETWORK_NEEDS_A_HAND,
  type NetworkContext,
  type NetworkFault,
  networkReason,
} from '../reasons.ts';

const OWN_FAULTS = ['loginSilent', 'loginRefused', 'loginLost', 'notThisService', 'noExtensions'] as const;
type OwnFault = (typeof OWN_FAULTS)[number];

/** Why the RateService link is lost. */
export const RATE_SERVICE_FAULTS = [...NETWORK_FAULTS, ...OWN_FAULTS] as const;
export type RateServiceFault = NetworkFault | OwnFault;

export const NEEDS_A_HAND: ReadonlySet<RateServiceFault> = new Set<RateServiceFault>([
  ...NETWORK_NEEDS_A_HAND,
  'loginRefused',
  'loginLost',
  'notThisService',
  'noExtensions',
]);

export interface RateServiceContext extends NetworkContext {
  readonly winNum: string;
  readonly userCode: string;
}

/** What happened, to what, what to do: zh-CN, for clerk and technician. */
export function rateServiceReason(fault: RateServiceFault, context: RateServiceContext): string {
  const { address, winNum, userCode } = context;
  const server = `叫号系统（${address}）`;
  switch (fault) {
    case 'loginSilent':
      return `${server}没有答复登录：请核对窗口号“${winNum}”和工号“${userCode}”，或请叫号系统厂家检查评价服务。`;
    case 'loginRefused':
      return `${server}不认识窗口号“${winNum}”或工号“${userCode}”：请核对这两项，或在叫号系统中把该人员分配到该窗口。`;
    case 'loginLost':
      return `${server}反复要求重新登录：请检查是否有另一台设备占用窗口号“${winNum}”。`;
    case 'notThisService':
      return `${server}不支持登录指令：请核对端口（评价服务常用 3348）。`;
    case 'noExtensions':
      return `${server}没有答复当前状态（GetState）：请在设置中关闭 extensions，或请叫号系统厂家按接口文档补上。`;
    default:
      return networkReason(fault, context);
  }
}
