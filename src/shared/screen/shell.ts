/**
 * What the shell (main) and the core process say to each other; ports travel beside `citizen-port`, `staff-port`
 * and `driver-port`. The core asks for a process for each line's driver, because only the shell can make one; `id` is the
 * core's own number for it, used once. `staff-wanted` lays the staff screen over the citizen's, `staff-unwanted` takes
 * it away; a core that ends unwants it. Between `camera-wanted` and `camera-unwanted` the staff screen may have the tablet's camera.
 */
export type ShellMessage =
  | { readonly type: 'citizen-port' }
  | { readonly type: 'staff-port' }
  | { readonly type: 'driver-port'; readonly id: number }
  | { readonly type: 'driver-gone'; readonly id: number; readonly reason: string }
  | { readonly type: 'stop' };
export type CoreMessage =
  | { readonly type: 'heartbeat' }
  | { readonly type: 'staff-wanted' }
  | { readonly type: 'staff-unwanted' }
  | { readonly type: 'camera-wanted' }
  | { readonly type: 'camera-unwanted' }
  | { readonly type: 'driver-wanted'; readonly id: number }
  | { readonly type: 'driver-unwanted'; readonly id: number };

/**
 * For whoever starts the core. A backlog that drains makes much that is thrown away at once; without a bound V8 lets the
 * space for that grow to 48 MB and keeps it, on tablets that have 2 GB for everything.
 */
export const CORE_V8_FLAGS: readonly string[] = ['--max-semi-space-size=4'];

/** How often the core shows that its event loop turns. */
export const CORE_HEARTBEAT_MS = 1_000;

/** By hand: the shell carries no schema library. @returns undefined for whatever a core does not say. */
export function readCoreMessage(data: unknown): CoreMessage | undefined {
  const type = fieldOf(data, 'type');
  if (type === 'heartbeat' || type === 'staff-wanted' || type === 'staff-unwanted') return { type };
  if (type === 'camera-wanted' || type === 'camera-unwanted') return { type };
  if (type !== 'driver-wanted' && type !== 'driver-unwanted') return undefined;
  const id = idOf(data);
  return id === undefined ? undefined : { type, id };
}

/** @returns undefined for whatever a shell does not say. */
export function readShellMessage(data: unknown): ShellMessage | undefined {
  const type = fieldOf(data, 'type');
  if (type === 'citizen-port' || type === 'staff-port' || type === 'stop') return { type };
  const id = idOf(data);
  if (id === undefined) return undefined;
  if (type === 'driver-port') return { type, id };
  const reason = fieldOf(data, 'reason');
  return type === 'driver-gone' && typeof reason === 'string' ? { type, id, reason } : undefined;
}

function fieldOf(data: unknown, name: string): unknown {
  return typeof data === 'object' && data !== null ? Reflect.get(data, name) : undefined;
}

function idOf(data: unknown): number | undefined {
  const id = fieldOf(data, 'id');
  return Number.isSafeInteger(id) && Number(id) > 0 ? Number(id) : undefined;
}
