/** The leaf: round trip, limits, and what is not an envelope. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalText } from "../../src/events/canonical.js";
import { decodeEvent } from "../../src/events/decode.js";
import { type Envelope, formatEvent, leafHash, leafSizeMax, parseEvent } from "../../src/events/envelope.js";
import { categoryOf, keyOf, streamName } from "../../src/events/streams.js";
import { holds } from "../support/property.js";

const test = suite("the event envelope");
const id = "0190a000-0000-7000-8000-000000000001";
const hex = "ab".repeat(32);

const event: Envelope = {
  schema: 1,
  type: "RunReviewed",
  id,
  stream: `run-${id}`,
  revision: 3,
  prev: hex,
  time: "2026-01-05T09:30:00.000Z",
  actor: "mara",
  command: { id, digest: hex },
  cause: null,
  data: { run: id, note: "Read and found good." },
};

const withData = (data: Record<string, unknown>): Envelope => ({ ...event, data });

test("an event goes to bytes and back; formatted again it is the same bytes", () => {
  holds(
    fc.property(
      fc.dictionary(
        fc.string({ unit: "grapheme", minLength: 1 }).filter((key) => key !== "__proto__"),
        fc.jsonValue({ maxDepth: 3 }),
        { maxKeys: 5, noNullPrototype: true },
      ),
      fc.nat(),
      (data, revision) => {
        let bytes: Uint8Array;
        try {
          bytes = formatEvent({ ...event, revision, data });
        } catch (error) {
          // Floats are not stored.
          assert.ok(error instanceof TypeError);
          return;
        }
        const parsed = parseEvent(bytes);
        assert.equal(parsed, { ...event, revision, data });
        assert.equal(formatEvent(parsed), bytes);
      },
    ),
  );
});

test("a leaf is pinned: these bytes and this hash for ever", () => {
  const bytes = formatEvent(event);
  assert.is(
    Buffer.from(bytes).toString(),
    `{"actor":"mara","cause":null,"command":{"digest":"${hex}","id":"${id}"},"data":{"note":"Read and found good.","run":"${id}"},"id":"${id}","prev":"${hex}","revision":3,"schema":1,"stream":"run-${id}","time":"2026-01-05T09:30:00.000Z","type":"RunReviewed"}`,
  );
  assert.is(leafHash(bytes), "6c2d909ae645bd5aaf29f15ebec3172bbb8e775f87b5efb935ef21f9b0bb7213");
});

test(`a leaf of ${leafSizeMax} bytes fits; one byte more is a RangeError with the numbers, counted in bytes`, () => {
  const empty = formatEvent(withData({ note: "" })).length;
  const room = leafSizeMax - empty;
  assert.is(formatEvent(withData({ note: "a".repeat(room) })).length, leafSizeMax);
  assert.throws(
    () => formatEvent(withData({ note: "a".repeat(room + 1) })),
    (error: Error) => error instanceof RangeError && error.message.includes(`${leafSizeMax + 1} bytes`),
  );
  assert.throws(() => formatEvent(withData({ note: "đ".repeat(room / 2 + 1) })), /at most 65535/);
});

const strange: [string, Record<string, unknown>][] = [
  ["a field more", { position: 7 }],
  ["schema 0", { schema: 0 }],
  ["a stream without category", { stream: "run" }],
  ["a stream with a slash", { stream: "run-../x" }],
  ["a category in capitals", { stream: "Run-x" }],
  ["a negative revision", { revision: -1 }],
  ["an id that is no UUID", { id: "7" }],
  ["an id in capitals", { id: id.toUpperCase() }],
  ["a time without milliseconds", { time: "2026-01-05T09:30:00Z" }],
  ["a time with an offset", { time: "2026-01-05T09:30:00.000+01:00" }],
  ["a day that does not exist", { time: "2026-02-30T09:30:00.000Z" }],
  ["hour 24, which sorts after the day it begins", { time: "2026-01-05T24:00:00.000Z" }],
  ["no actor", { actor: "" }],
  ["a prev that is no digest", { prev: "00" }],
  ["data that is no object", { data: [] }],
];
for (const [what, change] of strange) {
  test(`${what} is no envelope`, () => {
    const bytes = new TextEncoder().encode(canonicalText({ ...event, ...change }));
    assert.throws(
      () => parseEvent(bytes),
      (error: Error) => error.name === "ZodError" || error.name === "$ZodError",
    );
  });
}

test("bytes that are not UTF-8, have a byte order mark or are no JSON throw", () => {
  const bytes = formatEvent(event);
  assert.throws(() => parseEvent(Uint8Array.of(0xc3, 0x28)), TypeError);
  assert.throws(() => parseEvent(Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes])), SyntaxError);
  assert.throws(() => parseEvent(bytes.subarray(1)), SyntaxError);
});

test("decoding names the event, the type and the field of what is wrong; it never guesses", () => {
  assert.is(decodeEvent(event).type, "RunReviewed");
  const wrong: [Envelope, RegExp][] = [
    [{ ...event, type: "RunPraised" }, /does not know the type RunPraised/],
    [{ ...event, type: "toString" as string }, /does not know the type/],
    [{ ...event, schema: 2 }, /schema 2 is newer than this program's 1/],
    [withData({ run: id }), /RunReviewed\.note/],
    [withData({ run: id, note: "x", more: 1 }), /RunReviewed/],
    [withData({ run: id, note: " " }), /RunReviewed\.note: must hold a text/],
    [withData({ run: "x", note: "x" }), /RunReviewed\.run: must be a lower-case UUID/],
  ];
  for (const [bad, message] of wrong) {
    assert.throws(
      () => decodeEvent(bad),
      (error: Error) => error instanceof TypeError && error.message.includes(id) && message.test(error.message),
    );
  }
});

test("a stream's name is category and key, split at the first hyphen", () => {
  assert.is(streamName("run", id), `run-${id}`);
  assert.is(categoryOf(`run-${id}`), "run");
  assert.is(keyOf(`run-${id}`), id);
});

test.run();
