import type Database from 'better-sqlite3';
import { segmentSum } from '../../src/shared/journal/segment.ts';
import { type Change, type Draw, flipped } from './tamper-changes.ts';
import { asOwner, contentOf, type Original, type RawSegment } from './tamper-store.ts';

/**
 * Changes to what stands in for entries that were compacted. None says which record is the first bad one: that is
 * read from the file, as the first stretch that is not as it was.
 */
function change(act: (db: Database.Database, original: Original, draw: Draw) => void): Change {
  return (file, original, draw) => {
    asOwner(file, (db) => act(db, original, draw));
    // Only so that a change that changes nothing does not go by as one that was not found.
    if (contentOf(file).text === original.content.text) throw new Error('nothing was changed');
    return null;
  };
}

function pick<T>(all: readonly T[], draw: Draw): T {
  const one = all[draw(all.length)];
  if (one === undefined) throw new Error('the original journal was not compacted');
  return one;
}

const COLUMNS = ['to_seq', 'from_seq', 'prev', 'hash', 'sig', 'counts', 'sum'] as const;

const column = change((db, { content: { segments } }, draw) => {
  const segment = pick(segments, draw);
  const name = pick(COLUMNS, draw);
  const set = (value: unknown) =>
    db.prepare(`UPDATE segment SET ${name} = ? WHERE to_seq = ?`).run(value, segment.to_seq);
  const value = segment[name];
  if (typeof value === 'number') {
    const other = Number(BigInt(value) ^ (1n << BigInt(draw(20))));
    // Two segments cannot end at one place: the table has it so.
    set(segments.some(({ to_seq }) => to_seq === other) ? value + 1_000_000 : other);
  } else if (typeof value === 'string')
    db.prepare(`UPDATE segment SET ${name} = CAST(? AS TEXT) WHERE to_seq = ?`).run(
      flipped(Buffer.from(value), draw),
      segment.to_seq,
    );
  else set(flipped(value, draw));
});

const takenOut = change((db, { content: { segments } }, draw) => {
  const segment = pick(segments, draw);
  // One, all of them, or all from one on.
  const which = pick(['to_seq = ?', 'to_seq >= ?', 'to_seq > ? * 0'], draw);
  db.prepare(`DELETE FROM segment WHERE ${which}`).run(segment.to_seq);
});

const keptRating = change((db, { content: { segments } }, draw) => {
  const of = 'invitation IN (SELECT invitation FROM invitation WHERE segment = ?)';
  const { to_seq } = pick(segments, draw);
  const keys = db.prepare<[number], string>(`SELECT service_key FROM rating WHERE ${of}`).pluck().all(to_seq);
  const act = pick(
    [
      'DELETE FROM rating WHERE service_key = ?',
      'UPDATE rating SET level = 1 + level % 5 WHERE service_key = ?',
      'UPDATE rating SET changes = changes + 1 WHERE service_key = ?',
      'UPDATE rating SET settled_hash = zeroblob(32) WHERE service_key = ?',
      "UPDATE rating SET service_key = service_key || '0' WHERE service_key = ?",
    ],
    draw,
  );
  db.prepare(act).run(pick(keys, draw));
});

const keptInvitation = change((db, { content: { segments } }, draw) => {
  const { to_seq } = pick(segments, draw);
  const all = db
    .prepare<[number], string>('SELECT invitation FROM invitation WHERE segment = ?')
    .pluck()
    .all(to_seq);
  const act = pick(
    [
      'DELETE FROM invitation WHERE invitation = ?',
      "UPDATE invitation SET outcome = 'declined' WHERE invitation = ?",
      'UPDATE invitation SET segment = NULL WHERE invitation = ?',
      "UPDATE invitation SET service_key = service_key || '0' WHERE invitation = ?",
    ],
    draw,
  );
  db.prepare(act).run(pick(all, draw));
});

/** Totals changed with all that can be made anew without the key: the sums of this segment and of all that follow. */
const countedAnew = change((db, { signer, content: { segments } }, draw) => {
  const from = draw(segments.length);
  const total = pick([/"5":(\d+)/, /"rating.chosen":(\d+)/], draw);
  let before: string | undefined;
  for (const [at, segment] of segments.entries()) {
    const counts =
      at === from
        ? segment.counts.replace(total, (whole, n) => whole.replace(/\d+$/, `${Number(n) + 1}`))
        : segment.counts;
    const sum = segmentSum(signer.suite, before, { ...plain(segment), counts });
    db.prepare('UPDATE segment SET counts = ?, sum = ? WHERE to_seq = ?').run(
      counts,
      Buffer.from(sum, 'hex'),
      segment.to_seq,
    );
    before = sum;
  }
});

function plain({ from_seq, to_seq, prev, hash, sig }: RawSegment) {
  return {
    fromSeq: from_seq,
    toSeq: to_seq,
    prev: prev.toString('hex'),
    hash: hash.toString('hex'),
    sig: sig.toString('base64'),
  };
}

export const SEGMENT_CHANGES: Readonly<Record<string, Change>> = {
  'flip in a segment': column,
  'take segments out': takenOut,
  'bend a rating that stayed': keptRating,
  'bend an invitation that stayed': keptInvitation,
  'count anew, without the key': countedAnew,
};
