/**
 * What joins the core to one process that drives one line: texts there and back, and the end of it. Who makes the
 * process is told by whoever starts the core (plain Node forks, Electron's shell does it for the core).
 */
export interface DriverPort {
  /** Never throws and never blocks; what cannot be delivered is dropped. */
  post(text: string): void;
  onMessage(listener: (data: unknown) => void): void;
  /** At most once, however it came: by itself, by a signal, or because it never started. */
  onExit(listener: (reason: string) => void): void;
  /** At once and hard, also when it hangs. Nobody waits for the end: the kernel may hold a port for half a minute. */
  kill(): void;
}

export type SpawnDriver = () => DriverPort;

/** The other end, inside that process. */
export interface HostPort {
  post(text: string): void;
  onMessage(listener: (data: unknown) => void): void;
}

/** How often a driver's process shows that its event loop turns, and how often the core looks. */
export const BEAT_MS = 400;
/** After so many looks without a sign of life the process hangs: 1.2 to 1.6 seconds. */
export const SILENT_LOOKS = 4;
/** A process that is only just starting may take this many: a cold disk. */
export const START_LOOKS = 25;
/** A driver that closes its port in order gets this long; then its process ends anyhow. */
export const CLOSE_LIMIT_MS = 600;
/** What the core waits for that, whatever happens. */
export const STOP_LIMIT_MS = 800;

/**
 * For a process that does little and whose memory counts: a small young generation, code before speed.
 * Flags of the engine, given when the process is made.
 */
export const LEAN_FLAGS: readonly string[] = ['--optimize-for-size', '--max-semi-space-size=1'];
