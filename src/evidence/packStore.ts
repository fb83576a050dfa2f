/**
 * A pack as a store that can only be read, so that replay's checks work on it: its events at their positions with nothing in between. What is not in
 * the pack is not there; it never claims to be a whole ledger.
 */
import { type Content, type Store, type StoredCommand, type StoredEvent, StoreError } from "../ledger/Store.js";
import type { Evidence } from "./Evidence.js";

/** Throws `RangeError` on an event that is no JSON with a stream and a revision. */
export function packStore({ events, commands, contents }: Evidence): Store {
  const stored = events.map(({ position, leaf }): StoredEvent => {
    const { stream, revision } = JSON.parse(leaf) as { stream?: unknown; revision?: unknown };
    if (typeof stream !== "string" || !Number.isSafeInteger(revision))
      throw new RangeError(`position ${position} is no event of a stream`);
    return { position, stream, revision: revision as number, bytes: Buffer.from(leaf, "utf8") };
  });
  const at = new Map(stored.map((event) => [event.position, event]));
  const streams = new Map<string, StoredEvent[]>();
  for (const event of stored) {
    const list = streams.get(event.stream);
    if (list === undefined) streams.set(event.stream, [event]);
    else list.push(event);
  }
  for (const list of streams.values()) list.sort((a, b) => a.revision - b.revision);
  const spoken = commands.map(
    ({ id, envelope, parts }): StoredCommand => ({ id, envelope: Buffer.from(envelope, "base64"), parts }),
  );
  const texts = new Map(
    contents.flatMap(({ commitment, salt, bytes }): [string, Content][] =>
      salt === null || bytes === null
        ? []
        : [[commitment, { salt: Buffer.from(salt, "base64"), bytes: Buffer.from(bytes, "base64") }]],
    ),
  );
  const readOnly = () =>
    Promise.reject(new StoreError("READ_ONLY", "a pack of evidence takes nothing", { next: "Write to a ledger." }));
  return {
    head: readOnly,
    append: readOnly,
    async read(from, limit) {
      const found: StoredEvent[] = [];
      for (let position = from; position < from + limit; position++) {
        const event = at.get(position);
        if (event === undefined) break;
        found.push(event);
      }
      return found;
    },
    async readStream(stream, from, limit = Number.POSITIVE_INFINITY) {
      return (streams.get(stream) ?? []).filter(({ revision }) => revision >= from).slice(0, limit);
    },
    command: async (id) => spoken.find((one) => one.id === id),
    commands: async (from, to) =>
      spoken.filter(({ parts: [first] }) => first !== undefined && first.position >= from && first.position < to),
    follow: () => {
      throw new RangeError("nothing comes to a pack");
    },
    content: {
      put: readOnly,
      get: async (commitment) => texts.get(commitment),
      erase: readOnly,
    },
    close: async () => undefined,
  };
}
