import type { Clock } from '../shared/clock.ts';
import { type BackupOutcome, type Backups, createBackups, markDamaged } from '../store/store.ts';
import type { createCoalescer } from './logging.ts';
import type { KioskGround } from './parts.ts';

/**
 * Says on the disk that the journal is damaged. Without the mark the next start would open the same file again and come
 * to the same page, and so for ever: so nothing is begun while it cannot be made.
 *
 * @returns whether it stands there; if not, why not is in the log.
 */
export function markJournal(parts: {
  readonly dataFolder: string;
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly note: ReturnType<typeof createCoalescer>;
}): boolean {
  try {
    markDamaged(parts.dataFolder, 'badMiddle', parts.clock.nowMs());
    return true;
  } catch (error) {
    parts.note('error', 'journalNotMarked', {
      error: error instanceof Error ? error.message : String(error),
    });
    return false;
  }
}

/** Copies of the journal for as long as the kiosk runs, and what is done when one shows that the journal is damaged. */
export function keepBackups(parts: {
  readonly ground: Pick<KioskGround, 'dataFolder' | 'store' | 'signer'>;
  readonly clock: Clock;
  readonly note: ReturnType<typeof createCoalescer>;
  readonly onDamaged: (() => void) | undefined;
}): Backups {
  const { clock, note, onDamaged } = parts;
  const { dataFolder, store, signer } = parts.ground;

  function onOutcome(outcome: BackupOutcome): void {
    switch (outcome.kind) {
      case 'made':
        note('info', 'backupMade', { headSeq: outcome.headSeq, bytes: outcome.bytes });
        return;
      case 'damaged':
        note('error', 'journalDamaged', { message: outcome.message });
        if (markJournal({ dataFolder, clock, note })) onDamaged?.();
        return;
      case 'noRoom':
      case 'failed':
        note('warn', 'backupFailed', { kind: outcome.kind, message: outcome.message });
        return;
      case 'stopped':
        return;
    }
  }

  return createBackups({ folder: dataFolder, store, suite: signer.suite, clock, onOutcome });
}
