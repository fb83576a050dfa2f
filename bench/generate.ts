/**
 * Large ledgers for measuring: events in the shape, the chain and the batches of cuts of 60 units, appended to a store directly. Nobody
 * decided them and one key signed them all, so replay passes on bytes, schema, order, chain and root, and on nothing that asks who
 * was allowed what. The same number of events is the same ledger, byte for byte.
 */
import { canonicalBytes, sha256Hex } from "../src/events/canonical.js";
import { formatEvent, leafHash } from "../src/events/envelope.js";
import { uuidV5 } from "../src/events/uuid.js";
import { signCommand } from "../src/keys/signCommand.js";
import type { Append, Entry, Store } from "../src/ledger/Store.js";
import { signerOfName } from "../test/support/governedRun.js";

/** Events of one generated run: the cut of 60 units and its end. */
export const runLength = 61;

const namespace = "00000000-0000-4000-8000-000000000001";
const signer = signerOfName("bench");

/** The append that is run number `index`: 61 events of one stream, as an executed cut writes them. */
export function generatedAppend(index: number, count = runLength): Append {
  const run = uuidV5(namespace, `run ${index}`);
  const document = uuidV5(namespace, `document ${index}`);
  const id = uuidV5(namespace, `command ${index}`);
  const stream = `run-${run}`;
  const time = new Date(Date.UTC(2026, 0, 5) + index * 1000).toISOString();
  const envelope = signCommand("ExecuteCut", { run }, { id, ledger: "bench", at: time }, signer);
  const digest = sha256Hex(envelope);
  const entries: Entry[] = [];
  let prev: string | null = null;
  for (let i = 0; i < count; i++) {
    const end = i === runLength - 1;
    const bytes = formatEvent({
      schema: 1,
      type: end ? "CutExecuted" : "UnitCut",
      id: uuidV5(id, `0/${i}`),
      stream,
      revision: i,
      prev,
      time,
      actor: "bench",
      command: { id, digest },
      cause: null,
      data: end ? { run, units: 60, repeals: 0, open: 0, draftRoot: sha256Hex(run) } : unitOf(run, document, i),
    });
    entries.push({ stream, revision: i, bytes });
    prev = leafHash(bytes);
  }
  return { command: { id, part: 0, last: true, envelope }, entries, guards: [{ stream, revision: -1 }] };
}

function unitOf(run: string, document: string, index: number): Record<string, unknown> {
  const chapter = `chp_${1 + Math.floor(index / 10)}`;
  const address = `${chapter}__art_${index + 1}`;
  return {
    run,
    document,
    index,
    unit: uuidV5(document, `0/${address}`),
    address,
    kind: "article",
    label: String(index + 1),
    parent: chapter,
    span: { start: index * 500, end: index * 500 + 480 },
    raw: sha256Hex(`raw ${run} ${index}`),
    norm: sha256Hex(`norm ${run} ${index}`),
    transition: { class: "insert", from: [], open: false },
  };
}

/** Fills a store up to at least `size` events, in batches that share a commit. Answers the size. */
export async function generateLedger(store: Store, size: number, onProgress?: (size: number) => void): Promise<number> {
  let { size: at } = await store.head();
  while (at < size) {
    const first = Math.floor(at / runLength);
    const runs = Math.min(64, Math.ceil((size - at) / runLength));
    await store.append(Array.from({ length: runs }, (_, i) => generatedAppend(first + i)));
    at += runs * runLength;
    onProgress?.(at);
  }
  return at;
}

/** One event of `size` bytes or so, for measuring single appends: a stream of its own. */
export function generatedSingle(index: number): Append {
  const [entry] = generatedAppend(index, 1).entries as [Entry];
  const id = uuidV5(namespace, `single ${index}`);
  const stream = `single-${index}`;
  const envelope = canonicalBytes({ payload: "A".repeat(400), single: index });
  return {
    command: { id, part: 0, last: true, envelope },
    entries: [{ stream, revision: 0, bytes: entry.bytes }],
    guards: [{ stream, revision: -1 }],
  };
}
