/** What a log and a witness say to each other: read as written, every malformed line named, nothing taken that does not verify. */
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  addCheckpointSizeMax,
  addCosignature,
  formatAddCheckpoint,
  parseAddCheckpoint,
} from "../../src/tlog/addCheckpoint.js";
import { formatBase64 } from "../../src/tlog/base64.js";
import { parseNote } from "../../src/tlog/note.js";
import { noteKeyTypes } from "../../src/tlog/noteKey.js";
import { cosignCheckpoint, signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { damaged, signerOf, witnessOf } from "./keys.js";

const test = suite("add-checkpoint");

const log = signerOf("ledger.example/acme");
const w1 = witnessOf("witness.example/w1");
const w2 = witnessOf("witness.example/w2");
const hash = (fill: number) => Buffer.alloc(32, fill);
const note = signCheckpoint({ origin: log.name, size: 42, root: hash(7) }, log);
const text = Buffer.from(note).toString();
const line = formatBase64(hash(1));

test("what is written is read again; the note is kept byte for byte", () => {
  fc.assert(
    fc.property(
      fc.nat({ max: Number.MAX_SAFE_INTEGER }),
      fc.array(fc.uint8Array({ minLength: 32, maxLength: 32 }), { maxLength: 63 }),
      (oldSize, proof) => {
        const read = parseAddCheckpoint(formatAddCheckpoint({ oldSize, proof, note }));
        assert.is(read.oldSize, oldSize);
        assert.equal(read.proof.map(formatBase64), proof.map(formatBase64));
        assert.is(Buffer.from(read.note).toString(), text);
      },
    ),
    { numRuns: 200 },
  );
});

test("each way not to write it is refused, by its line", () => {
  const refused: [string, string, RegExp][] = [
    ["nothing", "", /no empty line/],
    ["only an old size", "old 0\n", /no empty line/],
    ["no empty line", `old 0\n${text.replace("\n\n", "\n")}`, /no empty line/],
    ["no old size", `\n${text}`, /line 1/],
    ["another word", `Old 0\n\n${text}`, /line 1/],
    ["two spaces", `old  0\n\n${text}`, /line 1/],
    ["a leading zero", `old 00\n\n${text}`, /line 1/],
    ["a leading zero before digits", `old 07\n\n${text}`, /line 1/],
    ["a sign", `old +1\n\n${text}`, /line 1/],
    ["a negative size", `old -1\n\n${text}`, /line 1/],
    ["a fraction", `old 1.0\n\n${text}`, /line 1/],
    ["hex", `old 0x1\n\n${text}`, /line 1/],
    ["a space behind", `old 1 \n\n${text}`, /line 1/],
    ["a carriage return", `old 1\r\n\n${text}`, /line 1/],
    ["a size beyond counting", `old 9007199254740992\n\n${text}`, /line 1/],
    ["a size of 400 digits", `old ${"9".repeat(400)}\n\n${text}`, /line 1/],
    ["a hash of 31 bytes", `old 1\n${formatBase64(hash(1).subarray(1))}\n\n${text}`, /line 2/],
    ["a hash without padding", `old 1\n${line}\n${line.slice(0, -1)}\n\n${text}`, /line 3/],
    ["a hash in URL base64", `old 1\n${formatBase64(hash(255)).replaceAll("/", "_")}\n\n${text}`, /line 2/],
    ["a hash with loose bits", `old 1\n${line.slice(0, -2)}F=\n\n${text}`, /line 2/],
    ["64 hashes", `old 1\n${`${line}\n`.repeat(64)}\n${text}`, /64 lines/],
    ["no note", "old 0\n\n", /note/],
    ["a note without signatures", `old 0\n\n${text.slice(0, text.indexOf("\n\n") + 2)}`, /note/],
    ["bytes that are no UTF-8", `old 0\n\n\xff`, /note/],
  ];
  for (const [what, body, says] of refused) {
    assert.throws(
      () =>
        parseAddCheckpoint(
          Buffer.from(body, "latin1").length > 0 && /\xff/.test(body) ? Buffer.from(body, "latin1") : Buffer.from(body),
        ),
      (error: unknown) => error instanceof TlogError && says.test(error.message),
      what,
    );
  }
  assert.is(parseAddCheckpoint(Buffer.from(`old 1\n${`${line}\n`.repeat(63)}\n${text}`)).proof.length, 63);
  assert.throws(
    () => parseAddCheckpoint(new Uint8Array(addCheckpointSizeMax + 1)),
    (error: unknown) => error instanceof TlogError && error.code === "OUT_OF_RANGE",
  );
});

test("no bytes make it throw anything but that they are malformed", () => {
  const piece = fc.oneof(
    fc.constantFrom("old 0", "old 17", "\n", "\n\n", line, text, "— ", "é", "\u0000", " ", log.name),
    fc.string({ maxLength: 8 }),
  );
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.nat(300), (parts, cut) => {
      const whole = Buffer.from(parts.join(""));
      for (const bytes of [whole, whole.subarray(0, cut)]) {
        try {
          parseAddCheckpoint(bytes);
        } catch (error) {
          if (!(error instanceof TlogError)) throw error;
        }
      }
    }),
    { numRuns: 1000 },
  );
});

const answerOf = (cosigned: Uint8Array) => {
  const whole = Buffer.from(cosigned).toString();
  return Buffer.from(`${whole.trimEnd().split("\n").at(-1)}\n`);
};

test("a cosignature is taken under the pinned key only, and nothing else with it", () => {
  const answer = answerOf(cosignCheckpoint(note, 1_767_600_000, w1));
  const taken = addCosignature(note, answer, w1);
  assert.ok(taken.ok && taken.timeS === 1_767_600_000);
  assert.is(Buffer.from(taken.note).toString(), `${text}${answer}`);
  const later = addCosignature(taken.note, answerOf(cosignCheckpoint(note, 1_767_600_060, w1)), w1);
  assert.ok(later.ok && parseNote(later.note).signatures.length === 2, "a newer one takes the place of the older");
  const both = addCosignature(note, Buffer.concat([answerOf(cosignCheckpoint(note, 5, w2)), answer]), w1);
  assert.ok(both.ok);
  assert.equal(
    parseNote(both.note).signatures.map(({ name }) => name),
    [log.name, w1.name],
    "the other's is left out",
  );

  const no = (bytes: Uint8Array, says: RegExp, key = w1) => {
    const verdict = addCosignature(note, bytes, key);
    assert.ok(!verdict.ok);
    assert.match(verdict.why, says);
  };
  no(answer, /another key/, w2);
  no(answer, /another key/, signerOf(w1.name, "somebody else", noteKeyTypes.cosignature));
  no(
    answerOf(cosignCheckpoint(signCheckpoint({ origin: log.name, size: 43, root: hash(7) }, log), 5, w1)),
    /does not verify/,
  );
  no(answerOf(cosignCheckpoint(note, 0, w1)), /no time/);
  no(new Uint8Array(), /no line of a signature/);
  no(Buffer.from("200 OK\n"), /no line of a signature/);
  no(Buffer.from(`${text}${answer}`), /more than lines|no line/);
  no(Buffer.from(`\n\n${answer}`), /more than lines|no line/);
  no(new Uint8Array(2_000_000), /bytes/);
  for (const [what, bad] of damaged(answer)) {
    const verdict = addCosignature(note, bad, w1);
    assert.not(verdict.ok, what);
  }
});

test.run();
