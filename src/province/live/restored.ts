/** What journals that were put together again say of it: the entry itself, found by its alarm. */
export const RESTORED = `SELECT l.seq, (l.body::json ->> 'knownHeadSeq')::bigint AS known
  FROM alarm a JOIN ledger l ON l.device_id = a.device_id AND l.seq = a.seq`;

/** Of a row of `device`: its last. */
export const LAST_RESTORED = `${RESTORED}
  WHERE a.device_id = device.id AND a.kind = 'restored' ORDER BY a.seq DESC LIMIT 1`;
