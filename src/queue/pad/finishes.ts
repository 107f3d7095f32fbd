/** Nobody is called, walks up and is through in so short a time; a message is late by less. */
const OVERTAKEN_WITHIN_MS = 15_000;

/**
 * Which finish of a case a message is about. Nothing on this wire has an id of its own, and a recall is not told: a case
 * that is notified as done once more is a repetition while it is asked about, and the clerk's next finish once asking has
 * ended without a rating. Only of the case that is at the counter: a late repetition must not push aside the next one.
 */
export function createFinishes(parts: { readonly nowMs: () => number }) {
  let calledLast: { readonly serialNo: string; readonly atMs: number } | undefined;
  let atCounter = '';
  let count = 1;
  let isOver = false;

  const countOf = (serialNo: string) => (serialNo === atCounter ? count : 1);

  return {
    /** A case that was not heard of before: it is at the counter now. */
    began(serialNo: string): void {
      atCounter = serialNo;
      count = 1;
      isOver = false;
    },
    /** Its citizen is at the counter now, or on the way there. */
    called(serialNo: string): void {
      calledLast = { serialNo, atMs: parts.nowMs() };
    },
    /**
     * Whether word of its end was overtaken by the call of the next, who would be asked about it in its stead. Not later
     * than that: one citizen may have several cases, all taken up first and finished after.
     */
    isOvertaken: (serialNo: string): boolean =>
      calledLast !== undefined &&
      calledLast.serialNo !== serialNo &&
      parts.nowMs() - calledLast.atMs < OVERTAKEN_WITHIN_MS,
    /** The business system says that it is done. @returns the how-manieth finish this is about. */
    notified(serialNo: string): number {
      if (serialNo === atCounter && isOver) {
        count += 1;
        isOver = false;
      }
      return countOf(serialNo);
    },
    /** The one that an address is about: a pad server sends it after the notify, and again after each login. */
    latest: countOf,
    /** Asking about it has ended without a rating. */
    notRated(serialNo: string): void {
      if (serialNo === atCounter) isOver = true;
    },
  };
}
