/** A map of bounded size that forgets what was not used for longest, in generations: no bookkeeping on a hit but a second look. */

export interface Recent<V> {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  /** Whether anything was ever forgotten: while not, what is not here was never put. */
  readonly forgets: boolean;
}

/** Keeps at least the `size` newest entries used, and at most twice as many. */
export function recent<V>(size: number): Recent<V> {
  let young = new Map<string, V>();
  let old = new Map<string, V>();
  let forgets = false;
  const put = (key: string, value: V) => {
    if (young.size >= size && !young.has(key)) {
      if (old.size > 0) forgets = true;
      old = young;
      young = new Map();
    }
    young.set(key, value);
  };
  return {
    get(key) {
      const value = young.get(key);
      if (value !== undefined) return value;
      const older = old.get(key);
      if (older !== undefined) put(key, older);
      return older;
    },
    set: put,
    get forgets() {
      return forgets;
    },
  };
}
