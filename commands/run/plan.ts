/** Assessing the target and planning the cut. Both only look; a plan is taken only if cutting again gives the same bytes and breaks no rule. */

import { checkOnce, planOnce } from "../../src/documents/once.js";
import { parsePlan } from "../../src/documents/Plan.js";
import { digestOf, sha256Hex } from "../../src/events/canonical.js";
import type { FactData } from "../../src/events/facts.js";
import { streamName } from "../../src/events/streams.js";
import { accepted, type Decision, nothing, refused, type World } from "../../src/ledger/Decision.js";
import type { CommandsOf } from "../CommandFrame.js";
import { documentCategory } from "../document.js";
import { policyInForce } from "../policy.js";
import { several } from "../several.js";
import type { commands } from "./commands.js";
import { cutOf, transitionDigest } from "./cutFacts.js";
import type { Phase, RunState } from "./State.js";
import { assessTarget } from "./target.js";
import { wrongPhase } from "./wrongPhase.js";

/** Whether the document is a safe target, with a reason for each thing that was looked at. */
export function decideAssess(
  command: CommandsOf<typeof commands, "AssessTarget">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  if (state.phase !== "opened" && state.phase !== "assessed")
    return wrongPhase(state, "assessed", ["opened", "assessed"]);
  const document = world.state(documentCategory, state.document);
  const { verdict, reasons } = assessTarget(
    {
      content: world.content(state.content)?.bytes,
      revision: state.revision,
      newest: document.revisions.length - 1,
      inForce: document.enacted.at(-1) ?? null,
    },
    world,
  );
  if (state.assessment === verdict && digestOf(state.reasons) === digestOf(reasons)) return nothing;
  return accepted([
    { stream: streamName("run", command.data.run), type: "TargetAssessed", data: { run: state.run, verdict, reasons } },
  ]);
}

/** Takes a plan: its bytes must be what this cutter makes of this content, and lossless. */
export function decidePlan(
  command: CommandsOf<typeof commands, "PlanCut">,
  state: Readonly<RunState>,
  world: World,
): Decision {
  const from: Phase[] = ["assessed", "planned", "rehearsed"];
  if (!from.includes(state.phase)) return wrongPhase(state, "planned", from);
  if (state.assessment === "unsafe") {
    return refused(
      "TARGET_UNSAFE",
      "The assessment found this document an unsafe target.",
      { run: state.run },
      `Mend what it names ('iu-ledger run show ${state.run}' lists the reasons), then assess again: iu-ledger run assess ${state.run}`,
    );
  }
  const { plan: digest, planContent } = command.data;
  // Asked for first: a decision is started again for each thing it finds it needs, and cutting is the costly part.
  const { policy, digest: policyDigest } = policyInForce(world);
  const base = world.state(documentCategory, state.document).enacted.at(-1) ?? null;
  const content = world.content(state.content);
  const planBytes = world.content(planContent);
  if (content === undefined || planBytes === undefined) {
    const which = content === undefined ? "document" : "plan";
    return refused(
      "CONTENT_MISSING",
      `The ${which} is not in the content store.`,
      { content: content === undefined ? state.content : planContent },
      "Put the bytes into the content store, then send the command again.",
    );
  }
  if (sha256Hex(planBytes.bytes) !== digest) {
    return refused(
      "PLAN_DIGEST_WRONG",
      "The plan's bytes do not have the digest the command names.",
      { named: digest, actual: sha256Hex(planBytes.bytes) },
      "Plan again and send that plan's digest.",
    );
  }
  const asked = readPlan(planBytes.bytes);
  if (asked === null)
    return refused(
      "PLAN_MALFORMED",
      "The stored plan is not a plan.",
      { plan: digest },
      "Plan again with this program.",
    );
  const again = planOnce(content.bytes, { grammar: asked.grammar, profile: asked.profile });
  if (!again.ok) return refused(again.code, again.message, { offset: again.offset }, again.next);
  if (again.digest !== digest) {
    return refused(
      "PLAN_NOT_REPRODUCED",
      "Cutting the same bytes again gives another plan.",
      { given: digest, again: again.digest, cutter: again.plan.cutter, theirs: asked.cutter },
      "Plan again with the cutter of this ledger.",
    );
  }
  const broken = checkOnce(content.bytes, again.plan, digest).find((check) => check.failures.length > 0);
  if (broken !== undefined) {
    return refused(
      "NOT_LOSSLESS",
      `The plan breaks ${broken.rule}: ${broken.failures[0]?.message ?? ""}`,
      { rule: broken.rule, failures: broken.failures.length },
      "Report this as a fault of the cutter; no cut can be made from this plan.",
    );
  }
  const blocking = again.plan.findings.filter((finding) => finding.blocking);
  if (blocking.length > policy.findingsMax) {
    return refused(
      "FINDINGS_TOO_MANY",
      `${several(blocking.length, "blocking finding")}; the policy allows ${policy.findingsMax}.`,
      { findings: blocking.length, findingsMax: policy.findingsMax },
      "Mend the document, or choose the grammar and profile that fit it.",
    );
  }
  const outcome = cutOf(state, planContent, base, world);
  if (!outcome.ok) return outcome.refused;
  const { rows } = outcome.cut;
  const classes: Record<string, number> = {};
  for (const row of rows) classes[row.class] = (classes[row.class] ?? 0) + 1;
  const data: FactData<"CutPlanned"> = {
    run: state.run,
    plan: digest,
    planContent,
    cutter: again.plan.cutter,
    grammar: again.plan.grammar,
    profile: again.plan.profile,
    units: again.plan.units.length,
    findings: {
      total: again.plan.findings.length,
      blocking: blocking.map(({ id, rule, address }) => ({ id, rule, address })),
    },
    base,
    transition: { digest: transitionDigest(rows), open: rows.filter((row) => row.open).length, classes },
    policy: policyDigest ?? digestOf(policy),
  };
  if (
    state.plan !== null &&
    state.plan.plan === data.plan &&
    world.content(state.plan.planContent) !== undefined &&
    digestOf({ run: state.run, ...state.plan, planContent }) === digestOf(data)
  )
    return nothing;
  return accepted([{ stream: streamName("run", state.run), type: "CutPlanned", data }]);
}

function readPlan(bytes: Uint8Array): ReturnType<typeof parsePlan> | null {
  try {
    return parsePlan(bytes);
  } catch {
    return null;
  }
}
