/**
 * 30: a choice may be withdrawn before it is settled (`rating.withdrawn`).
 *
 * - `rating.earlier` holds the levels that stand behind the present one, oldest first, a digit each: the last of
 *   them stands again when the present one is withdrawn. Nothing stands behind a settled one. What a power cut left open
 *   before this step is read out of the journal.
 * - A rating with nothing behind it goes when it is withdrawn; a settled one never does.
 */
export const withdrawnSchema = `
ALTER TABLE rating ADD COLUMN earlier TEXT NOT NULL DEFAULT '';

UPDATE rating SET earlier = (
  SELECT coalesce(group_concat(level, ''), '') FROM (
    SELECT json_extract(body, '$.level') AS level FROM journal
    WHERE kind = 'rating.chosen' AND json_extract(body, '$.invitation') = rating.invitation
      AND json_extract(body, '$.change') < rating.changes ORDER BY seq))
WHERE settled_hash IS NULL AND changes > 0;

DROP TRIGGER rating_stays;

CREATE TRIGGER rating_stays BEFORE DELETE ON rating
WHEN OLD.settled_hash IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a settled rating is never deleted'); END;
`;
