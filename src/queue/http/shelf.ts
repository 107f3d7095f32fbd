import type { RateResult } from '../result-box.ts';

/** A queue system that stays away so long has no use for the oldest. */
const LIMIT = 500;
/** So many are handed out at once; the rest with the next question. */
const AT_ONCE = 100;

/**
 * Results that the queue side fetches from us: each stays until the next question says that it was read. The numbers
 * begin again when we do, so each shelf has a name.
 */
export function createShelf(box: string) {
  const results: (RateResult & { readonly n: number })[] = [];
  let last = 0;
  return {
    /** @returns false if the oldest had to be given up. */
    put(result: RateResult): boolean {
      last += 1;
      results.push({ ...result, n: last });
      if (results.length <= LIMIT) return true;
      results.shift();
      return false;
    },
    /** `after` counts only together with the name of this shelf. */
    read(itsBox: string | null, after: string | null) {
      const read = itsBox === box && /^\d{1,15}$/.test(after ?? '') ? Number(after) : 0;
      while ((results[0]?.n ?? Number.POSITIVE_INFINITY) <= read) results.shift();
      return { box, results: results.slice(0, AT_ONCE) };
    },
    waiting: (): number => results.length,
  };
}
