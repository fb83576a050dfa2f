/** Proof files: written, checked offline with a pinned key, and refused after every damage. */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { planInclusion, prove } from "../../src/tlog/proof.js";
import { checkProofFile, formatProofFile, parseProofFile, proofFileSizeMax } from "../../src/tlog/proofFile.js";
import { cosignCheckpoint, signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { shared } from "../support/shared.js";
import { damaged, signerOf, witnessOf } from "./keys.js";
import { leafAt, nodesOf, rootOver } from "./leaves.js";

const test = suite("proof files");
const origin = "ledger.example/acme";
const log = signerOf(origin);
const ours = { origin, keys: [log] };

const codeOf = (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    return error instanceof TlogError ? error.code : String(error);
  }
  return "answered";
};

function fileOf(index: number, size: number, extra: Uint8Array | null = leafAt(index)) {
  const checkpoint = signCheckpoint({ origin, size, root: rootOver(0, size) }, log);
  return { extra, index, proof: prove(planInclusion(index, size), nodesOf(size)), checkpoint };
}

test("every leaf of a few sizes: the file is read as it was written and holds", () => {
  for (const size of [1, 2, 3, 8, 13])
    for (let index = 0; index < size; index++) {
      const bytes = formatProofFile(fileOf(index, size));
      const read = parseProofFile(bytes);
      assert.equal(Buffer.from(formatProofFile(read)), Buffer.from(bytes));
      const checked = checkProofFile(bytes, ours);
      assert.ok(checked.ok && checked.index === index && checked.checkpoint.size === size);
    }
});

test("laid out as the specification has it", () => {
  const lines = Buffer.from(formatProofFile(fileOf(2, 3)))
    .toString()
    .split("\n");
  assert.equal(lines.slice(0, 3), [
    "c2sp.org/tlog-proof@v1",
    `extra ${Buffer.from("leaf 2").toString("base64")}`,
    "index 2",
  ]);
  assert.is(lines[3], Buffer.from(rootOver(0, 2)).toString("base64"));
  assert.equal(lines.slice(4, 7), ["", origin, "3"]);
  assert.is(
    Buffer.from(formatProofFile(fileOf(0, 1, null)))
      .toString()
      .split("\n")[1],
    "index 0",
  );
});

test("law: every single bit turned and every truncation of a proof file is refused", () => {
  for (const [index, size] of [
    [0, 1],
    [4, 7],
  ] as const) {
    const bytes = formatProofFile(fileOf(index, size));
    assert.ok(checkProofFile(bytes, ours).ok);
    for (const [what, bad] of damaged(bytes)) assert.not.ok(checkProofFile(bad, ours).ok, what);
  }
});

test("no entry, another entry, another log's key, a proof of another leaf", () => {
  const bytes = formatProofFile(fileOf(4, 7));
  const bare = formatProofFile(fileOf(4, 7, null));
  assert.match((checkProofFile(bare, ours) as { why: string }).why, /does not hold the entry/);
  assert.ok(checkProofFile(bare, ours, { entry: leafAt(4) }).ok);
  assert.not.ok(checkProofFile(bare, ours, { entry: leafAt(5) }).ok);
  assert.not.ok(checkProofFile(bytes, ours, { entry: leafAt(5) }).ok, "what was given counts, not the extra line");
  assert.not.ok(checkProofFile(bytes, { origin, keys: [signerOf(origin, "another")] }).ok);
  assert.not.ok(checkProofFile(bytes, { origin: "ledger.example/other", keys: [log] }).ok);
  assert.not.ok(checkProofFile(formatProofFile({ ...fileOf(4, 7), index: 3 }), ours).ok);
  assert.not.ok(checkProofFile(formatProofFile({ ...fileOf(4, 7), proof: fileOf(3, 7).proof }), ours).ok);
  assert.not.ok(checkProofFile(formatProofFile({ ...fileOf(4, 7), proof: [] }), ours).ok);
});

test("cosignatures in it are reported", () => {
  const witness = witnessOf("w.example");
  const file = fileOf(1, 5);
  const bytes = formatProofFile({ ...file, checkpoint: cosignCheckpoint(file.checkpoint, 99, witness) });
  const checked = checkProofFile(bytes, ours, { others: [witness] });
  assert.equal(checked.ok && checked.verified.map(({ key, timeS }) => [key.name, timeS]), [
    [origin, null],
    ["w.example", 99],
  ]);
  assert.equal(checked.ok && checkProofFile(bytes, ours).ok, true);
});

test("the published bad files, and others, are MALFORMED", () => {
  const good = Buffer.from(formatProofFile(fileOf(1, 2))).toString();
  const hash = good.split("\n")[3] as string;
  for (const bad of [
    "",
    good.replace("@v1", "@v2"),
    good.replace("index 1", "index 01"),
    good.replace("index 1", "index  1"),
    good.replace("index 1", "index +1"),
    good.replace("index 1", "index 9007199254740992"),
    good.replace("index 1\n", ""),
    good.replace("extra ", "extra"),
    good.replace(/extra .*/, "extra "),
    good.replace("\nindex", "\nextra AAAA\nindex"),
    good.replace(hash, `${hash} `),
    good.replace(hash, hash.replace("=", "")),
    good.replace(hash, `${hash}\n`),
    good.replace(`${hash}\n`, `${hash}\n`.repeat(54)),
    good.replaceAll("\n", "\r\n"),
    good.slice(0, good.indexOf("— ")),
  ])
    assert.is(
      codeOf(() => parseProofFile(Buffer.from(bad))),
      "MALFORMED",
      bad.slice(0, 80),
    );
  assert.is(
    codeOf(() => parseProofFile(Buffer.alloc(proofFileSizeMax + 1))),
    "OUT_OF_RANGE",
  );
  assert.is(
    codeOf(() => formatProofFile({ ...fileOf(0, 2), index: -1 })),
    "OUT_OF_RANGE",
  );
  const { tlogProofBad } = JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    tlogProofBad: { cases: string[] };
  };
  for (const bad of tlogProofBad.cases)
    assert.is(
      codeOf(() => parseProofFile(Buffer.from(bad))),
      "MALFORMED",
      bad,
    );
});

test.run();
