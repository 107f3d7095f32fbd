/** A map that forgets its oldest entry beyond `limit`: what comes from outside must not fill the memory. */
export function createBoundedMap<Key, Value>(limit: number) {
  const entries = new Map<Key, Value>();
  return {
    get: (key: Key): Value | undefined => entries.get(key),
    has: (key: Key): boolean => entries.has(key),
    set(key: Key, value: Value): void {
      entries.delete(key);
      entries.set(key, value);
      if (entries.size > limit) {
        for (const oldest of entries.keys()) {
          entries.delete(oldest);
          break;
        }
      }
    },
    /** @returns whether it was there. */
    delete: (key: Key): boolean => entries.delete(key),
    get size(): number {
      return entries.size;
    },
  };
}
