/**
 * Which finish of a case a message is about. Nothing on this wire has an id of its own, and a recall is not told: a case
 * that is notified as done once more is a repetition while it is asked about, and the clerk's next finish once asking has
 * ended without a rating. Only of the case that is at the counter: a late repetition must not push aside the next one.
 */
export function createFinishes() {
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
