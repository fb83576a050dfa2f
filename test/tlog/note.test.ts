/** Signed notes: the published ones, our own, and every damage to them. */
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { formatNote, noteSignaturesMax, noteSizeMax, openNote, parseNote, signNote } from "../../src/tlog/note.js";
import { parseVkey } from "../../src/tlog/noteKey.js";
import { TlogError } from "../../src/tlog/TlogError.js";
import { holds } from "../support/property.js";
import { shared } from "../support/shared.js";
import { damaged, signerOf, witnessOf } from "./keys.js";

const test = suite("signed notes");
const [alice, bob, carol] = [signerOf("alice.example"), signerOf("bob.example"), signerOf("carol.example")];
const text = "Ognuno sta solo sul cuor della terra\ntrafitto da un raggio di sole:\n\ned è subito sera.\n";

const codeOf = (ask: () => unknown) => {
  try {
    ask();
  } catch (error) {
    return error instanceof TlogError ? error.code : String(error);
  }
  return "answered";
};
const who = (opened: ReturnType<typeof openNote>) =>
  opened.ok ? opened.verified.map(({ key }) => key.name) : `refused: ${opened.why}`;

test("the published notes open with their keys, and with no damage done to them", () => {
  const { signedNote } = JSON.parse(readFileSync(shared("vectors", "golden", "golden.json"), "utf8")) as {
    signedNote: { vkey: string; note: string; ok: boolean; src: string }[];
  };
  for (const { vkey, note, ok, src } of signedNote) {
    const opened = openNote(Buffer.from(note), [parseVkey(vkey)]);
    assert.is(opened.ok, ok, src);
    if (opened.ok) assert.is(opened.text, note.slice(0, note.lastIndexOf("\n\n") + 1), src);
    const two = note.split("\n— ").length > 2;
    assert.is(opened.ok && opened.unknown.length, two ? 1 : 0, src);
    // With an unknown signature below, damage to that line is not the known key's business.
    if (!two)
      for (const [what, bad] of damaged(Buffer.from(note)))
        assert.not.ok(openNote(bad, [parseVkey(vkey)]).ok, `${src}: ${what}`);
  }
});

test("signed by several: each known key is reported once, in the order asked; unknown ones are ignored", () => {
  const note = signNote(text, [alice, bob]);
  assert.equal(who(openNote(note, [alice])), ["alice.example"]);
  assert.equal(who(openNote(note, [bob, alice])), ["bob.example", "alice.example"]);
  const opened = openNote(note, [bob, carol]);
  assert.ok(opened.ok && opened.text === text);
  assert.equal(opened.ok && opened.unknown.map(({ name }) => name), ["alice.example"]);
  const twice = formatNote({ text, signatures: [...parseNote(note).signatures, ...parseNote(note).signatures] });
  assert.equal(who(openNote(twice, [alice, alice])), ["alice.example"]);
});

test("a line of a known key that does not verify condemns the note; no known key, no note", () => {
  const { signatures } = parseNote(signNote(text, [alice, bob]));
  const [first, second] = signatures as [(typeof signatures)[0], (typeof signatures)[0]];
  const forged = formatNote({ text, signatures: [first, { ...second, signature: first.signature }] });
  assert.equal(who(openNote(forged, [alice])), ["alice.example"]);
  assert.match(String(who(openNote(forged, [alice, bob]))), /bob\.example .* does not verify/);
  assert.match(String(who(openNote(forged, [carol]))), /none of the known keys signed it/);
  assert.match(String(who(openNote(forged, []))), /no key was given/);
  // The right name with another key's id, and the other way round, are unknown lines.
  const mixed = formatNote({
    text,
    signatures: [
      { ...first, name: "bob.example" },
      { ...first, id: bob.id },
    ],
  });
  assert.match(String(who(openNote(mixed, [alice, bob]))), /none of the known keys/);
  // The id is short: another public key under the same name and id fails to verify.
  const impostor = { ...carol, name: alice.name, id: alice.id };
  assert.match(String(who(openNote(signNote(text, [impostor]), [alice]))), /does not verify/);
  assert.equal(who(openNote(signNote(text, [impostor]), [alice, impostor])), ["alice.example"]);
});

test("law: every single bit turned and every truncation of a note of ours is not accepted as signed by the key", () => {
  for (const body of ["x\n", text, "\n"]) {
    const note = signNote(body, [alice]);
    assert.equal(who(openNote(note, [alice])), ["alice.example"]);
    for (const [what, bad] of damaged(note)) assert.not.ok(openNote(bad, [alice]).ok, what);
  }
});

test("law: whatever is signed is read back; what is read is written alike", () => {
  const line = fc
    .string({ unit: "grapheme", maxLength: 20 })
    .filter((one) => !/\p{Cc}/u.test(one) && one.isWellFormed());
  holds(
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
      const body = `${lines.join("\n")}\n`;
      const note = signNote(body, [alice, bob]);
      const opened = openNote(note, [bob]);
      assert.is(opened.ok && opened.text, body);
      assert.equal(Buffer.from(formatNote(parseNote(note))), Buffer.from(note));
    }),
    40,
  );
});

test("what is no note is MALFORMED, what is too much OUT_OF_RANGE; opening says so and does not throw", () => {
  const [signature] = parseNote(signNote(text, [alice])).signatures;
  const line = Buffer.from(signNote(text, [alice]))
    .toString()
    .split("\n")
    .at(-2) as string;
  const cases = [
    "",
    "\n",
    "no signatures\n",
    "no empty line\n— a AAAAAAA=\n",
    "text\n\n",
    "text\n\nnot a signature\n",
    `text\n\n${line}`,
    `text\n\n${line}\n\n`,
    `text\n\n${line}\nmore\n`,
    `text\n\n-${line.slice(1)}\n`,
    `text\n\n${line.replace("— ", "—  ")}\n`,
    `text\n\n${line} \n`,
    `text\n\n— alice.example AAAAAA==\n`,
    `text\n\n— alice.example AAAAAAB=\n`,
    `text\n\n— ali+ce AAAAAAA=\n`,
    `te\u0000xt\n\n${line}\n`,
    `te\rxt\n\n${line}\n`,
    `te\txt\n\n${line}\n`,
  ];
  for (const bad of cases) {
    assert.is(
      codeOf(() => parseNote(Buffer.from(bad))),
      "MALFORMED",
      JSON.stringify(bad),
    );
    assert.not.ok(openNote(Buffer.from(bad), [alice]).ok, JSON.stringify(bad));
  }
  assert.is(
    codeOf(() => parseNote(Buffer.concat([Buffer.of(0xff), signNote(text, [alice])]))),
    "MALFORMED",
  );
  assert.is(
    codeOf(() => parseNote(Buffer.alloc(noteSizeMax + 1, 97))),
    "OUT_OF_RANGE",
  );
  const many = (count: number) => ({ text, signatures: Array.from({ length: count }, () => signature!) });
  assert.ok(openNote(formatNote(many(noteSignaturesMax)), [alice]).ok);
  assert.is(
    codeOf(() => formatNote(many(noteSignaturesMax + 1))),
    "OUT_OF_RANGE",
  );
});

test("nothing is signed that would be read as something else", () => {
  for (const body of ["no newline", "", "tab\t\n", "half \ud800\n"])
    assert.is(
      codeOf(() => signNote(body, [alice])),
      "MALFORMED",
      JSON.stringify(body),
    );
  assert.is(
    codeOf(() => signNote(text, [])),
    "MALFORMED",
  );
  assert.is(
    codeOf(() => signNote(text, [witnessOf("w.example")])),
    "UNSUPPORTED",
  );
  // A text that looks like a signed note of its own stays one text.
  const nested = Buffer.from(signNote(text, [bob])).toString();
  const opened = openNote(signNote(nested, [alice]), [alice, bob]);
  assert.is(opened.ok && opened.text, nested);
  assert.equal(who(opened), ["alice.example"]);
});

test.run();
