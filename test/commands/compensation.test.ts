/** Compensation: the soft revert, unit by unit from the last to the first, under SG_C where the units were in force. Nothing is deleted. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { documentCategory } from "../../commands/document.js";
import { compensationPlanOf } from "../../commands/run/compensation.js";
import { runCategory } from "../../commands/run/State.js";
import { facts as factTypes } from "../../src/events/facts.js";
import { governedRun } from "../support/governedRun.js";
import { charter3, content, document, run, run2, run3 } from "./cast.js";
import { approved, armed, type Chapter, enactedRun, plannedRun, until, untouched, verifiedRun } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("compensation");
const stream = `run-${run}`;
const unitsOf = (here: Situation, id = run) => here.state(runCategory, id).units;

/** Two versions enacted one on the other. */
const twoVersions: Situation = (() => {
  const revised = until("enacted")
    .with(charter3)
    .after("ReviseDocument", { document, content: charter3.commitment }, "ed");
  return enactedRun(verifiedRun(plannedRun(revised, run2, charter3), run2), run2);
})();

for (const [chapter, lifecycle] of [
  ["cut", "draft"],
  ["recorded", "draft"],
  ["verified", "draft"],
  ["reviewed", "reviewed"],
  ["enacted", "enacted"],
] as [Chapter, string][]) {
  test(`the plan of a run that is ${chapter}: inverse actions, what there is before and will be after; it changes nothing`, () => {
    const here = until(chapter);
    here.when("PlanCompensation", { run, reason: "The oil is spilt." }, "bot").thenFacts({
      stream,
      type: "CompensationPlanned",
      data: {
        run,
        plan: compensationPlanOf(run, unitsOf(here)),
        actions: 6,
        reason: "The oil is spilt.",
        restores: null,
        dependents: [],
        before: { [lifecycle]: 6, superseded: 0, reverted: 0 },
        after: { [lifecycle]: 0, superseded: 0, reverted: 6 },
      },
    });
    const planned = here.after("PlanCompensation", { run, reason: "The oil is spilt." }, "bot");
    planned.when("PlanCompensation", { run, reason: "Once more." }, "ada").thenNothing();
    assert.equal(unitsOf(planned), unitsOf(here));
    assert.is(planned.state(runCategory, run).phase, here.state(runCategory, run).phase);
  });
}

test("an un-enacted run is compensated without a gate: every unit from the last back, then the end", () => {
  const planned = until("verified").after("PlanCompensation", { run, reason: "Wrong." }, "ada");
  const { compensation } = planned.state(runCategory, run);
  planned.when("Compensate", { run }, "mill").thenFacts(
    { stream, type: "CompensationStarted", data: { run, plan: compensation?.plan, gate: null } },
    ...[...unitsOf(planned)].reverse().map(({ index, unit, address }) => ({
      stream,
      type: "UnitReverted",
      data: { run, index, unit, address, from: "draft" },
    })),
    { stream, type: "CompensationExecuted", data: { run, reverted: 6, restores: null } },
  );
});

test("an enacted run needs SG_C, and its version is out of force when it is done", () => {
  until("compensation planned").when("Compensate", { run }, "rex").thenRefused("GATE_REQUIRED", { run, gate: "SG_C" });
  const facts = until("approved C").when("Compensate", { run }, "rex").facts();
  assert.equal(facts[0]?.data["gate"], "SG_C/1");
  assert.equal(
    facts.slice(1, 7).map(({ data }) => [data["index"], data["from"]]),
    [5, 4, 3, 2, 1, 0].map((index) => [index, "enacted"]),
  );
  assert.equal(facts.at(-1), {
    stream: `document-${document}`,
    type: "VersionReverted",
    data: { document, run, restores: null },
  });
  assert.equal(until("compensated").state(documentCategory, document).enacted, []);
});

test("no plan, or a plan for where the run stood before, is none", () => {
  until("enacted")
    .when("Compensate", { run }, "rex")
    .thenRefused("COMPENSATION_NOT_PLANNED", { run, phase: "enacted" });
  const before = enactedRun(until("verified").after("PlanCompensation", { run, reason: "Perhaps." }, "ada"), run);
  before.when("Compensate", { run }, "rex").thenRefused("COMPENSATION_NOT_PLANNED", { run, phase: "enacted" });
});

test("a plan made in the middle of a cut does not cover what was cut after it", () => {
  const text = content(
    `Charter\n\n${Array.from({ length: 1000 }, (_, i) => `Article ${i + 1}. Title\nRule.\n`).join("\n")}`,
    31,
  );
  const ready = until("open")
    .with(text)
    .after("RegisterDocument", { document, title: "Long", source: null, content: text.commitment }, "ed");
  let here = armed(
    approved(plannedRun(ready, run, text).after("DryRun", { run, nonMutation: untouched }, "olga"), run, "SG_1"),
    run,
  );
  const chunk = () => {
    const time = here.now;
    here = here.and(
      ...here
        .when("ExecuteCut", { run }, { by: "rex", at: time })
        .facts()
        .map((fact) => ({ ...fact, time })),
    );
  };
  chunk();
  const half = unitsOf(here).length;
  here = here.after("PlanCompensation", { run, reason: "Stop it." }, "ada");
  const early = here;
  chunk();
  assert.ok(unitsOf(here).length > half);
  here.when("Compensate", { run }, "rex").thenRefused("COMPENSATION_NOT_PLANNED", { run, phase: "cutting" });
  const planned = here.after("PlanCompensation", { run, reason: "Stop it." }, "ada");
  assert.is(planned.state(runCategory, run).compensation?.plan, compensationPlanOf(run, unitsOf(planned)));
  // A half-cut run is taken back as far as it came, and its Verify passes.
  const back = early
    .after("Compensate", { run }, "rex")
    .after("RecordCompensationB", { run }, "wanda")
    .after("VerifyCompensation", { run }, "vera");
  const state = back.state(runCategory, run);
  assert.equal([state.phase, state.compensation?.reverted], ["reverted", half]);
  assert.is(back.state(documentCategory, document).openRun, null);
});

test("the later version goes first; then the one before it is in force again", () => {
  const planned = approved(twoVersions.after("PlanCompensation", { run, reason: "Wrong." }, "ada"), run, "SG_C");
  planned.when("Compensate", { run }, "rex").thenRefused("DEPENDENT_VERSION", { run, later: 1 });
  const [first] = twoVersions.when("PlanCompensation", { run, reason: "Wrong." }, "ada").facts();
  assert.equal(first?.data["dependents"], [run2], "the plan names what must go first");
  const [fact] = twoVersions.when("PlanCompensation", { run: run2, reason: "Wrong." }, "ada").facts();
  assert.equal(
    { restores: fact?.data["restores"], before: fact?.data["before"], after: fact?.data["after"] },
    {
      restores: run,
      before: { enacted: 6, superseded: 6, reverted: 0 },
      after: { enacted: 6, superseded: 0, reverted: 6 },
    },
  );
  const second = approved(
    planned.after("PlanCompensation", { run: run2, reason: "Wrong." }, "ada"),
    run2,
    "SG_C",
  ).after("Compensate", { run: run2 }, "rex");
  assert.equal(second.facts.at(-1)?.data, { document, run: run2, restores: run });
  assert.equal(second.state(documentCategory, document).enacted, [run]);
  const both = second.after("Compensate", { run }, "rex");
  assert.equal(both.state(documentCategory, document).enacted, []);
});

/** A situation in which `run`, which is in force, has been begun to be taken back and not finished. */
function begun(here: Situation): Situation {
  const ready = approved(here.after("PlanCompensation", { run, reason: "Wrong." }, "ada"), run, "SG_C");
  return ready.and(...ready.when("Compensate", { run }, "rex").facts().slice(0, 3));
}

test("what is being taken back is not built upon: no cut and no enactment on it", () => {
  const revised = until("enacted")
    .with(charter3)
    .after("ReviseDocument", { document, content: charter3.commitment }, "ed");
  const rehearsed = plannedRun(revised, run2, charter3).after("DryRun", { run: run2, nonMutation: untouched }, "olga");
  begun(armed(approved(rehearsed, run2, "SG_1"), run2))
    .when("ExecuteCut", { run: run2 }, "rex")
    .thenRefused("BASE_COMPENSATING", { run: run2, base: run });
  const reviewed = approved(
    verifiedRun(plannedRun(revised, run2, charter3), run2).after("ReviewRun", { run: run2, note: "Good." }, "rita"),
    run2,
    "SG_2",
  );
  begun(reviewed).when("EnactRun", { run: run2 }, "sam").thenRefused("BASE_COMPENSATING", { run: run2, base: run });
});

test("a compensation that was begun is finished under the gate it began under; when that ends, under a new one", () => {
  const here = begun(until("enacted"));
  here.when("RequestGate", { run, kind: "SG_C" }, "olga").thenNothing();
  const rest = here.when("Compensate", { run }, "rex").facts();
  assert.equal(
    rest.map(({ type }) => type),
    ["UnitReverted", "UnitReverted", "UnitReverted", "UnitReverted", "CompensationExecuted", "VersionReverted"],
  );
  assert.is(rest[0]?.data["index"], 3);
  const expires = here.state(runCategory, run).gates.at(-1)?.ruling?.expires ?? "";
  here.when("Compensate", { run }, { by: "rex", at: expires }).thenRefused("GATE_EXPIRED", { run, gate: "SG_C/1" });
  const renewed = approved(here.after("RequestGate", { run, kind: "SG_C" }, { by: "olga", at: expires }), run, "SG_C");
  const [started, next] = renewed.when("Compensate", { run }, "rex").facts();
  assert.equal([started?.type, started?.data["gate"], next?.data["index"]], ["CompensationStarted", "SG_C/2", 3]);
  renewed
    .when("PlanCompensation", { run, reason: "?" }, "ada")
    .thenRefused("WRONG_PHASE", { run, phase: "compensating" });
});

test("a reverted draft leaves the document free for another run; the whole story folds to reverted", () => {
  const back = until("cut")
    .after("PlanCompensation", { run, reason: "Wrong." }, "ada")
    .after("Compensate", { run }, "rex")
    .after("RecordCompensationB", { run }, "wanda")
    .after("VerifyCompensation", { run }, "lens");
  assert.equal(
    [back.state(runCategory, run).phase, back.state(documentCategory, document).openRun],
    ["reverted", null],
  );
  assert.is(back.when("OpenRun", { run: run3, document, mode: "live" }, "olga").facts().length, 2);
});

test("a compensation whose last chunk is full to the last event still takes the version out of force", async () => {
  // 1 + 498 + 1 events fill a chunk; that the version is no longer in force is the 501st.
  const articles = Array.from({ length: 498 }, (_, i) => `Article ${i + 1}. Rule ${i + 1} stands.`);
  for (const units of [497, 498, 499]) {
    const bytes = Buffer.from(`${articles.slice(0, units - 1).join("\n\n")}\n`);
    const { ledger, document: on, runId, state } = await governedRun({ bytes, until: "compensated" });
    const { phase, units: cut } = await state(runId);
    assert.equal([phase, cut.length], ["compensated", units]);
    assert.equal((await ledger.state(documentCategory, on)).enacted, []);
  }
});

test("there is no hard delete: no event type says so", () => {
  for (const type of Object.keys(factTypes)) assert.not.match(type, /Delete|Remove|Purge|Destroy|Erase/);
});

test.run();
