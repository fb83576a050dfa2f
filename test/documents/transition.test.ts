// Which unit is which, across revisions: exact matches closed, everything else proposed and open.
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Plan } from "../../src/documents/Plan.js";
import { planCut } from "../../src/documents/planCut.js";
import { type OldUnit, type TransitionRow, transition } from "../../src/documents/transition.js";
import { unitId } from "../../src/documents/unitId.js";
import { uuidV5 } from "../../src/events/uuid.js";
import { projectFile } from "../support/project.js";
import { holds } from "../support/property.js";
import { shared } from "../support/shared.js";

const test = suite("documents/transition");

const document = "6ba7b810-9dad-41d1-80b4-00c04fd430c8";

interface Cut {
  plan: Plan;
  content: Uint8Array;
  rows: TransitionRow[];
  units: OldUnit[];
}

function cutOf(content: Uint8Array, before?: Cut, revision = before ? 1 : 0): Cut {
  const outcome = planCut(content);
  if (!outcome.ok) throw new Error(outcome.message);
  const { plan } = outcome;
  const rows = transition({ document, revision, old: before?.units ?? [], plan, content });
  const units = plan.units.map(({ address, kind, raw, norm, span }, at) => {
    const unit = rows[at]?.unit;
    if (rows[at]?.to !== address || !unit) throw new Error(`row ${at} is not that of ${address}`);
    return { unit, address, kind, raw, norm, text: content.subarray(span.start, span.end) };
  });
  assert.is(new Set(units.map(({ unit }) => unit)).size, units.length, "an id is carried twice");
  const ends = rows.filter(({ to }) => to === null).flatMap(({ from }) => from.map(({ address }) => address));
  const used = new Set(rows.flatMap(({ from }) => from.map(({ address }) => address)));
  assert.equal([...used].sort(), (before?.units ?? []).map(({ address }) => address).sort(), "an old unit is nowhere");
  assert.is(new Set(ends).size, ends.length);
  return { plan, content, rows, units };
}

const revise = (before: string, after: string): Cut => cutOf(Buffer.from(after), cutOf(Buffer.from(before)));

const changes = ({ rows }: Cut): string[] =>
  rows
    .filter((row) => row.class !== "unchanged")
    .map(
      (row) =>
        `${row.class}${row.open ? " open" : ""}: ${row.from.map(({ address }) => address).join(" + ")} -> ${row.to ?? ""}`,
    );

const law = (articles: Record<string, string>): string =>
  Object.entries(articles)
    .map(([number, text]) => `Điều ${number}. Tên điều này\n\n${text}\n`)
    .join("\n");

const one = "Mọi người có quyền gieo hạt trên luống được giao cho mình.";
const two = "Không ai được dùng thuốc trừ sâu hóa học trong khu vườn chung.";
const three = "Giếng nước ở góc phía đông là của chung và không được khóa.";

test("the same bytes: everything unchanged and closed, ids kept", () => {
  const before = cutOf(Buffer.from(law({ 1: one, 2: two })));
  const after = cutOf(before.content, before);
  assert.equal(changes(after), []);
  assert.equal(
    after.units.map(({ unit }) => unit),
    before.units.map(({ unit }) => unit),
  );
});

test("a first cut mints every id from document, revision and address", () => {
  const first = cutOf(Buffer.from(law({ 1: one })));
  assert.equal(
    first.rows.map((row) => [row.class, row.open, row.unit]),
    [
      ["insert", false, unitId(document, 0, "doc")],
      ["insert", false, unitId(document, 0, "art_1")],
    ],
  );
});

test("other line breaks and Unicode forms are layout, closed", () => {
  const after = revise(law({ 1: one, 2: two }), law({ 1: one.normalize("NFD"), 2: two.replace("hóa", "\n   hóa") }));
  assert.equal(changes(after), ["layout: art_1 -> art_1", "layout: art_2 -> art_2"]);
});

test("an article renumbered by an insertion is relabelled, closed; the new one is an open insert", () => {
  const after = revise(law({ 1: one, 2: two }), law({ 1: one, 2: three, 3: two }));
  assert.equal(changes(after), ["insert open:  -> art_2", "relabel: art_2 -> art_3"]);
});

test("an article under another chapter moved, closed", () => {
  const chapter = (number: string, articles: Record<string, string>) => `Chương ${number}\n\n${law(articles)}`;
  const after = revise(
    `${chapter("I", { 1: one, 2: two })}\n${chapter("II", { 3: three })}`,
    `${chapter("I", { 1: one })}\n${chapter("II", { 2: two, 3: three })}`,
  );
  assert.equal(changes(after), ["move: chp_I__art_2 -> chp_II__art_2"]);
});

test("changed words are an open amendment, with its similarity; the parent is not amended", () => {
  const chapter = (text: string) => `Chương I\n\nTÊN CHƯƠNG\n\n${law({ 1: text, 2: two })}`;
  const after = revise(chapter(one), chapter(one.replace("được giao", "đã được chia")));
  assert.equal(changes(after), ["amend open: chp_I__art_1 -> chp_I__art_1"]);
  const similar = after.rows.find((row) => row.class === "amend")?.similarity ?? 0;
  assert.ok(Number.isInteger(similar) && similar > 400 && similar < 1000);
});

test("two texts that are the same cannot be told apart: open", () => {
  const same = "Điều này được áp dụng cho mọi người giữ vườn.";
  const after = revise(law({ 1: same, 2: same, 3: one }), law({ 1: three, 2: two, 4: same, 5: same, 6: one }));
  const moved = after.rows.filter((row) => row.class === "relabel");
  assert.equal(
    moved.map((row) => [row.to, row.open]),
    [
      ["art_4", true],
      ["art_5", true],
      ["art_6", false],
    ],
  );
});

test("one article in two is a split, two in one a merge: open, one id each", () => {
  const long = `${one} Ai bỏ hoang luống quá một mùa thì luống đó được giao cho người khác đang chờ.`;
  const split = revise(law({ 1: `${long} ${two}`, 2: three }), law({ 1: long, 2: three, 3: two }));
  assert.equal(changes(split), ["split open: art_1 -> art_1", "split open: art_1 -> art_3"]);
  assert.is(split.units[3]?.unit, unitId(document, 1, "art_3"));
  const merged = revise(law({ 1: long, 2: three, 3: two }), law({ 1: `${long} ${two}`, 2: three }));
  assert.equal(changes(merged), ["merge open: art_1 + art_3 -> art_1"]);
});

test("a unit that is gone is an open repeal without an id", () => {
  const after = revise(law({ 1: one, 2: two }), law({ 1: one }));
  assert.equal(after.rows.at(-1), {
    class: "repeal",
    open: true,
    from: [{ unit: unitId(document, 0, "art_2"), address: "art_2" }],
    to: null,
    unit: null,
    similarity: 0,
  });
});

test("a renumbered article takes its clauses along", () => {
  const clauses = (number: number, texts: string[]) =>
    `Điều ${number}.\n\n${texts.map((text, at) => `${at + 1}. ${text}\n`).join("\n")}`;
  const after = revise(
    `${clauses(1, [one, two])}`,
    `${clauses(1, ["Điều mới hoàn toàn, nói về phiên chợ."])}\n${clauses(2, [one, two])}`,
  );
  const ids = (addresses: string[], cut: Cut) =>
    addresses.map((address) => cut.rows.find(({ to }) => to === address)?.from[0]?.address);
  assert.equal(ids(["art_2__cl_1", "art_2__cl_2"], after), ["art_1__cl_1", "art_1__cl_2"]);
});

test("our charter and its revision", () => {
  const read = (name: string) => readFileSync(projectFile("samples", name));
  const after = cutOf(read("charter-rev2.md"), cutOf(read("charter.md")));
  assert.equal(changes(after), [
    "layout: pre_n1 -> pre_n1",
    "layout: chp_I__art_2 -> chp_I__art_2",
    "amend open: chp_II__art_7__cl_2 -> chp_II__art_7__cl_2",
    "insert open:  -> chp_III__art_9__cl_4",
    "relabel: chp_IV__art_12__cl_3 -> chp_IV__art_12__cl_2",
    "repeal open: chp_IV__art_12__cl_2 -> ",
  ]);
});

test("Debian's constitution, five versions in a row: most units unchanged, nothing lost", () => {
  let before: Cut | undefined;
  const unchanged: number[] = [];
  for (const [revision, version] of ["v1.0", "v1.1", "v1.2", "v1.3", "v1.4"].entries()) {
    before = cutOf(readFileSync(shared("corpus", "debian-constitution", `${version}.txt`)), before, revision);
    unchanged.push(before.rows.filter((row) => row.class === "unchanged" && !row.open).length);
  }
  assert.equal(unchanged, [0, 125, 152, 139, 149]);
});

test("any shuffling, repeating and dropping of articles accounts for every old and every new unit once", () => {
  const texts = [one, two, three, `${one} ${two}`, "Bãi bỏ.", "", `${three} Ai khóa giếng thì phải mở.`];
  const article = fc.record({ number: fc.integer({ min: 1, max: 6 }), text: fc.constantFrom(...texts) });
  const articles = fc.array(article, { minLength: 1, maxLength: 8 });
  const print = (list: { number: number; text: string }[]) =>
    Buffer.from(
      `QUY CHẾ\n\n${list.map(({ number, text }) => `Điều ${number}.\n\n1. ${text}\n\n2. ${text}\n`).join("\n")}`,
    );
  holds(
    fc.property(articles, articles, (before, after) => {
      const { rows } = cutOf(print(after), cutOf(print(before))); // cutOf checks the bookkeeping
      for (const row of rows) {
        assert.ok(Number.isInteger(row.similarity) && row.similarity >= 0 && row.similarity <= 1000);
        if (["amend", "split", "merge", "insert", "repeal"].includes(row.class)) assert.ok(row.open);
        if (["unchanged", "layout"].includes(row.class)) assert.is(row.from[0]?.address, row.to);
      }
    }),
    200,
  );
});

test("5,000 amended units in linear time", () => {
  const text = (word: string) =>
    Array.from(
      { length: 5000 },
      (_, at) =>
        `Điều ${at + 1}. Tên\n\nKhoản ${(at * 31) % 4999} ${word} của điều ${at} nói về việc ${(at * at) % 7919} gì đó.\n`,
    ).join("\n");
  const after = revise(text("cũ"), text("mới"));
  assert.is(after.rows.filter((row) => row.class === "amend").length, 5000);
});

test("unit ids are UUIDv5 of RFC 9562", () => {
  assert.is(unitId(document, 3, "chp_I"), uuidV5(document, "3/chp_I"));
  assert.throws(
    () => unitId("doc", 0, "x"),
    (error: unknown) => error instanceof TypeError,
  );
});

test.run();
