/**
 * A ledger as it was when it had so many events. What came later is not there for whoever reads it: a report of that size comes out the
 * same today and in ten years. Reads only. Content is left out: what a report says follows from the events alone.
 */
import type { Head, Store, StoredCommand } from "../ledger/Store.js";
import { StoreError } from "../ledger/Store.js";
import { emptyRange, extendRange, hashLeaf, rootHex } from "../tlog/tree.js";

const pageSize = 2_000;

/** The store with the first `head.size` events of it. Its writing half throws. */
export function storeAsOf(store: Store, head: Head): Store {
  const { size } = head;
  const trimmed = (command: StoredCommand): StoredCommand => ({
    ...command,
    parts: command.parts.filter((part) => part.position < size),
  });
  const no = () => Promise.reject(new Error("a report writes nothing"));
  return {
    head: async () => head,
    append: no,
    read: async (from, limit) => (from >= size ? [] : store.read(from, Math.min(limit, size - from))),
    async readStream(stream, from, limit) {
      const events = await store.readStream(stream, from, limit);
      return events.filter(({ position }) => position < size);
    },
    async command(id) {
      const command = await store.command(id);
      return command === undefined || (command.parts[0]?.position ?? size) >= size ? undefined : trimmed(command);
    },
    async commands(from, to) {
      return (await store.commands(from, Math.min(to, size))).map(trimmed);
    },
    follow: () => {
      throw new Error("a report does not wait");
    },
    content: { put: no, get: async () => undefined, erase: no },
    close: async () => undefined,
  };
}

/**
 * Size and root of the ledger's first `size` events. The newest head is the store's own word, which the report's checks compare with
 * the events; an older one is worked out here, on the way to a newest root that must be right. Throws `StoreError` `CORRUPT` if it is not.
 */
export async function headAsOf(store: Store, size: number | undefined): Promise<Head> {
  const newest = await store.head();
  if (size === undefined || size === newest.size) return newest;
  let range = emptyRange;
  let root = "";
  for (let from = 0; from < newest.size; from += pageSize) {
    const events = await store.read(from, Math.min(pageSize, newest.size - from));
    for (const { bytes } of events) {
      range = extendRange(range, [hashLeaf(bytes)]);
      if (range.size === size) root = rootHex(range);
    }
  }
  const now = rootHex(range);
  if (now !== newest.root) {
    throw new StoreError("CORRUPT", `the events have the root ${now}; the store's head says ${newest.root}`, {
      next: "See what was changed: iu-ledger replay",
    });
  }
  return { size, root };
}
