import { type Fault, faultOf } from './faults.ts';

/** Whoever asked gets this for an answer where the disk does not give one: never "nothing", which would be a lie. */
export const UNREADABLE = 'unreadable';
export type Unreadable = typeof UNREADABLE;

/** What the disk has done to one open journal: every error passes here, whoever met it. */
export interface Damage {
  /** @returns undefined when the error is none of the disk's doing: a bug, to be thrown on. */
  met(error: unknown): Fault | undefined;
  /** A page could not be read, or says what nobody wrote. It stays so until the journal is put together again. */
  isThere(): boolean;
  /** Called once with what was met, also when that was before; never inside the read that met it. */
  onMet(listener: (message: string) => void): () => void;
  end(): void;
}

export function createDamage(folder: string): Damage {
  const listeners = new Set<(message: string) => void>();
  let found: string | undefined;

  // Whoever hears of it stops and starts things, which the read that met it must not find gone under its feet.
  function tell(listener: (message: string) => void, message: string): void {
    queueMicrotask(() => {
      if (listeners.delete(listener)) listener(message);
    });
  }

  return {
    met(error) {
      const fault = faultOf(error, folder);
      if (fault?.kind === 'corrupt' && found === undefined) {
        found = fault.message;
        for (const listener of listeners) tell(listener, found);
      }
      return fault;
    },
    isThere: () => found !== undefined,
    onMet(listener) {
      listeners.add(listener);
      if (found !== undefined) tell(listener, found);
      return () => listeners.delete(listener);
    },
    end: () => listeners.clear(),
  };
}
