import { z } from 'zod';
import type { TrustedKey } from '../../shared/ticket-token/check.ts';
import { loadTokenKeys, TokenKeysSchema } from '../../shared/ticket-token/keys.ts';
import { outsideText } from '../../shared/words.ts';

/** What a province has decided about a site's served-ticket tokens (docs/ticket-token.md), as it is kept. */
export const SiteRuleSchema = z.strictObject({
  /** `hall.id` of the site's tablets: what tokens and ticket keys call the hall. */
  hallId: outsideText(60).min(1),
  /** Ratings without a token that proves their service are kept and do not count. */
  requireTicketToken: z.boolean(),
  ticketKeys: TokenKeysSchema,
});
export type SiteRule = z.output<typeof SiteRuleSchema>;

export interface LoadedRule {
  readonly hallId: string;
  readonly required: boolean;
  readonly keys: readonly TrustedKey[];
}

const RULES_KEPT = 256;
/** By their text: a rule that was changed is another text. */
const loaded = new Map<string, LoadedRule>();

/** @param text what the database keeps; null where nothing was decided. @returns undefined where nothing is to be judged. */
export async function loadSiteRule(text: string | null): Promise<LoadedRule | undefined> {
  if (text === null) return undefined;
  const known = loaded.get(text);
  if (known) return known;
  const { hallId, requireTicketToken, ticketKeys } = SiteRuleSchema.parse(JSON.parse(text));
  if (ticketKeys.length === 0 && !requireTicketToken) return undefined;
  const made = await loadTokenKeys(ticketKeys);
  if (!made.ok) throw new Error(`the key ${made.id} of the site ${hallId} is none; set the site again`);
  const rule: LoadedRule = { hallId, required: requireTicketToken, keys: made.keys };
  if (loaded.size >= RULES_KEPT) loaded.clear();
  loaded.set(text, rule);
  return rule;
}
