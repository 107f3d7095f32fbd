import type { z } from 'zod';
import { loadTokenKeys } from '../../shared/ticket-token/keys.ts';
import { outsideText } from '../../shared/words.ts';
import type { Db, Queryable } from '../db/db.ts';
import { SiteRuleSchema } from '../ingest/site-rule.ts';
import type { Registered } from './devices.ts';

/** What an administrator posts to `/v1/sites`: the hall as its devices are registered, and what holds there from now on. */
export const SiteSchema = SiteRuleSchema.extend({ hall: outsideText(60).min(1) });
export type Site = z.output<typeof SiteSchema>;

/** Holds for what arrives from now on; what was taken in before stays as it was judged. */
export async function setSite(db: Db, site: Site, nowMs: number): Promise<Registered> {
  const { hall, ...rule } = site;
  if (rule.requireTicketToken && rule.ticketKeys.length === 0)
    return refused(
      `The site ${hall} is to require tokens and has no key to check them with. Send ticketKeys.`,
    );
  const keys = await loadTokenKeys(rule.ticketKeys);
  if (!keys.ok)
    return refused(
      `The public key ${keys.id} of the site ${hall} is none of its algorithm. Send base64 of the raw key.`,
    );
  const rows = await db.query<{ added: boolean }>(
    `INSERT INTO site (hall, rule, changed_at_ms) VALUES ($1, $2, $3)
     ON CONFLICT (hall) DO UPDATE SET rule = excluded.rule, changed_at_ms = excluded.changed_at_ms
     RETURNING (xmax = 0) AS added`,
    [hall, JSON.stringify(rule), nowMs],
  );
  return { ok: true, added: rows[0]?.added ?? false };
}

function refused(message: string): Registered {
  return { ok: false, status: 422, error: 'malformed', message };
}

/** The sites that something was decided about. Keys are public halves. */
export async function listSites(
  db: Queryable,
): Promise<readonly (Site & { readonly changedAtMs: number; readonly uncounted: number })[]> {
  const rows = await db.query<{ hall: string; rule: string; changedAtMs: number; uncounted: number }>(
    `SELECT hall, rule, changed_at_ms AS "changedAtMs",
            (SELECT count(*) FROM rating_uncounted u WHERE u.hall = site.hall) AS uncounted
     FROM site ORDER BY hall LIMIT 5000`,
  );
  return rows.map(({ rule, ...row }) => ({ ...row, ...SiteRuleSchema.parse(JSON.parse(rule)) }));
}
