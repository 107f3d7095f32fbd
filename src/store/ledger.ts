import type { Connection } from './connection.ts';

/**
 * How invitations ended, for people behind the counter: a query as narrow as what they may know. Whatever is read here
 * is of kinds that hold no level, and of those only the fields named below.
 */
export interface LedgerEntry {
  readonly seq: number;
  readonly atMs: number;
  readonly kind: 'invitation.opened' | 'invitation.closed' | 'service.notInvited';
  readonly serviceKey: string;
  readonly ticketNumber: string | null;
  readonly projectNo: string | null;
  readonly manual: boolean;
  readonly outcome: string | null;
  readonly reason: string | null;
}

type Row = Omit<LedgerEntry, 'manual'> & { readonly manual: number };

export interface Ledger {
  /** Of entries whose wall time is `sinceMs` or later, found from the journal's end; in order. */
  since(sinceMs: number): readonly LedgerEntry[];
  after(seq: number): readonly LedgerEntry[];
}

/** A busy day is a thousand entries; a day in which a link flaps all the time is a few pages more. */
const PAGE = 500;
const MOST_PAGES = 60;

export function createLedger(db: Connection): Ledger {
  const page = db.prepare<[number, number], { first: number | null; newest: number | null }>(
    'SELECT min(seq) AS first, max(at) AS newest FROM (SELECT seq, at FROM journal WHERE seq < ? ORDER BY seq DESC LIMIT ?)',
  );
  const rows = db.prepare<[number], Row>(`
    SELECT seq, at AS atMs, kind,
      coalesce(json_extract(body, '$.serviceKey'), json_extract(body, '$.service.serviceKey')) AS serviceKey,
      json_extract(body, '$.service.ticketNumber') AS ticketNumber,
      json_extract(body, '$.service.case.projectNo') AS projectNo,
      coalesce(json_extract(body, '$.service.manual'), 0) AS manual,
      json_extract(body, '$.outcome') AS outcome,
      json_extract(body, '$.reason') AS reason
    FROM journal
    WHERE seq > ? AND kind IN ('invitation.opened', 'invitation.closed', 'service.notInvited')
    ORDER BY seq`);
  const after = (seq: number) => rows.all(seq).map((row) => ({ ...row, manual: row.manual === 1 }));

  return {
    after,
    // The journal is in the order of its places, and its clock may have jumped: one page too many is the remedy.
    since(sinceMs) {
      let before = Number.MAX_SAFE_INTEGER;
      for (let pages = 0; pages < MOST_PAGES; pages++) {
        const { first, newest } = page.get(before, PAGE) ?? { first: null, newest: null };
        if (first === null || newest === null) break;
        before = first;
        if (newest < sinceMs) break;
      }
      return after(Math.max(0, before - 1)).filter(({ atMs }) => atMs >= sinceMs);
    },
  };
}
