/**
 * 30: a choice may be withdrawn before it is settled (`rating.withdrawn`).
 *
 * - `rating.earlier` holds the levels that stand behind the present one, oldest first, a digit each: the last of
 *   them stands again when the present one is withdrawn. A choice that a power cut left open before this step has
 *   none, and recovery settles it before anybody can withdraw it.
 * - A rating with nothing behind it goes when it is withdrawn; a settled one never does.
 */
export const withdrawnSchema = `
ALTER TABLE rating ADD COLUMN earlier TEXT NOT NULL DEFAULT '';

DROP TRIGGER rating_stays;

CREATE TRIGGER rating_stays BEFORE DELETE ON rating
WHEN OLD.settled_hash IS NOT NULL
BEGIN SELECT RAISE(ABORT, 'a settled rating is never deleted'); END;
`;
