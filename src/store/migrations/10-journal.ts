/**
 * 10: the journal, what it says (projections), and how far each link has delivered it.
 *
 * - `journal` is the truth. It can only grow at its end.
 * - `invitation` and `rating` are projections: written in the same transaction, rebuilt from the journal at will.
 *   Their triggers are the second of three refusals of a second rating (reducer, database, province).
 * - `cursor` is no truth at all: losing it costs a delivery that the province recognises.
 * - `upkeep` holds nothing worth knowing; it is what checkpoint() writes (see ../upkeep.ts).
 */
export const journalSchema = `
CREATE TABLE journal (
  seq  INTEGER PRIMARY KEY CHECK (seq >= 1),
  id   TEXT    NOT NULL,
  kind TEXT    NOT NULL,
  at   INTEGER NOT NULL,
  boot TEXT    NOT NULL,
  mono INTEGER NOT NULL CHECK (mono >= 0),
  body TEXT    NOT NULL,
  prev BLOB    NOT NULL CHECK (length(prev) = 32),
  hash BLOB    NOT NULL CHECK (length(hash) = 32),
  sig  BLOB
) STRICT;

CREATE TRIGGER journal_only_grows BEFORE INSERT ON journal
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM journal)
BEGIN SELECT RAISE(ABORT, 'the journal only grows at its end, without gaps'); END;

CREATE TRIGGER journal_never_changes BEFORE UPDATE ON journal
BEGIN SELECT RAISE(ABORT, 'an entry of the journal is never changed'); END;

CREATE TRIGGER journal_never_shrinks BEFORE DELETE ON journal
BEGIN SELECT RAISE(ABORT, 'an entry of the journal is never deleted'); END;

CREATE TABLE invitation (
  invitation  TEXT PRIMARY KEY,
  service_key TEXT NOT NULL,
  outcome     TEXT
) STRICT, WITHOUT ROWID;

CREATE INDEX invitation_open ON invitation (service_key) WHERE outcome IS NULL;

CREATE TRIGGER invitation_closes_once BEFORE UPDATE ON invitation
WHEN OLD.outcome IS NOT NULL OR NEW.invitation <> OLD.invitation OR NEW.service_key <> OLD.service_key
BEGIN SELECT RAISE(ABORT, 'an invitation is closed once and never changed'); END;

CREATE TRIGGER invitation_stays BEFORE DELETE ON invitation
BEGIN SELECT RAISE(ABORT, 'an invitation is never deleted'); END;

CREATE TABLE rating (
  service_key  TEXT    PRIMARY KEY,
  invitation   TEXT    NOT NULL REFERENCES invitation (invitation),
  level        INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5),
  changes      INTEGER NOT NULL CHECK (changes >= 0),
  settled_hash BLOB    CHECK (settled_hash IS NULL OR length(settled_hash) = 32)
) STRICT, WITHOUT ROWID;

CREATE INDEX rating_open ON rating (invitation) WHERE settled_hash IS NULL;

CREATE TRIGGER rating_settles_once BEFORE UPDATE ON rating
WHEN OLD.settled_hash IS NOT NULL OR NEW.service_key <> OLD.service_key OR NEW.invitation <> OLD.invitation
BEGIN SELECT RAISE(ABORT, 'a rating is settled once and then never changed'); END;

CREATE TRIGGER rating_settles_what_was_chosen BEFORE UPDATE ON rating
WHEN OLD.settled_hash IS NULL AND NEW.settled_hash IS NOT NULL AND NEW.level <> OLD.level
BEGIN SELECT RAISE(ABORT, 'a rating settles at the level that was chosen'); END;

CREATE TRIGGER rating_stays BEFORE DELETE ON rating
BEGIN SELECT RAISE(ABORT, 'a rating is never deleted'); END;

CREATE TABLE cursor (
  link      TEXT    PRIMARY KEY,
  acked_seq INTEGER NOT NULL CHECK (acked_seq >= 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER cursor_never_goes_back BEFORE UPDATE ON cursor
WHEN NEW.acked_seq < OLD.acked_seq OR NEW.link <> OLD.link
BEGIN SELECT RAISE(ABORT, 'a cursor never goes back'); END;

CREATE TABLE upkeep (
  only        INTEGER PRIMARY KEY CHECK (only = 1),
  checkpoints INTEGER NOT NULL
) STRICT;

INSERT INTO upkeep (only, checkpoints) VALUES (1, 0);
`;
