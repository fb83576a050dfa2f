/** The law of adapters, for any of them: whatever is asked, it answers what the reference answers, and holds the same bytes. */
import * as fc from "fast-check";
import * as assert from "uvu/assert";
import type { Append, Store } from "../../src/ledger/Store.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { append, entry } from "./samples.js";

const streams = ["run-1", "run-2", "unit-é😀"];

interface Drawn {
  readonly id: number;
  readonly part: number;
  readonly last: boolean;
  readonly writes: readonly { readonly stream: number; readonly off: number }[];
  readonly guards: readonly { readonly stream: number; readonly off: number }[];
}

const place = fc.record({ stream: fc.nat(2), off: fc.constantFrom(0, 0, 0, 0, 0, 0, -1, 1) });
const drawn: fc.Arbitrary<Drawn> = fc.record({
  id: fc.nat(6),
  part: fc.constantFrom(0, 0, 0, 1, 2),
  last: fc.boolean(),
  writes: fc.oneof(
    { weight: 30, arbitrary: fc.array(place, { minLength: 1, maxLength: 3 }) },
    { weight: 1, arbitrary: fc.constant([]) },
  ),
  guards: fc.array(place, { maxLength: 2 }),
});

/** An append that is about right for the ledger as it stands: mostly the next revisions, now and then off by one. */
function appendOf({ id, part, last, writes, guards }: Drawn, ends: ReadonlyMap<string, number>): Append {
  const next = new Map<string, number>();
  const end = (stream: string) => ends.get(stream) ?? -1;
  const entries = writes.map(({ stream, off }) => {
    const name = streams[stream] as string;
    const revision = next.get(name) ?? Math.max(0, end(name) + 1 + off);
    next.set(name, revision + 1);
    return entry(name, revision, `of ${id}`);
  });
  return append(entries, {
    id: `command-${id}`,
    part,
    last,
    guards: guards.map(({ stream, off }) => {
      const name = streams[stream] as string;
      return { stream: name, revision: end(name) + off };
    }),
  });
}

/** The outcomes, or that it was a bug to ask. */
async function tried(store: Store, appends: readonly Append[]): Promise<unknown> {
  try {
    return await store.append(appends);
  } catch (error) {
    assert.instance(error, RangeError);
    return "a bug";
  }
}

async function everything(store: Store): Promise<unknown> {
  const plain = (bytes: Uint8Array) => Buffer.from(bytes).toString("utf8");
  return {
    head: await store.head(),
    events: (await store.read(0, 1000)).map((event) => ({ ...event, bytes: plain(event.bytes) })),
    commands: (await store.commands(0, 1000)).map((one) => ({ ...one, envelope: plain(one.envelope) })),
    streams: await Promise.all(
      streams.map(async (name) => (await store.readStream(name, 1, 2)).map(({ position }) => position)),
    ),
  };
}

/** Batches of appends that are about right, and now and then wrong, in every way an append can be. */
export const drawnBatches: fc.Arbitrary<readonly (readonly Drawn[])[]> = fc.array(
  fc.array(drawn, { minLength: 1, maxLength: 5 }),
  { maxLength: 12 },
);

/** Appends the same batches to an empty store and to the reference; throws where they differ. `again` opens the store once more. */
export async function sameAsReference(
  batches: readonly (readonly Drawn[])[],
  store: Store,
  again: () => Promise<Store>,
): Promise<void> {
  const memory = memoryStore();
  for (const batch of batches) {
    const ends = new Map<string, number>();
    for (const { stream, revision } of await memory.read(0, 1000)) ends.set(stream, revision);
    const appends = batch.map((one) => appendOf(one, ends));
    assert.equal(await tried(store, appends), await tried(memory, appends));
  }
  assert.equal(await everything(store), await everything(memory));
  await store.close();
  assert.equal(await everything(await again()), await everything(memory));
}
