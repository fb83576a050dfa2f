/**
 * Golden history: one stored example of every event ever written (`golden/events.ndjson`, canonical bytes, one a line). Lines are only ever
 * added. Old events must decode for ever, and come out of the formatter as the bytes they went in.
 */
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isCanonical, sha256Hex } from "../../src/events/canonical.js";
import { decodeEvent, schemaOf } from "../../src/events/decode.js";
import { formatEvent, parseEvent } from "../../src/events/envelope.js";
import { type FactType, facts } from "../../src/events/facts.js";
import { categoryOf } from "../../src/events/streams.js";
import { projectFile } from "../support/project.js";
import { firstOfEach, goldenStory, keyOf } from "./goldenStory.js";

const test = suite("golden history");
const text = readFileSync(projectFile("test", "events", "golden", "events.ndjson"), "utf8");
const lines = text.split("\n").slice(0, -1);

/** What was written down on the first day: so many lines, and the SHA-256 of them. More may follow; none of these may change. */
const firstLines = 42;
const firstDigest = "36f60c869a3d36270554e0d31940107aa4ba1156bd35975aa13cd7d485dd8941";

for (const line of lines) {
  const event = parseEvent(Buffer.from(line));
  test(`${keyOf(event)} decodes, and formats to the bytes it was stored as`, () => {
    assert.ok(isCanonical(line));
    const decoded = decodeEvent(event);
    assert.is(Buffer.from(formatEvent(parseEvent(Buffer.from(line)))).toString("utf8"), line);
    assert.is(decoded.type, event.type);
    assert.match(event.stream, new RegExp(`^${categoryOf(event.stream)}-.`));
  });
}

test("there is an example of every type, in its newest schema", () => {
  const there = new Set(lines.map((line) => keyOf(parseEvent(Buffer.from(line)))));
  const missing = (Object.keys(facts) as FactType[])
    .map((type) => `${type}/${schemaOf(type)}`)
    .filter((key) => !there.has(key));
  assert.equal(missing, [], "tell the story on (goldenStory.ts) and add the first event of that type to the file");
});

test("lines are only ever added", () => {
  assert.ok(text.endsWith("\n"));
  assert.ok(lines.length >= firstLines);
  assert.is(sha256Hex(`${lines.slice(0, firstLines).join("\n")}\n`), firstDigest);
});

test("the story told today has every type of event, and each decodes", async () => {
  const told = firstOfEach(await goldenStory());
  assert.equal(
    told.map(({ key }) => key).sort(),
    (Object.keys(facts) as FactType[]).map((type) => `${type}/${schemaOf(type)}`).sort(),
  );
  for (const { bytes } of told) decodeEvent(parseEvent(bytes));
});

test.run();
