/**
 * `node tools/hall/journal-tail.ts FILE [UID GID]` prints a journal's entries as JSON lines as they come,
 * levels included: it is for the bench of developers and no screen of a hall. It waits for a journal that is
 * not there yet, and ends with its input.
 *
 * With UID GID it becomes that user before it touches the journal, so that no file beside it belongs to
 * somebody the kiosk cannot share it with. The program itself may lie where that user cannot read.
 */
import { existsSync } from 'node:fs';
import { type JournalReader, loadJournalDriver, openJournalReader } from '../../src/store/reader.ts';

const POLL_MS = 150;

const [file = '', uid, gid] = process.argv.slice(2);
loadJournalDriver();
if (uid !== undefined && gid !== undefined && process.setuid) {
  process.setgroups?.([Number(gid)]);
  process.setgid?.(Number(gid));
  process.setuid(Number(uid));
}

let reader: JournalReader | undefined;
let seq = 0;
let saidLast = '';

function complain(message: string): void {
  if (message !== saidLast) process.stderr.write(`${message}\n`);
  saidLast = message;
}

function look(): void {
  if (!reader) {
    if (!existsSync(file)) return;
    const opened = openJournalReader(file);
    if (!opened.ok) {
      complain(opened.message);
      return;
    }
    reader = opened.reader;
  }
  for (const { prev: _, ...entry } of reader.entries(seq)) {
    process.stdout.write(`${JSON.stringify(entry)}\n`);
    seq = entry.seq;
  }
}

function lookAgain(): void {
  try {
    look();
  } catch (error) {
    // Busy, or the file is being replaced: a fresh look at the next turn.
    complain(error instanceof Error ? error.message : String(error));
    reader?.close();
    reader = undefined;
  }
  setTimeout(lookAgain, POLL_MS);
}

process.stdin.on('end', () => process.exit(0)).resume();
process.stdout.on('error', () => process.exit(0));
lookAgain();
