import { ENTRY_BODIES } from '../shared/journal/entry.ts';
import type { StoredEntry } from '../shared/journal/verify.ts';
import type { QueueEvent } from '../shared/queue-event.ts';
import { checkTicketToken, type TrustedKey } from '../shared/ticket-token/check.ts';
import { assertNever, type Service, type ServiceKey, type TokenCheck } from '../shared/words.ts';

/**
 * The tablet's own look at served-ticket tokens (docs/ticket-token.md): what it finds goes into the record, and nobody is
 * refused a rating for it. Whether a rating counts is the province's, which looks for itself.
 */
export interface TicketTokens {
  /** The event as the session may have it: with what was found, and without a token that proves nothing. */
  checked(event: QueueEvent): QueueEvent;
  counts(): Readonly<Record<TokenCheck['result'], number>>;
}

/** Far more entries than a counter makes in a token's life. */
export const RECENT_ENTRIES = 4_000;
/** Tokens remembered, likewise; forgotten by number and not by time, because clocks go back as well. */
const SPENT_KEPT = 5_000;

export function createTicketTokens(parts: {
  /** Null where the site names no keys: then nothing is checked, and tokens are carried as they are. */
  readonly keys: readonly TrustedKey[] | null;
  /** The site expects a token with every service: its absence is worth a line in the log. */
  readonly required: boolean;
  readonly hall: string;
  readonly counter: string;
  /** By the province's clock as far as it is known. UTC ms. */
  readonly nowMs: () => number;
  /** The latest entries of the journal: what was spent before this start. */
  readonly recent: Iterable<Pick<StoredEntry, 'kind' | 'body'>>;
  readonly note: (
    severity: 'info' | 'warn',
    event: string,
    data: Readonly<Record<string, string | boolean>>,
  ) => void;
}): TicketTokens {
  const { keys, hall, counter, nowMs, note } = parts;
  const counts = { valid: 0, absent: 0, refused: 0 };
  const spent = keys ? spentBefore(parts.recent) : new Map<string, ServiceKey>();

  function check(keys: readonly TrustedKey[], service: Service): TokenCheck {
    const { servedToken, serviceKey } = service;
    if (servedToken === undefined) return { result: 'absent' };
    const proof = checkTicketToken(servedToken, { keys, hall, counter, serviceKey, nowMs: nowMs() });
    if (!proof.ok) return { result: 'refused', reason: proof.reason };
    const tokenId = proof.claims.jti;
    // The same token with the same service is the same message again.
    const before = spent.get(tokenId);
    if (before !== undefined && before !== serviceKey) return { result: 'refused', reason: 'replayed' };
    keep(spent, tokenId, serviceKey);
    return { result: 'valid', tokenId };
  }

  function found(service: Service): Service {
    const { tokenCheck: _notTheirs, ...said } = service;
    if (!keys) return said;
    const tokenCheck = check(keys, said);
    counts[tokenCheck.result] += 1;
    tell(tokenCheck);
    const { servedToken, ...bare } = said;
    return tokenCheck.result === 'valid' && servedToken !== undefined
      ? { ...bare, servedToken, tokenCheck }
      : { ...bare, tokenCheck };
  }

  function tell(tokenCheck: TokenCheck): void {
    switch (tokenCheck.result) {
      case 'valid':
        return;
      case 'absent':
        if (parts.required) note('warn', 'ticketTokenAbsent', { required: true });
        return;
      case 'refused':
        note('warn', 'ticketTokenRefused', { reason: tokenCheck.reason });
        return;
      default:
        assertNever(tokenCheck);
    }
  }

  return {
    checked(event) {
      switch (event.kind) {
        case 'served':
          return { ...event, service: found(event.service) };
        case 'called':
        case 'recalled':
        case 'skipped':
        case 'transferred': {
          // It proves that a ticket was served, and none of these says so.
          const { servedToken: _early, tokenCheck: _notTheirs, ...service } = event.service;
          return { ...event, service };
        }
        case 'paused':
        case 'resumed':
        case 'clerkOn':
        case 'clerkOff':
        case 'reset':
          return event;
        default:
          return assertNever(event);
      }
    },
    counts: () => ({ ...counts }),
  };
}

function keep(spent: Map<string, ServiceKey>, tokenId: string, serviceKey: ServiceKey): void {
  // Last used goes last: a Map keeps the order of insertion, and the first is the one to give up.
  spent.delete(tokenId);
  spent.set(tokenId, serviceKey);
  const [oldest] = spent.keys();
  if (spent.size > SPENT_KEPT && oldest !== undefined) spent.delete(oldest);
}

/** What the journal says was spent: a restart makes no token new. */
function spentBefore(recent: Iterable<Pick<StoredEntry, 'kind' | 'body'>>): Map<string, ServiceKey> {
  const spent = new Map<string, ServiceKey>();
  try {
    for (const { kind, body } of recent) {
      if (kind !== 'invitation.opened') continue;
      const opened = ENTRY_BODIES['invitation.opened'].safeParse(JSON.parse(body));
      if (!opened.success) continue;
      const { tokenCheck, serviceKey } = opened.data.service;
      if (tokenCheck?.result === 'valid') keep(spent, tokenCheck.tokenId, serviceKey);
    }
  } catch {
    // A page that cannot be read is found, marked and mended elsewhere; it is no reason to ask nobody.
  }
  return spent;
}
