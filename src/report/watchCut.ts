/**
 * Watches over when a cut may run: armed, with the backup and the grant audit that the policy asks for, and not on HOLD. Each is looked at
 * for every event of the cut, since each chunk of it is decided anew.
 */
import type { Event } from "../events/decode.js";
import { isRevoked, type Past } from "./Past.js";
import { type Watch, watch } from "./Watch.js";

const ofTheCut: readonly Event["type"][] = ["CutStarted", "UnitCut", "RepealProposed", "CutExecuted"];

/** What takes a run on, and what a HOLD stops. */
const progress: readonly Event["type"][] = [
  ...ofTheCut,
  "CutPlanned",
  "LegBRecorded",
  "VerifyRecorded",
  "RunReviewed",
  "RunEnacted",
  "CompensationStarted",
  "UnitReverted",
  "CompensationExecuted",
  "CompensationBRecorded",
  "CompensationVerified",
];

export function cutWatches(run: string): Watch[] {
  const stream = `run-${run}`;
  const isOfTheCut = (event: Event) => event.stream === stream && ofTheCut.includes(event.type);
  return [
    watch(
      {
        id: "cut-while-armed",
        says: "No unit was cut while execution was not armed for this run by a sovereign human.",
        scope: "run",
        of: ["event of the cut", "events of the cut"],
        by: "each CutStarted, UnitCut, RepealProposed and CutExecuted of the run, with the newest word of the execution switch before it",
      },
      (looking, { position, event }, past) => {
        if (!isOfTheCut(event)) return;
        const arming = past.armed.get(run);
        const by = arming === undefined ? undefined : past.principals.get(arming.by);
        looking.judge(
          position,
          arming === undefined
            ? [[false, "execution was off for this run"]]
            : [
                [arming.until > event.time, `execution had been armed until ${arming.until} only`],
                [
                  by?.kind === "human" && by.roles.includes("sovereign"),
                  `${arming.by}, who armed, is no sovereign human`,
                ],
                [!isRevoked(past, arming.by), `${arming.by}, who armed, had been revoked`],
              ],
        );
      },
    ),
    watch(
      {
        id: "cut-with-backup",
        says: "No unit was cut without a restored backup that holds the run before its cut, where the policy asks for one.",
        scope: "run",
        of: [
          "event of the cut under a policy that asks for a backup",
          "events of the cut under a policy that asks for a backup",
        ],
        by: "each event of the cut, with the policy and the backups recorded before it",
      },
      (looking, { position, event }, past) => {
        const hours = past.policy.policy.backupHoursMax;
        if (!isOfTheCut(event) || hours === null) return;
        looking.judge(position, [
          [
            backupFor(past, hours, event.time) !== null,
            `no backup recorded within ${hours} hours holds position ${past.run.settledAt}, the run's newest before its cut`,
          ],
        ]);
      },
    ),
    watch(
      {
        id: "cut-with-clean-audit",
        says: "No unit was cut without a clean grant audit in time, where the policy asks for one.",
        scope: "run",
        of: [
          "event of the cut under a policy that asks for an audit",
          "events of the cut under a policy that asks for an audit",
        ],
        by: "each event of the cut, with the policy and the newest grant audit before it",
      },
      (looking, { position, event }, past) => {
        const hours = past.policy.policy.grantAuditHoursMax;
        if (!isOfTheCut(event) || hours === null) return;
        const audit = past.audit?.data;
        looking.judge(position, [
          [audit !== undefined, "no grant audit was recorded"],
          [audit === undefined || audit.verdict === "PASS", `the newest grant audit ended ${audit?.verdict}`],
          [
            audit === undefined || within(audit.at, hours, event.time),
            `the newest grant audit was made at ${audit?.at}, more than ${hours} hours before`,
          ],
        ]);
      },
    ),
    watch(
      {
        id: "stopped-while-held",
        says: "Nothing took the run on while it was on HOLD, and no HOLD was ended by an agent, a service or the human who caused it.",
        scope: "run",
        of: ["event while held", "events while held"],
        by: "each event of the run between RunHeld and what ended the HOLD",
      },
      (looking, { position, event }, past) => {
        const { held } = past.run;
        if (event.stream !== stream || held === null) return;
        const ends = event.type === "HoldReleased" || event.type === "RunAbandoned";
        const who = past.principals.get(event.actor);
        looking.judge(position, [
          [!progress.includes(event.type), `${event.type} while held since position ${held.position}`],
          [!ends || who?.kind === "human", `${event.actor}, who ended the HOLD, is no human`],
          [!ends || event.actor !== held.data.causedBy, `${event.actor} ended a HOLD that they had caused`],
        ]);
      },
    ),
  ];
}

/** The newest backup recorded within so many hours before `time` that holds the run before its cut, or null. */
export function backupFor(past: Past, hours: number, time: string): Past["backups"][number] | null {
  return past.backups.findLast((one) => one.data.size > past.run.settledAt && within(one.time, hours, time)) ?? null;
}

/** Whether `time` is less than so many hours after `at`. */
export function within(at: string, hours: number, time: string): boolean {
  return Date.parse(time) < Date.parse(at) + hours * 3_600_000;
}
