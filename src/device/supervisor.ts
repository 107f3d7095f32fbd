import type { Clock } from '../shared/clock.ts';
import type { LinkState } from '../shared/queue-event.ts';
import type { DeviceModel } from './models.ts';
import { type ButtonSettings, whereIs } from './settings.ts';
import { describePortFault, type OpenPort, type Port, type PortFault } from './transport/port.ts';

/**
 * Named delays. With `reopenCapMs` at one second a replugged box is back well within two.
 */
export const REOPEN = {
  /** First retry, and every retry of a port that is not there: looking for a name costs nothing. */
  reopenMs: 500,
  /** A port that is there but refuses is asked less often. */
  reopenCapMs: 1_000,
  /** A node appears before its permissions: so soon and so often is "denied" tried again before it is said. */
  permissionRetryMs: 100,
  permissionRetries: 10,
} as const;

export interface Supervisor {
  start(): void;
  /** Closes the port; resolves within about a second. */
  stop(): Promise<void>;
  /** The box has answered, or fell silent on a line that stays open. */
  answering(): void;
  silent(fault: PortFault): void;
  /** @returns false when the bytes were not handed to the line: not open, or the line does not take them. */
  write(bytes: Uint8Array): boolean;
  state(): LinkState;
}

/** find → open → ready → lost → wait → open again, for ever, until stopped. */
export function createSupervisor(parts: {
  readonly clock: Clock;
  readonly openPort: OpenPort;
  readonly settings: ButtonSettings;
  readonly model: DeviceModel;
  readonly onOpen: () => void;
  readonly onData: (bytes: Uint8Array) => void;
  readonly onState: (state: LinkState) => void;
  readonly onLost: (fault: PortFault) => void;
  /** The box says by itself that it is there: an open port alone is none. */
  readonly answers?: boolean;
}): Supervisor {
  const { clock, openPort, settings, model } = parts;
  const where = whereIs(settings, model);
  let state: LinkState = { state: 'connecting', sinceMs: clock.nowMs() };
  let running = false;
  /** Whatever belongs to an older attempt or connection has no say any more. */
  let turn = 0;
  let port: Port | undefined;
  let shown: PortFault['code'] | undefined;
  let refusals = 0;
  let denials = 0;
  let cancelRetry = () => {};

  const show = (next: LinkState) => {
    state = next;
    parts.onState(next);
  };

  /** Nothing that is already shown is told again. */
  const lose = (fault: PortFault, tell: (fault: PortFault) => void) => {
    // "Unplugged" says more than the "absent" that every later look finds.
    const news = fault.code !== shown && !(fault.code === 'absent' && shown === 'unplugged');
    if (!news) return;
    shown = fault.code;
    tell(fault);
    const sinceMs = state.state === 'lost' ? state.sinceMs : clock.nowMs();
    show({ state: 'lost', sinceMs, reason: describePortFault(fault) });
  };

  const arrived = () => {
    if (!port || state.state === 'ready') return;
    shown = undefined;
    show({ state: 'ready', sinceMs: clock.nowMs() });
  };

  const retryIn = (ms: number) => {
    cancelRetry = clock.after(ms, attempt);
  };

  const refused = (fault: PortFault) => {
    if (fault.code === 'denied' && denials < REOPEN.permissionRetries) {
      denials += 1;
      retryIn(REOPEN.permissionRetryMs);
      return;
    }
    if (fault.code === 'absent') {
      refusals = 0;
      denials = 0;
    }
    lose(fault, parts.onLost);
    retryIn(Math.min(REOPEN.reopenMs * 2 ** refusals, REOPEN.reopenCapMs));
    if (fault.code !== 'absent') refusals += 1;
  };

  const attempt = () => {
    const mine = ++turn;
    const current = () => running && mine === turn;
    const request = {
      where,
      transport: model.transport,
      onData: (bytes: Uint8Array) => {
        if (current()) parts.onData(bytes);
      },
      onGone: (fault: PortFault) => {
        if (!current()) return;
        port = undefined;
        refusals = 0;
        denials = 0;
        lose(fault, parts.onLost);
        retryIn(REOPEN.reopenMs);
      },
    };
    void openPort(request).then((result) => {
      if (!current()) {
        if (result.ok) void result.port.close();
        return;
      }
      if (!result.ok) return refused(result.fault);
      port = result.port;
      refusals = 0;
      denials = 0;
      parts.onOpen();
      if (!parts.answers) arrived();
    });
  };

  return {
    start() {
      if (running) return;
      running = true;
      show({ state: 'connecting', sinceMs: clock.nowMs() });
      attempt();
    },
    async stop() {
      running = false;
      turn += 1;
      cancelRetry();
      const closing = port;
      port = undefined;
      shown = undefined;
      await closing?.close();
    },
    answering: arrived,
    silent(fault) {
      if (port) lose(fault, () => {});
    },
    write: (bytes) => port?.write(bytes) ?? false,
    state: () => state,
  };
}
