/** Checkpoints and cosignatures: their text, who signed, and every damage to them. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatCheckpoint, parseCheckpoint } from "../../src/tlog/checkpoint.js";
import { openCosignature, signCosignature } from "../../src/tlog/cosignature.js";
import { openNote, parseNote, signNote } from "../../src/tlog/note.js";
import { noteKeyTypes, parseVkey } from "../../src/tlog/noteKey.js";
import { cosignCheckpoint, openCheckpoint, signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { hashLeaf } from "../../src/tlog/tree.js";
import { holds } from "../support/property.js";
import { damaged, signerOf, witnessOf } from "./keys.js";

const test = suite("checkpoints");
const origin = "ledger.example/acme";
const log = signerOf(origin);
const [w1, w2] = [witnessOf("w1.example"), witnessOf("w2.example")];
const checkpoint = { origin, size: 1042, root: Buffer.from(hashLeaf(Buffer.from("root"))) };
const text = formatCheckpoint(checkpoint);
const ours = { origin, keys: [log] };

const codeOf = (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    return error instanceof TlogError ? error.code : String(error);
  }
  return "answered";
};

test("three lines: origin, size, root; nothing else of ours", () => {
  assert.is(text, `${origin}\n1042\n${checkpoint.root.toString("base64")}\n`);
  const { extensions, ...parsed } = parseCheckpoint(text);
  assert.equal({ ...parsed, root: Buffer.from(parsed.root) }, checkpoint);
  assert.equal(extensions, []);
  assert.equal(parseCheckpoint(`${text}one\ntwo three\n`).extensions, ["one", "two three"]);
});

test("law: what is formatted is parsed; another text is another checkpoint or none", () => {
  holds(
    fc.property(fc.maxSafeNat(), fc.uint8Array({ minLength: 32, maxLength: 32 }), (size, root) => {
      const parsed = parseCheckpoint(formatCheckpoint({ origin, size, root }));
      assert.is(parsed.size, size);
      assert.equal(Buffer.from(parsed.root), Buffer.from(root));
    }),
  );
  for (const [what, bad] of damaged(Buffer.from(text))) {
    try {
      const parsed = parseCheckpoint(Buffer.from(bad).toString());
      assert.not.equal(formatCheckpoint(parsed), text, what);
    } catch (error) {
      assert.instance(error, TlogError, what);
    }
  }
});

test("sizes: decimal, no zero in front, no sign; above 2^53 - 1 refused as such", () => {
  const sized = (size: string) => codeOf(() => parseCheckpoint(text.replace("1042", size)));
  for (const size of ["0", "1", "9007199254740991"]) assert.is(sized(size), "answered", size);
  for (const size of ["9007199254740992", "18446744073709551615", "99999999999999999999999"])
    assert.is(sized(size), "OUT_OF_RANGE", size);
  for (const size of ["", "00", "01", "-1", "+1", "1.0", "1e3", " 1", "1 ", "0x10", "٣"])
    assert.is(sized(size), "MALFORMED", JSON.stringify(size));
  for (const size of [2 ** 53, -1, 0.5, Number.NaN])
    assert.is(
      codeOf(() => formatCheckpoint({ ...checkpoint, size })),
      "OUT_OF_RANGE",
      String(size),
    );
});

test("what is no checkpoint is MALFORMED", () => {
  const root = checkpoint.root.toString("base64");
  for (const bad of [
    "",
    "\n",
    text.slice(0, -1),
    `\n1042\n${root}\n`,
    `${origin}\n1042\n`,
    `${origin}\n1042\n\n`,
    `${origin}\n1042\n${root.slice(0, -4)}\n`,
    `${origin}\n1042\n${root.replace("=", "")}\n`,
    `${origin}\n1042\n${root} \n`,
    `${text}\n`,
    `${text}one\n\ntwo\n`,
  ])
    assert.is(
      codeOf(() => parseCheckpoint(bad)),
      "MALFORMED",
      JSON.stringify(bad),
    );
  assert.is(
    codeOf(() => formatCheckpoint({ ...checkpoint, origin: "" })),
    "MALFORMED",
  );
  assert.is(
    codeOf(() => formatCheckpoint({ ...checkpoint, origin: "a\nb" })),
    "MALFORMED",
  );
  assert.is(
    codeOf(() => formatCheckpoint({ ...checkpoint, root: checkpoint.root.subarray(1) })),
    "MALFORMED",
  );
});

test("signed by the log under its own name, and by nobody else's key or for another log", () => {
  const note = signCheckpoint(checkpoint, log);
  const opened = openCheckpoint(note, ours);
  assert.ok(opened.ok && opened.checkpoint.size === 1042 && opened.text === text);
  assert.not.ok(openCheckpoint(note, { origin, keys: [signerOf(origin, "another")] }).ok);
  assert.not.ok(openCheckpoint(note, { origin, keys: [] }).ok);
  assert.not.ok(openCheckpoint(note, { origin: "ledger.example/other", keys: [log] }).ok);
  assert.is(
    codeOf(() => signCheckpoint(checkpoint, signerOf("ledger.example/other"))),
    "MALFORMED",
  );
  // A note of the log's that is no checkpoint, and one that only a witness signed.
  assert.not.ok(openCheckpoint(signNote("hello\n", [log]), ours).ok);
  const other = signCheckpoint({ ...checkpoint, origin: "x.example" }, signerOf("x.example"));
  const strange = openCheckpoint(cosignCheckpoint(other, 7, w1), { origin: "x.example", keys: [log] }, [w1]);
  assert.match(strange.ok ? "" : strange.why, /only w1\.example signed it/);
});

test("every bit turned and every truncation of a signed checkpoint is refused", () => {
  for (const [what, bad] of damaged(signCheckpoint(checkpoint, log))) assert.not.ok(openCheckpoint(bad, ours).ok, what);
});

test("cosignatures: who and when; a key known only to the log's readers is ignored", () => {
  const note = cosignCheckpoint(
    cosignCheckpoint(signCheckpoint(checkpoint, log), 1_679_315_147, w1),
    1_700_000_000,
    w2,
  );
  const opened = openCheckpoint(note, ours, [w2, w1]);
  assert.equal(opened.ok && opened.verified.map(({ key, timeS }) => [key.name, timeS]), [
    [origin, null],
    ["w2.example", 1_700_000_000],
    ["w1.example", 1_679_315_147],
  ]);
  const half = openCheckpoint(note, ours, [w1]);
  assert.equal(half.ok && half.verified.map(({ key }) => key.name), [origin, "w1.example"]);
  // One damaged cosignature of a known witness condemns the note; of an unknown one it does not.
  const { signatures } = parseNote(note);
  for (const [what, bad] of damaged(signatures[1]!.signature)) assert.is(openCosignature(text, bad, w1), null, what);
  assert.is(openCosignature(text, signatures[1]!.signature, w1), 1_679_315_147);
  assert.is(openCosignature(text, signatures[1]!.signature, w2), null);
  assert.is(openCosignature(text.replace("1042", "1043"), signatures[1]!.signature, w1), null);
});

test("a cosignature is over the header, the time and the whole text, and counts only in its own type", () => {
  // Key and signature as the specification lays them out, put together by hand.
  const signature = signCosignature(text, 1_679_315_147, w1);
  const plain = parseNote(signNote(`cosignature/v1\ntime 1679315147\n${text}`, [signerOf("w1.example")]))
    .signatures[0]!;
  assert.equal(
    Buffer.from(signature).toString("hex"),
    `${(1_679_315_147).toString(16).padStart(16, "0")}${Buffer.from(plain.signature).toString("hex")}`,
  );
  assert.is(openCosignature(text, signature, signerOf("w1.example")), null);
  assert.is(
    codeOf(() => signCosignature(text, 1, log)),
    "UNSUPPORTED",
  );
  assert.is(
    codeOf(() => signCosignature("hello\n", 1, w1)),
    "MALFORMED",
  );
  for (const time of [-1, 0.5, 2 ** 53])
    assert.is(
      codeOf(() => signCosignature(text, time, w1)),
      "OUT_OF_RANGE",
    );
  const late = Buffer.from(signature);
  late.writeBigUInt64BE(2n ** 63n - 1n);
  assert.is(openCosignature(text, late, w1), null);
  // Extension lines are signed as well.
  const extended = `${text}an extension\n`;
  assert.is(openCosignature(extended, signCosignature(extended, 5, w1), w1), 5);
  assert.is(openCosignature(extended, signCosignature(text, 5, w1), w1), null);
});

test("the specification's own cosigned example is read: the log's line and the witness's", () => {
  const example = [
    "example.com/behind-the-sofa",
    "20852163",
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=",
    "",
    "— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=",
    "— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==",
    "",
  ].join("\n");
  const { text: body, signatures } = parseNote(Buffer.from(example));
  assert.is(parseCheckpoint(body).size, 20_852_163);
  assert.equal(
    signatures.map(({ name, id, signature }) => [name, id, signature.length]),
    [
      ["example.com/behind-the-sofa", "033de0ae", 64],
      ["witness.example.com/w1", "8d66cf3f", 72],
    ],
  );
  assert.is(Number(Buffer.from(signatures[1]!.signature).readBigUInt64BE()), 1_679_315_147);
  const unknown = parseVkey("remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2");
  assert.is(unknown.type, noteKeyTypes.cosignature);
  assert.not.ok(openNote(Buffer.from(example), [unknown]).ok);
});

test.run();
