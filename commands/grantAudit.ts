/**
 * Grant audits of the database the ledger lives in. What was found is in the report, which is content; what is recorded follows from the
 * report. Only the newest counts, by the time it was made: an old clean one cannot be brought out over a newer one that was not.
 */
import { z } from "zod";
import { asEvent } from "../src/events/decode.js";
import type { FactData } from "../src/events/facts.js";
import { countsOfGrantAudit, grantAuditReport, verdictOfGrantAudit } from "../src/events/grantAudit.js";
import { grantAuditKey, streamName } from "../src/events/streams.js";
import {
  accepted,
  type Category,
  type Decision,
  nothing,
  type Refused,
  refused,
  type World,
} from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";
import { reportOf, reportRef } from "./evidence.js";
import { policyInForce } from "./policy.js";
import { several } from "./several.js";

export const commands = {
  /** The report's bytes are in the content store under `reportContent`. */
  RecordGrantAudit: z.strictObject(reportRef),
};

export interface GrantAuditState {
  newest: FactData<"GrantAuditRecorded"> | null;
}

export const grantAuditCategory: Category<GrantAuditState> = {
  name: "audit",
  initial: () => ({ newest: null }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    if (event.type === "GrantAuditRecorded") state.newest = event.data;
  },
};

/** The newest audit that was recorded, or null. */
export function newestGrantAudit(world: World): GrantAuditState["newest"] {
  return world.state(grantAuditCategory, grantAuditKey).newest;
}

/** Why the newest audit does not let a run be cut, where the policy asks for one so many hours old at most; or null. */
export function grantAuditRefusal(run: string, hours: number, world: World): Refused | null {
  const next =
    "An operator records a clean one ('iu-ledger grants audit --record'), or a sovereign adopts a policy that asks for none: iu-ledger policy adopt --set grantAuditHoursMax=none";
  const audit = newestGrantAudit(world);
  if (audit === null) {
    return refused(
      "GRANT_AUDIT_REQUIRED",
      `The policy asks for a clean grant audit within ${several(hours, "hour")}; none is recorded.`,
      { run, grantAuditHoursMax: hours },
      next,
    );
  }
  const { at, verdict, counts } = audit;
  const numbers = { run, grantAuditHoursMax: hours, at };
  if (verdict !== "PASS") {
    return refused(
      "GRANT_AUDIT_NOT_CLEAN",
      `The grant audit of ${at} ended ${verdict}: ${several(counts.differences, "difference")}, ${counts.probesFailed} of ${several(counts.probes, "probe")} failed, ${counts.probesNotRun} not run.`,
      {
        ...numbers,
        verdict,
        differences: counts.differences,
        failed: counts.probesFailed,
        notRun: counts.probesNotRun,
      },
      next,
    );
  }
  const ageHours = Math.floor((Date.parse(world.now) - Date.parse(at)) / 3_600_000);
  if (world.now < goodUntil(at, hours)) return null;
  return refused(
    "GRANT_AUDIT_OLD",
    `The grant audit of ${at} is ${several(ageHours, "hour")} old; the policy allows ${hours}.`,
    { ...numbers, now: world.now, ageHours },
    next,
  );
}

/** Until when the newest audit is good for what the policy asks, if nothing else happens; null where it asks for none. */
export function grantAuditGoodUntil(world: World): string | null {
  const audit = newestGrantAudit(world);
  const hours = policyInForce(world).policy.grantAuditHoursMax;
  return audit === null || hours === null ? null : goodUntil(audit.at, hours);
}

/** `hours` after a moment, both RFC 3339. */
function goodUntil(at: string, hoursMax: number): string {
  return new Date(Date.parse(at) + hoursMax * 3_600_000).toISOString();
}

export function decideGrantAudit({ data }: CommandsOf<typeof commands>, world: World): Decision {
  const outcome = reportOf(data, grantAuditReport, verdictOfGrantAudit, world);
  if (!outcome.ok) return outcome.refused;
  const { report } = outcome;
  const newest = newestGrantAudit(world);
  if (newest?.report === data.report) return nothing;
  if (newest !== null && report.at <= newest.at) {
    return refused(
      "AUDIT_OLDER",
      `An audit made at ${newest.at} is recorded; this one was made at ${report.at}.`,
      { at: report.at, newest: newest.at, verdict: newest.verdict },
      "Audit again: iu-ledger grants audit --record",
    );
  }
  return accepted([
    {
      stream: streamName("audit", grantAuditKey),
      type: "GrantAuditRecorded",
      data: {
        ...data,
        at: report.at,
        verdict: report.verdict,
        engine: report.engine,
        serverVersion: report.server?.version ?? null,
        database: report.server?.database ?? null,
        owner: report.owner,
        counts: countsOfGrantAudit(report),
      },
    },
  ]);
}
