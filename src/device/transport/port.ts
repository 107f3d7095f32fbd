import { assertNever } from '../../shared/words.ts';
import type { Transport } from '../models.ts';
import type { Whereabouts } from '../settings.ts';

/** A way to a box: opens it once. Every connection is a new {@link Port}; a port that is gone stays gone. */
export type OpenPort = (request: OpenRequest) => Promise<OpenResult>;

export interface OpenRequest {
  readonly where: Whereabouts;
  readonly transport: Transport;
  /** Bytes off a line, cut anywhere, or one HID report a call. Never called before the result of the opening is known, nor after `onGone` or `close`. */
  readonly onData: (bytes: Uint8Array) => void;
  /** At most once: the box went by itself. Not called after `close`. */
  readonly onGone: (fault: PortFault) => void;
}

export type OpenResult =
  | { readonly ok: true; readonly port: Port }
  | { readonly ok: false; readonly fault: PortFault };

export interface Port {
  /**
   * Never queues: what cannot go out now is dropped, because a lamp that lights for the next citizen is worse
   * than one that stays dark.
   * @returns whether the bytes were handed to the line.
   */
  write(bytes: Uint8Array): boolean;
  /** Resolves within about a second whatever the driver does; never rejects. */
  close(): Promise<void>;
}

/** Why there is no connection. `path` is where it was looked for, `detail` the driver's own text, for the log. */
export interface PortFault {
  readonly code:
    | 'absent'
    | 'ambiguous'
    | 'busy'
    | 'denied'
    | 'ioError'
    /** The native part of the driver does not load: a library of the system is missing. */
    | 'noDriver'
    /** It is there and does not take what it is told. */
    | 'notResponding'
    /** Its port is open, and nobody answers there who should. */
    | 'silent'
    | 'unplugged';
  readonly path: string;
  readonly detail: string;
}

/** What a technician reads: what is wrong, with what, what to do. */
export function describePortFault(fault: PortFault): string {
  const { path, detail } = fault;
  switch (fault.code) {
    case 'absent':
      return `找不到评价器端口 ${path}：请检查 USB 线或串口线是否插好，以及设置中的端口是否正确`;
    case 'ambiguous':
      return `有多个评价器符合 ${path}：请在设置中用 usbSerial 或 usbPort 指明是哪一个（${detail}）`;
    case 'busy':
      return `评价器端口 ${path} 正被其他程序占用：请关闭占用它的程序（${detail}）`;
    case 'denied':
      return `没有打开评价器端口 ${path} 的权限：请安装随附的 udev 规则 assets/udev/70-yiping-devices.rules 后重新插拔评价器；串口也可以把运行本程序的用户加入 dialout 用户组（${detail}）`;
    case 'ioError':
      return `评价器端口 ${path} 读写出错：请重新插拔评价器，若仍出错请更换线缆（${detail}）`;
    case 'noDriver':
      return `评价器 ${path} 的驱动无法加载：请安装系统软件包 libusb-1.0-0 和 libudev1，装好后会自动恢复（${detail}）`;
    case 'notResponding':
      return `评价器 ${path} 没有响应：请重新插拔评价器，若仍无响应请更换评价器（${detail}）`;
    case 'silent':
      return `评价器 ${path} 不应答：请检查评价器的电源和线缆（RS-485 的 A、B 线是否接反），以及设置中的地址；应答后会自动恢复（${detail}）`;
    case 'unplugged':
      return `评价器已从 ${path} 断开：请检查线缆并重新插好，插好后会自动恢复`;
    default:
      return assertNever(fault.code);
  }
}
