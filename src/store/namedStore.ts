/** Where two stores are at work, an error must say which of them it is about. */
import { type Store, StoreError } from "../ledger/Store.js";

/** The store, whose errors begin with its name. */
export function named(store: Store, name: string): Store {
  const said = <A extends readonly unknown[], T>(work: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      try {
        return await work(...args);
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        const { code, message, next, ambiguous, position } = error;
        const more = position === undefined ? {} : { position };
        throw new StoreError(code, `${name}: ${message}`, { next, ambiguous, cause: error, ...more });
      }
    };
  };
  const { content } = store;
  return {
    head: said(() => store.head()),
    append: said((appends) => store.append(appends)),
    read: said((from, limit) => store.read(from, limit)),
    readStream: said((stream, from, limit) => store.readStream(stream, from, limit)),
    command: said((id) => store.command(id)),
    commands: said((from, to) => store.commands(from, to)),
    follow: (from, signal) => store.follow(from, signal),
    content: {
      put: said((commitment, bytes) => content.put(commitment, bytes)),
      get: said((commitment) => content.get(commitment)),
      erase: said((commitment) => content.erase(commitment)),
    },
    close: said(() => store.close()),
  };
}
