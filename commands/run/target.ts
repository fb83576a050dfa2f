/**
 * Whether a text is a safe target for a cut: one list of what is looked at, for the event of a run (`AssessTarget`) and for whoever looks before
 * there is one (`discover`). It only looks. Its sentences are on ledgers: what is changed here must still be decided so for older events.
 */
import { planOnce } from "../../src/documents/once.js";
import type { FactData } from "../../src/events/facts.js";
import type { World } from "../../src/ledger/Decision.js";
import { backupsInForce, goodUntil } from "../backup.js";
import { policyInForce } from "../policy.js";
import { several } from "../several.js";

export interface Target {
  /** The text; undefined where it is not in the content store. */
  readonly content: Uint8Array | undefined;
  /** Which revision of the document it is, and which is the newest. From 0. */
  readonly revision: number;
  readonly newest: number;
  /** The run whose units are in force on the document. */
  readonly inForce: string | null;
}

export type Assessment = Pick<FactData<"TargetAssessed">, "verdict" | "reasons">;

type Reason = Assessment["reasons"][number];

/** Safe, unsafe, or in need of a ruling, with a reason for each thing that was looked at. */
export function assessTarget({ content, revision, newest, inForce }: Target, world: World): Assessment {
  const { policy } = policyInForce(world);
  const reasons: Reason[] = [];
  const say = (code: string, verdict: Reason["verdict"], message: string) => reasons.push({ code, verdict, message });
  if (content === undefined) {
    say("CONTENT", "unsafe", "The text is not in the content store.");
  } else {
    const size = content.length;
    say("CONTENT", "safe", `The text is there, ${size} bytes, and matches its commitment.`);
    say(
      "SIZE",
      size <= policy.contentSizeMax ? "safe" : "unsafe",
      `${size} of at most ${policy.contentSizeMax} bytes.`,
    );
    const outcome = planOnce(content);
    if (!outcome.ok) {
      say("CUTTABLE", "unsafe", `${outcome.message} (byte ${outcome.offset})`);
    } else {
      const blocking = outcome.plan.findings.filter((finding) => finding.blocking).length;
      say(
        "CUTTABLE",
        "safe",
        `${several(outcome.plan.units.length, "unit")} by ${outcome.plan.grammar}/${outcome.plan.profile}.`,
      );
      if (blocking > policy.findingsMax)
        say("FINDINGS", "unsafe", `${several(blocking, "blocking finding")}; the policy allows ${policy.findingsMax}.`);
      else if (blocking > 0) say("FINDINGS", "ruling", `${several(blocking, "finding")} must be acknowledged at SG_1.`);
      else say("FINDINGS", "safe", "Nothing blocking was found.");
    }
  }
  say("REVISION", revision === newest ? "safe" : "unsafe", `Revision ${revision} of ${newest}.`);
  if (inForce === null) say("IN_FORCE", "safe", "Nothing is in force yet that would be superseded.");
  else say("IN_FORCE", "ruling", `Run ${inForce} is in force and would be superseded; its units get a transition.`);
  const { backupHoursMax } = policy;
  const backup = backupsInForce(world).backups.at(-1);
  if (backupHoursMax === null) say("BACKUP", "safe", "The policy asks for no backup.");
  else if (backup === undefined || goodUntil(backup.recordedAt, backupHoursMax) <= world.now)
    say("BACKUP", "unsafe", `The policy asks for a restored backup within ${backupHoursMax} hours; none is recorded.`);
  else say("BACKUP", "safe", `A restored backup of ${several(backup.size, "event")} is recorded.`);
  const verdict = reasons.some((one) => one.verdict === "unsafe")
    ? "unsafe"
    : reasons.some((one) => one.verdict === "ruling")
      ? "ruling"
      : "safe";
  return { verdict, reasons };
}
