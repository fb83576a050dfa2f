// How things look: aligned by what a terminal shows, shortened only where there is a terminal, and never able to be forged by text of others.

import { suite } from "uvu";
import * as assert from "uvu/assert";
import { problemLines, problemOf, refusedStop } from "../../../src/cli/output/Problem.js";
import { pairs } from "../../../src/cli/output/pairs.js";
import { doneLine, eventLines, outcomeOf } from "../../../src/cli/output/result.js";
import { styleOf } from "../../../src/cli/output/style.js";
import { table } from "../../../src/cli/output/table.js";
import {
  counted,
  grouped,
  moment,
  pad,
  shorten,
  visible,
  visibleLines,
  widthOf,
} from "../../../src/cli/output/text.js";
import { guidesOf, tree } from "../../../src/cli/output/tree.js";
import type { Committed, Result } from "../../../src/ledger/Decision.js";
import { StoreError } from "../../../src/ledger/Store.js";

const plain = styleOf(false);
const texts = suite("cli/output: text");

texts("a width is columns, not characters: marks take none, wide characters two, colour none", () => {
  assert.is(widthOf("Điều"), 4);
  assert.is(widthOf("Điều".normalize("NFD")), 4);
  assert.is(widthOf("第1条"), 5);
  assert.is(widthOf("\u001b[31mred\u001b[39m"), 3);
});

texts("shortening keeps to the width and says that it shortened", () => {
  assert.is(shorten("constitution", 8), "constit…");
  assert.is(shorten("第一章総則", 6), "第一…");
  assert.is(shorten("short", 8), "short");
});

texts("text of others cannot move the cursor, forge a line or turn the reading direction", () => {
  assert.is(visible("a\u001b[2Jb"), "a<U+001B>[2Jb");
  assert.is(visible("one\r\n  two"), "one two");
  assert.is(visible("x\u202eevil"), "x<U+202E>evil");
  assert.is(visibleLines("a\r\nb\u0007\tc"), "a\nb<U+0007>\tc");
});

texts("numbers and times read the same on every machine", () => {
  assert.is(grouped(1234567), "1,234,567");
  assert.is(counted(1, "unit"), "1 unit");
  assert.is(counted(61, "unit"), "61 units");
  assert.is(moment("2026-01-05T09:30:00.000Z"), "2026-01-05 09:30:00Z");
  assert.is(pad("đ", 3, "right"), "  đ");
});

texts.run();

const shapes = suite("cli/output: tables, trees, pairs");

shapes("columns are aligned and the last one has no spaces behind it", () => {
  const lines = table(
    [{ title: "name" }, { title: "units", align: "right" }, { title: "note" }],
    [
      ["Điều lệ", "7", ""],
      ["Charter", "1,204", "in force"],
    ],
    { style: plain, width: undefined },
  );
  assert.equal(lines, ["name     units  note", "Điều lệ      7", "Charter  1,204  in force"]);
});

shapes("on a terminal the columns that may shrink do; in a pipe nothing does", () => {
  const columns = [{ title: "id" }, { title: "title", shrink: true }];
  const rows = [["7d1c", "a title that is much too long for this terminal"]];
  assert.equal(table(columns, rows, { style: plain, width: 24 }), ["id    title", "7d1c  a title that is m…"]);
  assert.equal(table(columns, rows, { style: plain, width: undefined }).at(1), `7d1c  ${rows[0]?.[1]}`);
});

shapes("columns that may be left out are, before others get too narrow to be read", () => {
  const columns = [
    { title: "address", shrink: 12 },
    { title: "title", shrink: true, optional: true },
    { title: "unit" },
  ];
  const rows = [["chp_II__art_7__cl_2", "End of membership", "d7c26ca6"]];
  const at = (width: number) => table(columns, rows, { style: plain, width, bare: true });
  assert.equal(at(60), ["chp_II__art_7__cl_2  End of membership  d7c26ca6"]);
  assert.equal(at(40), ["chp_II__art_7…  End of member…  d7c26ca6"]);
  assert.equal(at(30), ["chp_II__art_7__cl_2  d7c26ca6"]);
  assert.equal(at(10), ["chp_II__art…  d7c26ca6"], "what may not be left out stays, though it is too wide");
});

shapes("a tree draws who lies in whom", () => {
  const items = [
    [0, "doc"],
    [1, "chp_I"],
    [2, "art_1"],
    [2, "art_2"],
    [1, "chp_II"],
    [2, "art_3"],
  ] as const;
  assert.equal(
    tree(
      items.map(([depth, text]) => ({ depth, text })),
      plain,
    ),
    ["doc", "├─ chp_I", "│  ├─ art_1", "│  └─ art_2", "└─ chp_II", "   └─ art_3"],
  );
});

shapes("guides need one pass, however deep the tree", () => {
  const guides = guidesOf(Array.from({ length: 1000 }, (_, index) => index));
  assert.is(guides.at(-1), `${"   ".repeat(998)}└─ `);
});

shapes("pairs leave out what is not there and keep the column of long values", () => {
  assert.equal(
    pairs(
      [
        ["run", "7d1c"],
        ["held", null],
        ["document", "a\nb"],
      ],
      plain,
    ),
    ["  run       7d1c", "  document  a", "            b"],
  );
});

shapes.run();

const answers = suite("cli/output: answers");

const at = (position: number, type: string, data: Record<string, unknown>): Committed => ({
  position,
  event: {
    schema: 1,
    type,
    id: "00000000-0000-4000-8000-000000000000",
    stream: "run-x",
    revision: 0,
    prev: null,
    time: "2026-01-05T09:30:00.000Z",
    actor: "sovereign",
    command: { id: "00000000-0000-4000-8000-000000000001", digest: "0".repeat(64) },
    cause: null,
    data,
  },
});

answers("every kind of answer has its exit code: 1 refused, 2 malformed, 3 cannot", () => {
  const exits = (
    [
      { kind: "committed", events: [] },
      { kind: "refused", code: "RUN_HELD", message: "The run is on HOLD.", numbers: {}, next: "", position: 7 },
      { kind: "duplicate", first: { kind: "refused", code: "X", message: "", numbers: {}, next: "", position: null } },
      { kind: "malformed", message: "wrong", at: "command.data.run", next: "" },
      { kind: "conflict", stream: "run-x", expected: 1, actual: 2, attempts: 9, next: "" },
      { kind: "unknown", message: "", next: "" },
    ] satisfies Result[]
  ).map((result) => {
    const outcome = outcomeOf(result);
    return outcome.ok ? 0 : outcome.problem.exit;
  });
  assert.equal(exits, [0, 1, 1, 2, 3, 3]);
});

answers("a no has its code, its sentence, the numbers that are not in it, and the next step", () => {
  const { problem } = refusedStop("RUN_HELD", "The run is on HOLD.", "iu-ledger run release 7d1c", {
    units: 3,
    run: null,
  });
  assert.equal(problemLines(problem, plain, { program: "iu-ledger", flags: "" }), [
    "✗ The run is on HOLD.",
    "  code RUN_HELD · units 3",
    "  next iu-ledger run release 7d1c",
  ]);
});

answers("a store that cannot is exit 3, with its next step; a bug is no problem of the user", () => {
  const problem = problemOf(new StoreError("DISK_FULL", "the disk is full", { next: "Make room." }));
  assert.equal(problem, { code: "DISK_FULL", message: "The disk is full.", numbers: {}, next: "Make room.", exit: 3 });
  assert.is(problemOf(new TypeError("x is undefined")), undefined);
});

answers("events are told one a line; many of one kind between others are counted", () => {
  const units = Array.from({ length: 60 }, (_, index) => at(11 + index, "UnitCut", {}));
  const first = at(10, "CutStarted", { gate: "SG_1/1", armedUntil: "2026-01-05T09:30:00.000Z" });
  assert.equal(eventLines([first, ...units], plain), [
    "     10  CutStarted  under SG_1/1, armed until 2026-01-05 09:30:00Z",
    "  11–70  UnitCut     60 events",
  ]);
});

answers("who signed is said, and so is that there was nothing to do", () => {
  assert.is(
    doneLine("Run held", { outcome: "committed", events: [] }, plain, "editor"),
    "✓ Run held  signed by editor",
  );
  assert.match(doneLine("Run held", { outcome: "nothing", events: [] }, plain, "editor"), "nothing was changed");
});

answers.run();
