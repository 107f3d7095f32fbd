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
  /** Whether the kernel gives it to two programs at once. Where it does not, opening fails by itself. */
  readonly shared: boolean;
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
  /** Nodes that another program had when we last looked. */
  const taken = new Set<string>();

  /** @returns the programs that have it besides us, as a technician can find them; empty when there is none. */
  async function others(node: string): Promise<string> {
    const found = (await holders(node)).filter((holder) => !holder.endsWith(`(${process.pid})`));
    if (found.length > 0) taken.add(node);
    else taken.delete(node);
    return found.join(', ');
  }

  return async (library, target, request) => {
    const { node, interfaces, reportBytes, shared } = target;
    const refuse = (code: PortFault['code'], detail: string): OpenResult => ({
      ok: false,
      fault: { code, path: node, detail },
    });
    const before = open.get(node);
    if (before?.ended) return refuse('notResponding', 'the last connection has not ended yet');
    if (before) return refuse('busy', `${process.title} (${process.pid})`);
    const refused = await accessFault(node);
    if (refused) return refuse(refused.code, refused.detail);
    // Looking takes a slow machine a second, and a box is to be back soon: first only where somebody was before.
    const still = shared && taken.has(node) ? await others(node) : '';
    if (still) return refuse('busy', still);
    const handles = await openAll(library, interfaces);
    if (typeof handles === 'string') {
      const code = openFault(handles);
      const have = code === 'ioError' ? await others(node) : '';
      return have ? refuse('busy', have) : refuse(code, handles);
    }
    const mine = { ended: false };
    open.set(node, mine);
    const { port, released, end } = createHidConnection({
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
    // Only when it is known that it is open: nothing goes before.
    if (shared)
      setImmediate(() => {
        void others(node).then((have) => {
          if (have) end('busy', have);
        });
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
