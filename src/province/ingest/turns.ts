/** A place in the line of one device. */
export interface Turn {
  /** When everything of this device that came earlier is through. */
  readonly come: Promise<void>;
  /** To be called once, however it went. */
  end(): void;
}

/**
 * Batches of one device are read side by side and frozen in the order in which they came: a tablet with a backlog
 * sends the next one while the database takes the one before.
 */
export function createTurns(): { take(deviceId: string): Turn; readonly waiting: number } {
  const lines = new Map<string, Promise<void>>();
  return {
    take(deviceId) {
      const come = lines.get(deviceId) ?? Promise.resolve();
      let end = () => {};
      const mine = new Promise<void>((resolve) => {
        end = resolve;
      });
      const line = come.then(() => mine);
      lines.set(deviceId, line);
      // Nobody behind: the device has no line any more.
      void line.then(() => {
        if (lines.get(deviceId) === line) lines.delete(deviceId);
      });
      return { come, end };
    },
    get waiting() {
      return lines.size;
    },
  };
}
