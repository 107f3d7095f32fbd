import type { StoredEntry } from '../../src/shared/journal/verify.ts';
import type { Snapshot } from '../../src/shared/screen/snapshot.ts';
import type { HeldEntry } from './crash-site.ts';

/** Somebody in front of the kiosk who writes down what it said and what was pressed, and dies with nobody. */
export interface Witness {
  /** To be told every screen. */
  readonly sees: (snapshot: Snapshot) => void;
  /** To be told every press, before it is sent. */
  presses(invitation: string, level: number): void;
  thanked(): number;
  /** What is wrong with the journal and with what the province holds, one sentence each; empty when all is well. */
  judge(journal: readonly StoredEntry[], held: readonly HeldEntry[]): readonly string[];
}

interface Seen {
  /** The level that "recorded" was last said of. */
  readonly shown: number;
  /** Pressed since, and the kiosk ended or failed before it said anything of it. */
  readonly unanswered: readonly number[];
}

interface RatingBody {
  readonly invitation: string;
  readonly serviceKey: string;
  readonly level: number;
}

export function createWitness(): Witness {
  const seen = new Map<string, Seen>();
  return {
    sees({ screen }) {
      if (screen.name === 'chosen') seen.set(screen.invitation, { shown: screen.level, unanswered: [] });
    },
    presses(invitation, level) {
      const before = seen.get(invitation);
      if (before) seen.set(invitation, { ...before, unanswered: [...before.unanswered, level] });
    },
    thanked: () => seen.size,
    judge: (journal, held) => [...judgeJournal(seen, journal), ...judgeProvince(journal, held)],
  };
}

function judgeJournal(seen: ReadonlyMap<string, Seen>, journal: readonly StoredEntry[]): readonly string[] {
  const wrong: string[] = [];
  const settled = new Map<string, RatingBody>();
  const services = new Set<string>();
  for (const entry of journal) {
    if (entry.kind !== 'rating.settled') continue;
    const body = JSON.parse(entry.body) as RatingBody;
    if (services.has(body.serviceKey)) wrong.push(`doubled: ${body.serviceKey} is settled twice`);
    services.add(body.serviceKey);
    settled.set(body.invitation, body);
  }
  for (const [invitation, { shown, unanswered }] of seen) {
    const body = settled.get(invitation);
    if (!body) wrong.push(`lost: ${invitation} was thanked for and is not settled`);
    else if (body.level !== shown && !unanswered.includes(body.level))
      wrong.push(`changed: ${invitation} was shown as ${shown} and is settled as ${body.level}`);
  }
  return wrong;
}

function judgeProvince(journal: readonly StoredEntry[], held: readonly HeldEntry[]): readonly string[] {
  const wrong: string[] = [];
  if (held.length !== journal.length)
    wrong.push(
      `the province holds ${held.length} entries, the journal ${journal.length} (the next is ${journal[held.length]?.kind})`,
    );
  for (const [index, entry] of journal.entries()) {
    const there = held[index];
    if (there && (there.seq !== entry.seq || there.hash !== entry.hash))
      wrong.push(`entry ${entry.seq} (${entry.kind}) is another one at the province`);
  }
  return wrong.slice(0, 20);
}
