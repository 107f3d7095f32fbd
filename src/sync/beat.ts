import type { Clock } from '../shared/clock.ts';
import { assertNever } from '../shared/words.ts';
import { createPulse, type Echo, echoOf, sealHeartbeat } from './heartbeat.ts';
import type { LeasedPost, Trip } from './leased-post.ts';
import type { Line } from './line.ts';
import { type ServerTime, serverTimeOf } from './upload-state.ts';
import type { UploaderParts } from './uploader.ts';
import type { Sent } from './verdict.ts';

/** Says over the line how far the journal goes, and does what the answer asks for. */
export interface Beats {
  readonly due: boolean;
  start(): void;
  stop(): void;
  beat(): void;
}

export function createBeats(
  parts: Pick<UploaderParts, 'store' | 'link' | 'signer' | 'deviceId' | 'random'> & {
    readonly heartbeat: NonNullable<UploaderParts['heartbeat']>;
    readonly clock: Clock;
    readonly line: Line;
    readonly post: LeasedPost;
    readonly ours: () => Pick<Sent, 'headSeq' | 'nowMs' | 'hashOf'>;
    /** What goes next over the line. */
    readonly next: () => void;
    /** The province holds entries up to here. @returns false when that is less than it had acknowledged. */
    readonly onHeld: (heldSeq: number) => boolean;
    readonly onClock: (time: ServerTime) => void;
    readonly onServerTime: (time: ServerTime) => void;
  },
): Beats {
  const { store, link, signer, deviceId, clock, random, line, post, next, heartbeat } = parts;
  const pulse = createPulse({ clock, random, everyMs: heartbeat.everyMs, onDue });

  /** Idle, or held at an entry: then nothing else would ask the province. Elsewhere it is seen that it is due. */
  function onDue(): void {
    const { state } = line.shown;
    if (line.running && !line.busy && (state === 'idle' || state === 'held')) beat();
  }

  function beat(): void {
    const { seq: headSeq, hash: headHash } = store.head();
    const { parkedSeq } = line.shown;
    const request = sealHeartbeat(
      {
        headSeq,
        headHash,
        ackedSeq: store.cursorOf(link),
        boot: heartbeat.boot,
        mono: Math.max(0, Math.floor(clock.monoMs())),
        ...(parkedSeq === undefined ? {} : { parkedSeq }),
      },
      { signer, deviceId, nowMs: line.signedAtMs() },
    );
    line.run(async (abort) => {
      const [answer, trip] = await post(request, abort);
      if (answer.kind === 'reply') pulse.sent();
      return () => obey(echoOf(answer, parts.ours()), trip);
    });
  }

  function obey(echo: Echo, trip: Trip): void {
    const held = line.shown.state === 'held';
    switch (echo.kind) {
      case 'holds': {
        const time = serverTimeOf(echo.serverTimeMs, trip);
        line.healthy();
        line.hear({ provinceHolds: { seq: echo.heldSeq, atMs: clock.nowMs() } });
        parts.onClock(time);
        if (parts.onHeld(echo.heldSeq)) {
          if (held) line.say();
          else next();
        }
        parts.onServerTime(time);
        return;
      }
      case 'retry':
        if (echo.serverTimeMs !== undefined) line.clockWrong(echo.serverTimeMs);
        if (!held) line.retryLater(echo.offline, echo.reason);
        return;
      case 'slowDown':
        if (!held) line.wait('slowed', echo.ms * (1 + 0.2 * random()), echo.reason);
        return;
      case 'stop':
        line.halt(echo.reason);
        return;
      case 'nothing':
        if (!held) next();
        return;
      default:
        assertNever(echo);
    }
  }

  return {
    get due() {
      return pulse.due;
    },
    start: pulse.start,
    stop: pulse.stop,
    beat,
  };
}
