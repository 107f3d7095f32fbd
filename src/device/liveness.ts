import type { Clock } from '../shared/clock.ts';

/**
 * Questions in a row that nobody answered, and for how long, until a box counts as gone: soon enough to be shown
 * within two seconds, and not by a bad moment of the line. Questions are counted besides time, because a process that
 * stood still has not asked.
 */
export const SILENCE = { questions: 3, afterMs: 1_000 } as const;

/** Which of the boxes on a line that are asked are there. Without it an open port would pass for a box. */
export interface Liveness {
  /** The line was opened: of no box is anything known. */
  opened(): void;
  answered(box: number): void;
  /** It was asked and the time for its answer is over. */
  missed(box: number): void;
  isSilent(box: number): boolean;
}

/** @param parts.onAnswering each time a box that was silent or not yet heard answers; `all`: every box of the line does now. */
export function createLiveness(parts: {
  readonly clock: Pick<Clock, 'monoMs'>;
  readonly boxes: number;
  readonly onSilent: (box: number, forMs: number) => void;
  readonly onAnswering: (box: number, all: boolean) => void;
}): Liveness {
  const { clock } = parts;
  let states = fresh();

  function fresh() {
    const sinceMonoMs = clock.monoMs();
    return Array.from({ length: parts.boxes }, (): BoxState => ({ is: 'unknown', missed: 0, sinceMonoMs }));
  }

  return {
    opened() {
      states = fresh();
    },
    answered(box) {
      const before = states[box];
      if (!before) return;
      states[box] = { is: 'answering', missed: 0, sinceMonoMs: clock.monoMs() };
      if (before.is === 'answering') return;
      parts.onAnswering(
        box,
        states.every(({ is }) => is === 'answering'),
      );
    },
    missed(box) {
      const before = states[box];
      if (!before) return;
      const missed = before.missed + 1;
      const forMs = clock.monoMs() - before.sinceMonoMs;
      const silent = missed >= SILENCE.questions && forMs >= SILENCE.afterMs;
      states[box] = { ...before, missed, is: silent ? 'silent' : before.is };
      if (silent && before.is !== 'silent') parts.onSilent(box, forMs);
    },
    isSilent: (box) => states[box]?.is === 'silent',
  };
}

interface BoxState {
  readonly is: 'unknown' | 'answering' | 'silent';
  readonly missed: number;
  /** When it was heard last, or the line was opened. */
  readonly sinceMonoMs: number;
}
