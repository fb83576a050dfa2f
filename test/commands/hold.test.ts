/** The ways out of a run: a HOLD that only another human ends, and abandoning while nothing is cut. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCategory } from "../../commands/run/State.js";
import { document, run, run2 } from "./cast.js";
import { until, untouched } from "./history.js";

const test = suite("HOLD and abandon");
const stream = `run-${run}`;

test("anyone with a role holds a run; its facts name who answers for it; holding twice says nothing", () => {
  const data = { run, reason: "Something smells of burning." };
  const held = until("armed").when("HoldRun", data, "bot");
  held.thenFacts({
    stream,
    type: "RunHeld",
    data: {
      ...data,
      check: "held by hand",
      expected: "the run goes on",
      actual: "stopped while rehearsed",
      causedBy: "olga",
    },
  });
  until("armed").after("HoldRun", data, "bot").when("HoldRun", data, "rita").thenNothing();
  until("reverted").when("HoldRun", data, "rita").thenRefused("WRONG_PHASE", { run, phase: "reverted" });
});

test("a held run hears only release, abandon and hold", () => {
  const numbers = { run, check: "held by hand", expected: "the run goes on", actual: "stopped while rehearsed" };
  const held = until("armed").after("HoldRun", { run, reason: "Wait." }, "bot");
  held.when("ExecuteCut", { run }, "rex").thenRefused("RUN_HELD", numbers);
  held.when("RequestGate", { run, kind: "SG_1" }, "olga").thenRefused("RUN_HELD", numbers);
  held.when("DryRun", { run, nonMutation: untouched }, "olga").thenRefused("RUN_HELD", numbers);
  held.when("PlanCompensation", { run, reason: "?" }, "rex").thenRefused("RUN_HELD", numbers);
});

test("another human than the one who caused it ends a HOLD, by release or by abandoning; the phase is kept", () => {
  const held = until("armed").after("HoldRun", { run, reason: "Wait." }, "bot");
  for (const command of ["ReleaseHold", "AbandonRun"] as const) {
    const data = { run, reason: "Looked into." };
    held.when(command, data, "bot").thenRefused("HUMAN_REQUIRED", { run, actor: "bot", kind: "agent" });
    held.when(command, data, "quill").thenRefused("HUMAN_REQUIRED", { run, actor: "quill", kind: "agent" });
    held.when(command, data, "mill").thenRefused("HUMAN_REQUIRED", { run, actor: "mill", kind: "service" });
    held.when(command, data, "olga").thenRefused("HOLD_OWN", { run, causedBy: "olga" });
  }
  const data = { run, reason: "Looked into." };
  held.when("ReleaseHold", data, "rita").thenFacts({ stream, type: "HoldReleased", data });
  const released = held.after("ReleaseHold", data, "rita");
  assert.equal([released.state(runCategory, run).phase, released.state(runCategory, run).held], ["rehearsed", null]);
  assert.ok(released.when("ExecuteCut", { run }, "rex").facts().length > 0);
  released.when("ReleaseHold", data, "rita").thenNothing();
});

test("a run is abandoned while nothing is cut; the document is free again", () => {
  const data = { run, reason: "Not now." };
  until("armed")
    .when("AbandonRun", data, "bot")
    .thenFacts(
      { stream, type: "RunAbandoned", data },
      { stream: `document-${document}`, type: "DocumentReleased", data: { document, run, outcome: "abandoned" } },
    );
  const abandoned = until("armed").after("AbandonRun", data, "bot");
  abandoned.when("AbandonRun", data, "bot").thenNothing();
  abandoned.when("ExecuteCut", { run }, "rex").thenRefused("WRONG_PHASE", { run, phase: "abandoned" });
  abandoned.when("HoldRun", data, "rita").thenRefused("WRONG_PHASE", { run, phase: "abandoned" });
  assert.is(abandoned.when("OpenRun", { run: run2, document, mode: "live" }, "olga").facts().length, 2);
});

test("what has been cut is compensated, not abandoned", () => {
  for (const [chapter, phase] of [
    ["cut", "cut"],
    ["enacted", "enacted"],
    ["compensated", "compensated"],
    ["reverted", "reverted"],
  ] as const)
    until(chapter)
      .when("AbandonRun", { run, reason: "?" }, "olga")
      .thenRefused("COMPENSATE_FIRST", { run, phase, units: 6 });
});

test.run();
