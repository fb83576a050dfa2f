/** The transition: what is certain is filled in, what is not is open, and a human says what each open row is. No unit becomes two. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { CommandData } from "../../commands/Command.js";
import { documentCategory } from "../../commands/document.js";
import { resolvedTransition } from "../../commands/run/gates.js";
import { runCategory } from "../../commands/run/State.js";
import { unitId } from "../../src/documents/unitId.js";
import { charter2, charter3, document, run, run2, uuid } from "./cast.js";
import { approved, enactedRun, plannedRun, until, verifiedRun } from "./history.js";

const test = suite("the transition");

/** The second revision, cut and verified: article 1 amended, article 3 another one. */
const verified = verifiedRun(plannedRun(until("revised").with(charter2), run2, charter2), run2);
const state = verified.state(runCategory, run2);
const old = new Map(
  until("enacted")
    .state(runCategory, run)
    .units.map(({ address, unit }) => [address, unit]),
);
const oldOf = (address: string) => old.get(address) ?? "";
const minted = (address: string) => unitId(document, 1, address);

type Rows = CommandData<"ResolveTransition">["rows"];
const resolve = (rows: Rows, here = verified, by: "rita" | "bot" = "rita") =>
  here.when("ResolveTransition", { run: run2, rows, reason: "Read side by side." }, by);

test("certain rows are closed and keep their unit; the others are open", () => {
  assert.equal(
    state.units.map(({ address, transition, unit }) => [
      address,
      transition.class,
      transition.open,
      unit === oldOf(address),
    ]),
    [
      ["doc", "unchanged", false, true],
      ["art_1", "amend", true, true],
      ["art_2", "unchanged", false, true],
      ["art_2__cl_1", "unchanged", false, true],
      ["art_2__cl_2", "unchanged", false, true],
      ["art_3", "insert", true, false],
    ],
  );
  assert.equal(
    state.repeals.map(({ unit, address, open }) => [unit, address, open]),
    [[oldOf("art_3"), "art_3", true]],
  );
  assert.equal([...state.open].sort(), ["art_1", "art_3", oldOf("art_3")].sort());
});

test("a revision with layout changes alone has no open rows", () => {
  const laid = verifiedRun(
    plannedRun(
      until("enacted").with(charter3).after("ReviseDocument", { document, content: charter3.commitment }, "ed"),
      run2,
      charter3,
    ),
    run2,
  );
  const { units, open } = laid.state(runCategory, run2);
  assert.equal([units.find(({ address }) => address === "art_3")?.transition.class, open.size], ["layout", 0]);
  assert.equal(enactedRun(laid, run2).state(documentCategory, document).enacted, [run, run2]);
});

const all: Rows = [
  { row: "art_1", class: "amend", unit: oldOf("art_1") },
  { row: "art_3", class: "insert", unit: minted("art_3") },
  { row: oldOf("art_3"), class: "repeal", unit: oldOf("art_3") },
];

test("open rows block the review; resolved one by one or together they do not", () => {
  verified.when("ReviewRun", { run: run2, note: "?" }, "rita").thenRefused("TRANSITION_OPEN", { run: run2, open: 3 });
  resolve(all).thenFacts({
    stream: `run-${run2}`,
    type: "TransitionResolved",
    data: {
      run: run2,
      rows: [
        { ...all[0], from: [oldOf("art_1")] },
        { ...all[1], from: [] },
        { ...all[2], from: [oldOf("art_3")] },
      ],
      reason: "Read side by side.",
    },
  });
  let here = verified;
  for (const [index, row] of all.entries()) {
    here = here.after("ResolveTransition", { run: run2, rows: [row], reason: "Read." }, "rita");
    assert.is(here.state(runCategory, run2).open.size, all.length - index - 1);
  }
  const enacted = enactedRun(here, run2);
  assert.equal(enacted.state(documentCategory, document).enacted, [run, run2]);
  assert.is(enacted.facts.findLast(({ type }) => type === "VersionEnacted")?.data["supersedes"], run);
});

test("only humans resolve; only before it is enacted; and only rows that are open", () => {
  resolve(all, verified, "bot").thenRefused("HUMAN_REQUIRED", {
    actor: "bot",
    kind: "agent",
    type: "ResolveTransition",
  });
  const numbers = (row: string, unit: string) => ({ run: run2, row, unit });
  resolve([{ row: "art_2", class: "amend", unit: oldOf("art_2") }]).thenRefused(
    "ROW_NOT_OPEN",
    numbers("art_2", oldOf("art_2")),
  );
  resolve([{ row: "art_9", class: "amend", unit: uuid(1) }]).thenRefused("ROW_NOT_OPEN", numbers("art_9", uuid(1)));
  const done = verified.after("ResolveTransition", { run: run2, rows: all, reason: "Read." }, "rita");
  resolve(all, done).thenRefused("ROW_NOT_OPEN", numbers("art_1", oldOf("art_1")));
});

test("a row is named once", () => {
  resolve([...all, { row: "art_1", class: "insert", unit: minted("art_1") }]).thenRefused("ROW_TWICE", {
    run: run2,
    row: "art_1",
  });
});

/** What each class may say of the open row art_3 while art_1 is still art_1. */
const sayings: [string, "old" | "new" | "strange", string | null][] = [
  ["insert", "new", null],
  ["insert", "old", "ROW_UNIT_WRONG"],
  ["split", "new", null],
  ["split", "old", null],
  ["merge", "old", null],
  ["merge", "new", "ROW_UNIT_WRONG"],
  ["unchanged", "old", null],
  ["layout", "old", null],
  ["relabel", "old", null],
  ["move", "old", null],
  ["amend", "old", null],
  ["amend", "new", "ROW_UNIT_WRONG"],
  ["move", "new", "ROW_UNIT_WRONG"],
  ["repeal", "old", "ROW_UNIT_WRONG"],
  ["repeal", "new", "ROW_UNIT_WRONG"],
  ...["insert", "split", "merge", "amend", "move", "unchanged"].map(
    (kind) => [kind, "strange", "ROW_UNIT_WRONG"] as [string, "strange", string],
  ),
];
for (const [kind, which, code] of sayings) {
  test(`a cut unit's row as ${kind} with a unit that is ${which}: ${code ?? "taken"}`, () => {
    const unit = which === "old" ? oldOf("art_3") : which === "new" ? minted("art_3") : uuid(123);
    const outcome = resolve([{ row: "art_3", class: kind as Rows[number]["class"], unit }]);
    if (code === null) assert.is(outcome.facts().length, 1);
    else outcome.thenRefused("ROW_UNIT_WRONG", { run: run2, row: "art_3", unit, minted: minted("art_3") });
  });
}

test("no unit stands in two places: not one that is certain elsewhere, not one named twice", () => {
  const twice = (unit: string, holder: string, row = "art_3") =>
    ["UNIT_TWICE", { run: run2, row, unit, holder }] as const;
  resolve([{ row: "art_3", class: "move", unit: oldOf("art_2") }]).thenRefused(...twice(oldOf("art_2"), "art_2"));
  resolve([{ row: "art_3", class: "move", unit: oldOf("art_1") }]).thenRefused(...twice(oldOf("art_1"), "art_1"));
  const both: Rows = [
    { row: "art_1", class: "amend", unit: oldOf("art_3") },
    { row: "art_3", class: "amend", unit: oldOf("art_3") },
  ];
  resolve(both).thenRefused(...twice(oldOf("art_3"), "art_1"));
  // Exchanged in one command they may be: article 1 is now what article 3 was, and the other way round.
  const swapped: Rows = [
    { row: "art_1", class: "move", unit: oldOf("art_3") },
    { row: "art_3", class: "move", unit: oldOf("art_1") },
  ];
  assert.is(resolve(swapped).facts().length, 1);
});

test("a gone unit gets its own id and an end; if it lives on, it is not repealed", () => {
  const gone = oldOf("art_3");
  resolve([{ row: gone, class: "repeal", unit: uuid(5) }]).thenRefused("ROW_UNIT_WRONG", {
    run: run2,
    row: gone,
    unit: uuid(5),
  });
  for (const kind of ["repeal", "merge", "split"] as const)
    assert.is(resolve([{ row: gone, class: kind, unit: gone }]).facts().length, 1);
  for (const kind of ["unchanged", "layout", "relabel", "move", "amend", "insert"] as const)
    resolve([{ row: gone, class: kind, unit: gone }]).thenRefused("UNIT_GONE", { run: run2, row: gone, class: kind });
  const kept: Rows = [
    { row: "art_3", class: "amend", unit: gone },
    { row: gone, class: "repeal", unit: gone },
  ];
  resolve(kept).thenRefused("UNIT_KEPT", { run: run2, row: gone, holder: "art_3" });
  assert.is(resolve([kept[0]!, { row: gone, class: "amend", unit: gone }]).facts().length, 1);
  resolve([kept[0]!, { row: gone, class: "insert", unit: gone }]).thenRefused("UNIT_GONE", {
    run: run2,
    row: gone,
    class: "insert",
  });
});

test("what SG_2 binds differs with every answer, for a unit that is gone too", () => {
  const answers: Rows[] = [
    all,
    [all[0]!, all[1]!, { ...all[2]!, class: "merge" }],
    [all[0]!, { row: "art_3", class: "amend", unit: oldOf("art_3") }, { ...all[2]!, class: "amend" }],
    [{ row: "art_1", class: "insert", unit: minted("art_1") }, all[1]!, all[2]!],
  ];
  const digests = answers.map((rows) =>
    resolvedTransition(
      verified.after("ResolveTransition", { run: run2, rows, reason: "Read." }, "rita").state(runCategory, run2),
    ),
  );
  assert.is(new Set(digests).size, answers.length);
});

test("a unit that was proposed to live on and does not gets a row of its own: nothing leaves the law unsaid", () => {
  const anew: Rows = [{ row: "art_1", class: "insert", unit: minted("art_1") }];
  const left = { run: run2, unit: oldOf("art_1"), address: "art_1", open: true };
  const [, proposed] = resolve(anew).facts();
  assert.equal(proposed, { stream: `run-${run2}`, type: "RepealProposed", data: left });
  const resolved = verified.after(
    "ResolveTransition",
    { run: run2, rows: [...anew, ...all.slice(1)], reason: "Another article." },
    "rita",
  );
  resolved.when("ReviewRun", { run: run2, note: "?" }, "rita").thenRefused("TRANSITION_OPEN", { run: run2, open: 1 });
  const rows: Rows = [{ row: oldOf("art_1"), class: "repeal", unit: oldOf("art_1") }];
  const said = resolved.after("ResolveTransition", { run: run2, rows, reason: "Gone." }, "rita");
  assert.is(said.when("ReviewRun", { run: run2, note: "Done." }, "rita").facts().length, 1);
  assert.equal(
    said.state(runCategory, run2).repeals.map((repeal) => [repeal.address, repeal.class, repeal.open]),
    [
      ["art_3", "repeal", false],
      ["art_1", "repeal", false],
    ],
  );
});

test("resolved, enacted and cut once more: the units keep their ids", () => {
  const rows = [
    all[0]!,
    { row: "art_3", class: "amend" as const, unit: oldOf("art_3") },
    { ...all[2]!, class: "amend" as const },
  ];
  const resolved = verified.after("ResolveTransition", { run: run2, rows, reason: "Read." }, "rita");
  const { units } = resolved.state(runCategory, run2);
  assert.equal(
    units.map(({ address, unit }) => [address, unit]),
    [...old],
  );
  assert.is(
    approved(resolved.after("ReviewRun", { run: run2, note: "Good." }, "rita"), run2, "SG_2")
      .when("EnactRun", { run: run2 }, "sam")
      .facts().length,
    3,
  );
});

test("too many rows for one event are refused with the numbers", () => {
  const rows: Rows = Array.from({ length: 200 }, (_, i) => ({
    row: `art_${i}__${"x".repeat(300)}`,
    class: "insert" as const,
    unit: uuid(i),
  }));
  // As if all of them had been cut and were open: a story nobody would tell unit by unit.
  const facts = rows.map(({ row }, i) => ({
    stream: `run-${run2}`,
    type: "UnitCut",
    data: {
      run: run2,
      document,
      index: 6 + i,
      unit: unitId(document, 1, row),
      address: row,
      kind: "article",
      label: null,
      parent: "doc",
      span: { start: 0, end: 1 },
      raw: "00".repeat(32),
      norm: "00".repeat(32),
      transition: { class: "insert", from: [], open: true },
    },
  }));
  const named = rows.map((one) => ({ ...one, unit: unitId(document, 1, one.row) }));
  const outcome = resolve(named, verified.and(...facts));
  const numbers = outcome.decision.kind === "refused" ? outcome.decision.numbers : {};
  outcome.thenRefused("FACT_TOO_LARGE", { type: "TransitionResolved", size: numbers["size"], sizeMax: 65_535 });
});

test.run();
