/** What the shell (main) and the core process say to each other; ports travel beside `citizen-port`. */
export type ShellMessage = { readonly type: 'citizen-port' } | { readonly type: 'stop' };
export type CoreMessage = { readonly type: 'heartbeat' };

/** How often the core shows that its event loop turns. */
export const CORE_HEARTBEAT_MS = 1_000;
