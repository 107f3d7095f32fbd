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
  /** Says now what fell due while something else was under way. */
  catchUp(): void;
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
    line.run(async (abort) => {
      const [answer, trip] = await post(sealed(), abort);
      if (answer.kind === 'reply') pulse.sent();
      return () => obey(echoOf(answer, parts.ours()), trip);
    });
  }

  function sealed(): ReturnType<typeof sealHeartbeat> {
    const { seq: headSeq, hash: headHash } = store.head();
    const { parkedSeq } = line.shown;
    return sealHeartbeat(
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
  }

  function obey(echo: Echo, trip: Trip): void {
    switch (echo.kind) {
      case 'holds': {
        const time = serverTimeOf(echo.serverTimeMs, trip);
        line.healthy();
        line.hear({ provinceHolds: { seq: echo.heldSeq, atMs: clock.nowMs() } });
        parts.onClock(time);
        if (parts.onHeld(echo.heldSeq)) goOn();
        parts.onServerTime(time);
        return;
      }
      // Nobody answers, or it asks for time: that is what the state says now, held or not, and it has a timer of its own. The
      // refused entry goes when that is over, and whoever refuses it still is heard then.
      case 'retry':
        if (echo.serverTimeMs !== undefined) line.clockWrong(echo.serverTimeMs);
        line.retryLater(echo.offline, echo.reason);
        return;
      case 'slowDown':
        line.wait('slowed', echo.ms * (1 + 0.2 * random()), echo.reason);
        return;
      case 'stop':
        line.halt(echo.reason);
        return;
      case 'nothing':
        goOn();
        return;
      default:
        assertNever(echo);
    }
  }

  /** Held stays held for as long as its timer runs; one that ended while the heartbeat was under way sends now. */
  function goOn(): void {
    if (line.shown.state === 'held' && line.waiting) line.say();
    else next();
  }

  return {
    get due() {
      return pulse.due;
    },
    start: pulse.start,
    stop: pulse.stop,
    beat,
    catchUp() {
      if (pulse.due) onDue();
    },
  };
}
