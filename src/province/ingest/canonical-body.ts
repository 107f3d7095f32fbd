import { canonicalText } from '../../shared/journal/chain.ts';

/** Deeper than any body we know or foresee; a bound keeps recursion from ending the process. */
const MAX_DEPTH = 32;

export type CanonicalBody =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/**
 * RFC 8785 text of a value that came out of JSON.parse. Senders write canonical JSON, so the names nearly
 * always stand in order already, and then JSON.stringify gives the same text several times faster than the
 * library; a property test holds the two together.
 */
export function canonicalBody(value: unknown): CanonicalBody {
  const found = inspect(value, MAX_DEPTH);
  switch (found) {
    case 'ordered':
      return { ok: true, text: JSON.stringify(value) };
    case 'unordered':
      return { ok: true, text: canonicalText(value) };
    case 'tooDeep':
      return { ok: false, reason: `is nested deeper than ${MAX_DEPTH}` };
    case 'illFormed':
      return { ok: false, reason: 'holds text that is not well-formed Unicode' };
  }
}

type Found = 'ordered' | 'unordered' | 'tooDeep' | 'illFormed';

function inspect(value: unknown, depth: number): Found {
  if (typeof value === 'string') return value.isWellFormed() ? 'ordered' : 'illFormed';
  if (typeof value !== 'object' || value === null) return 'ordered';
  if (depth === 0) return 'tooDeep';
  let found: Found = 'ordered';
  if (Array.isArray(value)) {
    for (const item of value) {
      const inner = inspect(item, depth - 1);
      if (inner === 'tooDeep' || inner === 'illFormed') return inner;
      if (inner === 'unordered') found = inner;
    }
    return found;
  }
  let last: string | undefined;
  for (const [name, item] of Object.entries(value)) {
    if (!name.isWellFormed()) return 'illFormed';
    // `<` on strings compares UTF-16 code units, which is the order RFC 8785 asks for.
    if (last !== undefined && name < last) found = 'unordered';
    last = name;
    const inner = inspect(item, depth - 1);
    if (inner === 'tooDeep' || inner === 'illFormed') return inner;
    if (inner === 'unordered') found = inner;
  }
  return found;
}
