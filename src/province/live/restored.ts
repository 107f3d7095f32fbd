/** What journals that were put together again say of it: the entry itself, found by its alarm. */
export const RESTORED = `SELECT l.seq, (l.body::json ->> 'knownHeadSeq')::bigint AS known
  FROM alarm a JOIN ledger l ON l.device_id = a.device_id AND l.seq = a.seq`;

/** Of so many a device, the newest, it is looked at what was lost. */
const LOOKED_AT = 100;
/** So many stretches are named one by one. */
const NAMED = 5;

/** One time that a journal was put together again. */
export interface Restoration {
  /** The entry that says so. */
  readonly seq: number;
  /** The last entry that the journal before it is known to have had; null when nobody knows. */
  readonly knownHeadSeq: number | null;
}

/**
 * Of a row of `device`: `restored`, its every `Restoration`, the newest first; null when it never was. One more than
 * is looked at shows that there are more.
 */
export const ALL_RESTORED = `SELECT json_agg(json_build_object('seq', seq, 'knownHeadSeq', known) ORDER BY seq DESC) AS restored
  FROM (${RESTORED} WHERE a.device_id = device.id AND a.kind = 'restored' ORDER BY a.seq DESC LIMIT ${LOOKED_AT + 1}) r`;

/**
 * What a journal has lost each time it was put together again, in a sentence for people; empty when it never was.
 * A later time that lost nothing takes nothing back. Pure.
 */
export function lossReport(restored: readonly Restoration[] | null): string {
  if (!restored || restored.length === 0) return '';
  const known = restored.slice(0, LOOKED_AT).reverse();
  const lost = known.flatMap(({ seq, knownHeadSeq }) =>
    knownHeadSeq !== null && knownHeadSeq >= seq ? [`${seq}–${knownHeadSeq}`] : [],
  );
  const unclear = known.filter(({ knownHeadSeq }) => knownHeadSeq === null).map(({ seq }) => String(seq));
  const isCut = restored.length > LOOKED_AT;
  const doubt = unclear.length > 0 || isCut;
  return [
    known.length === 1 ? '已恢复' : `已恢复 ${known.length} 次${isCut ? '以上' : ''}`,
    lost.length > 0 && `原第 ${named(lost, '段')}遗失`,
    unclear.length > 0 && `第 ${named(unclear, '次')}起为恢复后续写，此前是否有遗失不详`,
    isCut && '更早的是否有遗失不详',
    lost.length === 0 && !doubt && '无已知遗失',
  ]
    .filter(Boolean)
    .join('，');
}

/** "1–5、7–9 条", and how many there are where not all are named. */
function named(stretches: readonly string[], unit: string): string {
  const more = stretches.length > NAMED ? `等 ${stretches.length} ${unit}` : '';
  return `${stretches.slice(0, NAMED).join('、')} 条${more}`;
}
