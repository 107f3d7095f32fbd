import { access, constants } from 'node:fs/promises';
import type { Clock } from '../../shared/clock.ts';
import { errorText } from './error-text.ts';
import { createHidConnection } from './hid-connection.ts';
import type { HidHandle, HidLibrary } from './hid-library.ts';
import type { OpenRequest, OpenResult, PortFault } from './port.ts';
import { portHolders } from './port-holder.ts';

/** A device that has been found, and how it is opened. */
export interface HidTarget {
  /** The kernel's node; tells who may open it and who has. */
  readonly node: string;
  /** As the library names its interfaces: the one that is meant, then those to be held only. */
  readonly interfaces: readonly [string, ...string[]];
  readonly reportBytes: number;
}

export type OpenHid = (
  library: HidLibrary,
  target: HidTarget,
  request: Pick<OpenRequest, 'onData' | 'onGone'>,
) => Promise<OpenResult>;

/** Opens targets of one process, each at most once at a time: the library would let two read the same presses. */
export function createHidOpening(parts: {
  readonly clock: Clock;
  readonly holders?: (node: string) => Promise<readonly string[]>;
}): OpenHid {
  const { clock, holders = portHolders } = parts;
  /** Until a dead handle is released its device has another name when it comes back, and may still be stalled. */
  const open = new Map<string, { ended: boolean }>();

  return async (library, target, request) => {
    const { node, interfaces, reportBytes } = target;
    const refuse = (code: PortFault['code'], detail: string): OpenResult => ({
      ok: false,
      fault: { code, path: node, detail },
    });
    const before = open.get(node);
    if (before?.ended) return refuse('notResponding', 'the last connection has not ended yet');
    if (before) return refuse('busy', `${process.title} (${process.pid})`);
    const refused = await accessFault(node);
    if (refused) return refuse(refused.code, refused.detail);
    // Side by side, because a box is to be back soon: the kernel would let two programs have a press each.
    const [held, handles] = await Promise.all([holders(node), openAll(library, interfaces)]);
    const others = held.filter((holder) => !holder.endsWith(`(${process.pid})`));
    if (others.length > 0) {
      if (typeof handles !== 'string') await Promise.allSettled(handles.map((handle) => handle.close()));
      return refuse('busy', others.join(', '));
    }
    if (typeof handles === 'string') return refuse(openFault(handles), handles);
    const mine = { ended: false };
    open.set(node, mine);
    const { port, released } = createHidConnection({
      clock,
      handles,
      path: node,
      reportBytes,
      request: {
        onData: request.onData,
        onGone(fault) {
          mine.ended = true;
          request.onGone(fault);
        },
      },
    });
    void released.then(() => {
      if (open.get(node) === mine) open.delete(node);
    });
    return {
      ok: true,
      port: {
        write: port.write,
        close() {
          mine.ended = true;
          return port.close();
        },
      },
    };
  };
}

/** All of them or none. @returns the library's text when one refuses. */
async function openAll(
  library: HidLibrary,
  [first, ...rest]: HidTarget['interfaces'],
): Promise<readonly [HidHandle, ...HidHandle[]] | string> {
  const handles: HidHandle[] = [];
  try {
    const main = await library.HIDAsync.open(first);
    handles.push(main);
    const held: HidHandle[] = [];
    for (const path of rest) {
      const handle = await library.HIDAsync.open(path);
      handles.push(handle);
      held.push(handle);
    }
    return [main, ...held];
  } catch (error) {
    await Promise.allSettled(handles.map((handle) => handle.close()));
    return errorText(error);
  }
}

/** Asked of the system, because the library's texts differ by backend and one of them has none. */
async function accessFault(node: string): Promise<Pick<PortFault, 'code' | 'detail'> | undefined> {
  if (!node.startsWith('/dev/')) return undefined;
  try {
    await access(node, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    const detail = errorText(error);
    return { code: /EACCES|EPERM/.test(detail) ? 'denied' : 'absent', detail };
  }
}

function openFault(detail: string): PortFault['code'] {
  if (/permission denied|not permitted/i.test(detail)) return 'denied';
  return /no such (file|device)/i.test(detail) ? 'absent' : 'ioError';
}
