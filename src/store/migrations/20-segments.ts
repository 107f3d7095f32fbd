/**
 * 20: old, delivered entries may be compacted (docs/adr/0012-retention.md).
 *
 * - `segment` stands for entries that are gone. It only grows, each row on the one before; a row may stand only
 *   while its entries are still there to compare, every link has them, and their signed totals end the journal.
 * - An entry may be deleted once a segment covers it, and entry 1 never.
 * - `invitation.segment` says in which segment the entries of an invitation are: it and its rating stay for
 *   ever, because one service has one rating for ever.
 */
export const segmentsSchema = `
CREATE TABLE segment (
  to_seq   INTEGER PRIMARY KEY CHECK (to_seq >= from_seq),
  from_seq INTEGER NOT NULL CHECK (from_seq >= 2),
  prev     BLOB    NOT NULL CHECK (length(prev) = 32),
  hash     BLOB    NOT NULL CHECK (length(hash) = 32),
  sig      BLOB    NOT NULL CHECK (length(sig) = 64),
  counts   TEXT    NOT NULL,
  sum      BLOB    NOT NULL CHECK (length(sum) = 32)
) STRICT;

CREATE TRIGGER segment_only_follows BEFORE INSERT ON segment
WHEN NEW.from_seq <> (SELECT coalesce(max(to_seq), 1) + 1 FROM segment)
  OR NEW.to_seq > (SELECT coalesce(min(acked_seq), 0) FROM cursor)
  OR NOT EXISTS (SELECT 1 FROM journal WHERE seq = NEW.from_seq AND prev = NEW.prev)
  OR NOT EXISTS (SELECT 1 FROM journal WHERE seq = NEW.to_seq AND hash = NEW.hash AND sig = NEW.sig)
  OR NOT EXISTS (
    SELECT 1 FROM journal WHERE seq = (SELECT max(seq) FROM journal) AND seq > NEW.to_seq
      AND kind = 'journal.compacted' AND json_extract(body, '$.toSeq') = NEW.to_seq)
BEGIN SELECT RAISE(ABORT, 'a segment stands for delivered entries that follow the last segment, with signed totals'); END;

CREATE TRIGGER segment_never_changes BEFORE UPDATE ON segment
BEGIN SELECT RAISE(ABORT, 'a segment is never changed'); END;

CREATE TRIGGER segment_stays BEFORE DELETE ON segment
BEGIN SELECT RAISE(ABORT, 'a segment is never deleted'); END;

DROP TRIGGER journal_never_shrinks;

CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
WHEN OLD.seq < 2 OR OLD.seq > (SELECT coalesce(max(to_seq), 0) FROM segment)
BEGIN SELECT RAISE(ABORT, 'an entry of the journal is never deleted unless a segment stands for it'); END;

ALTER TABLE invitation ADD COLUMN segment INTEGER;

DROP TRIGGER invitation_closes_once;

CREATE TRIGGER invitation_closes_once BEFORE UPDATE ON invitation
WHEN NEW.invitation <> OLD.invitation OR NEW.service_key <> OLD.service_key OR OLD.segment IS NOT NULL
  OR (OLD.outcome IS NOT NULL AND (NEW.outcome IS NOT OLD.outcome OR NEW.segment IS NULL))
  OR (OLD.outcome IS NULL AND NEW.segment IS NOT NULL)
BEGIN SELECT RAISE(ABORT, 'an invitation is closed once and never changed'); END;

CREATE TRIGGER invitation_belongs_to_a_segment BEFORE UPDATE OF segment ON invitation
WHEN NEW.segment IS NOT (SELECT max(to_seq) FROM segment)
BEGIN SELECT RAISE(ABORT, 'an invitation goes into the newest segment'); END;
`;
