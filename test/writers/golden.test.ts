/**
 * The golden run of 60 units: what each writer made of it, pinned for ever. A writer that is changed by one byte, or that comes to another
 * record over the same live state, fails here; so does a live state that is told otherwise than it was.
 */
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { CUTTER } from "../../src/documents/planCut.js";
import { digestOf } from "../../src/events/canonical.js";
import { pinnedWriter } from "../../src/writers/lock.js";
import { writerCode } from "../../src/writers/registry.js";
import { skip } from "../support/skip.js";
import { evidenceOf, golden, goldenOf, harbourRun, recordEvents, type WriterName } from "./harbour.js";

const test = suite("the golden run");

/** SHA-256 of each record, and the rolling digest after it (which also covers the writer's source). Never edit: write a version 2. */
const pinned: Readonly<Record<WriterName, { recordDigest: string; writerDigest: string }>> = {
  legB: {
    recordDigest: "c3f01ced7784286567e59b1bba7737b99d661e8f27a64671e80f0d965d0496ac",
    writerDigest: "bcfc29ff0d096b08c9508a50afa991f41bc072d3f295719f2e8bff9b723b6cd5",
  },
  verify: {
    recordDigest: "f2ba0f83d7a56eb5da222680064f225d097d04870a69554084d989f74fef019b",
    writerDigest: "d493ae119d925f574bc3be568dea0c440aac8cfcc07f4100ff3505114769272c",
  },
  compensationB: {
    recordDigest: "3e0d90ee3376a7572f4fe051eefb23538c4712e52508ededabf4e0bce9f72689",
    writerDigest: "05d897748f9746dede466f0bc70357a517b55a78c9d74f2bf83144d38d2f619f",
  },
  verifyCompensation: {
    recordDigest: "1ed688b72916088530154ec3c303a26fc7134dec5d444ab7d16be009982437b6",
    writerDigest: "888e0c19678f667a9c889a6d3109a147f42d8a7add3ba8a6eed37521529f3efd",
  },
};
const names = Object.keys(pinned) as WriterName[];

for (const name of names) {
  test(`${name}.v1 over the stored live state: its record and its writer digest are those of the first day`, () => {
    const stored = golden();
    const record = writerCode(name, 1)(stored.live[name], evidenceOf(stored));
    const recordDigest = digestOf(record);
    const first = digestOf([name, 1, pinnedWriter(name, 1)?.source ?? ""]);
    const writerDigest = createHash("sha256")
      .update(Buffer.from(first + recordDigest, "hex"))
      .digest("hex");
    assert.equal(
      { recordDigest, writerDigest },
      pinned[name],
      "a ratified writer never changes: write the next version in a file of its own",
    );
    assert.is(record["units"] ?? 60, 60);
    if ("verdict" in record) assert.is(record["verdict"], "PASS");
  });
}

test("the run told again by commands gives the same live states, records and digests", () => {
  const stored = golden();
  if (CUTTER !== stored.cutter) skip(`the golden run was cut by ${stored.cutter}, and this program cuts by ${CUTTER}`);
  const here = harbourRun();
  assert.equal(goldenOf(here), stored);
  assert.is(here.facts.filter(({ type }) => type === "UnitCut").length, 60);
  assert.is(here.facts.filter(({ type }) => type === "UnitReverted").length, 60);
  for (const name of names) {
    const { recordDigest, writerDigest } = here.facts.find(({ type }) => type === recordEvents[name])?.data ?? {};
    assert.equal({ recordDigest, writerDigest }, pinned[name], name);
  }
});

test("a writer is given the same and gives the same, and leaves what it is given as it was", () => {
  const stored = golden();
  for (const name of names) {
    const before = digestOf(stored.live[name]);
    const once = digestOf(writerCode(name, 1)(stored.live[name], evidenceOf(stored)));
    assert.is(digestOf(writerCode(name, 1)(stored.live[name], evidenceOf(stored))), once);
    assert.is(digestOf(stored.live[name]), before);
  }
});

test.run();
