import type { Clock } from '../shared/clock.ts';
import type { Framing } from './framing/framing.ts';
import { askEveryMs } from './poll-plan.ts';

/** Said and not yet out; more is dropped, because a lamp that lights late lights for somebody else. */
const WAITING_LIMIT = 8;

/** Whose turn it is on a line where only one may speak: the boxes are asked one after another, between that they are told things. */
export interface LineTurn {
  opened(): void;
  closed(): void;
  /** At once on a line where everybody may speak; otherwise as soon as the line is free. */
  say(bytes: Uint8Array): void;
  /** The box that was asked has answered. */
  answered(): void;
}

/**
 * @param parts.onSaid what became of something said: whether it went out.
 * @param parts.onMissed the time for an answer is over. @param parts.onMissed.poll whose, as in `polls`.
 */
export function createLineTurn(parts: {
  readonly clock: Clock;
  readonly polls: readonly NonNullable<Framing['poll']>[];
  readonly write: (bytes: Uint8Array) => boolean;
  readonly onSaid: (out: boolean) => void;
  readonly onMissed?: (poll: number) => void;
}): LineTurn {
  const { clock, polls, write, onSaid } = parts;
  const [first] = polls;
  const everyMs = askEveryMs(first?.everyMs ?? 0, polls.length);
  let waiting: Uint8Array[] = [];
  let busy: 'asked' | 'told' | undefined;
  let open = false;
  /** Whose question was the last. */
  let turn = -1;
  let cancelFree = () => {};
  let cancelPoll = () => {};
  let due = false;

  const hold = (why: 'asked' | 'told', ms: number) => {
    busy = why;
    cancelFree();
    const asked = turn;
    cancelFree = clock.after(ms, () => {
      if (why === 'asked') parts.onMissed?.(asked);
      free();
    });
  };

  function free(): void {
    busy = undefined;
    cancelFree();
    const next = waiting.shift();
    if (next) {
      onSaid(write(next));
      // A two-wire line gives our own words back before the answer: nobody can tell which of the two it was.
      hold('told', first?.answerMs ?? 0);
    } else if (due) {
      ask();
    }
  }

  function ask(): void {
    due = false;
    turn = (turn + 1) % polls.length;
    const poll = polls[turn];
    if (!poll) return;
    // A question that the line does not take is one that nobody answers.
    hold('asked', poll.answerMs);
    write(poll.ask());
  }

  function poll(): void {
    if (!first) return;
    due = true;
    if (!busy) free();
    cancelPoll = clock.after(everyMs, poll);
  }

  return {
    opened() {
      open = true;
      busy = undefined;
      poll();
    },
    closed() {
      open = false;
      cancelPoll();
      cancelFree();
      for (const _ of waiting) onSaid(false);
      waiting = [];
      due = false;
    },
    say(bytes) {
      if (!first || !open) {
        onSaid(write(bytes));
      } else if (waiting.length >= WAITING_LIMIT) {
        onSaid(false);
      } else {
        waiting.push(bytes);
        if (!busy) free();
      }
    },
    answered() {
      if (busy === 'asked') free();
    },
  };
}
