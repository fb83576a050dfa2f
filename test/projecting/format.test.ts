// The same events must give the same rows for as long as the format has the same number: tables that older programs filled are followed
// on by newer ones, and a rebuild must not take a program's change for somebody's.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectionsFormat } from "../../projections/projections.js";
import type { Store } from "../../src/ledger/Store.js";
import { shadowDigests } from "../../src/projecting/shadow.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { projectFile } from "../support/project.js";

const format = suite("the projections' format");

const story = "test/projecting/golden/story.json";
const pins = "test/projecting/golden/format.json";

interface Story {
  /** Canonical events, in order. */
  readonly events: readonly string[];
  readonly contents: readonly { readonly commitment: string; readonly salt: string; readonly text: string }[];
}

function read<T>(path: string): T {
  return JSON.parse(readFileSync(projectFile(path), "utf8")) as T;
}

/** A story told once and kept: it does not change when the program that could tell it does. */
async function goldenStore(): Promise<Store> {
  const store = memoryStore();
  const { events, contents } = read<Story>(story);
  for (const { commitment, salt, text } of contents) {
    await store.content.put(commitment, { salt: Buffer.from(salt, "hex"), bytes: Buffer.from(text) });
  }
  const entries = events.map((event) => {
    const { stream, revision } = JSON.parse(event) as { stream: string; revision: number };
    return { stream, revision, bytes: Buffer.from(event) };
  });
  const command = { id: "golden", part: 0, last: true, envelope: Buffer.from("{}") };
  await store.append([{ command, entries, guards: [] }]);
  return store;
}

format("the golden story gives the rows pinned for this format", async () => {
  const { tables } = await shadowDigests(await goldenStore());
  const digests = Object.fromEntries(
    Object.entries(tables).map(([table, { rows, digest }]) => [table, `${rows} ${digest}`]),
  );
  const now = { format: projectionsFormat, digests };
  const pinned = read<typeof now>(pins);
  const changed = Object.keys(digests).filter((table) => digests[table] !== pinned.digests[table]);
  const raise =
    pinned.format === projectionsFormat
      ? "If a program with this format was ever released, raise projectionsFormat in projections/projections.ts. Then pin"
      : "Pin";
  const message = `The same events give other rows: ${changed.join(", ")}. ${raise} this in ${pins}:\n${JSON.stringify(now, null, 2)}\n`;
  assert.equal(now, pinned, message);
});

format.run();
