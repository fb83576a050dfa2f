/** The commands of a run, in the order a run goes through them. */
import { z } from "zod";
import { nonMutation, transitionClass } from "../../src/events/facts.js";
import { digest, gateKind, text, uuid } from "../../src/events/fields.js";

const run = uuid;
const justRun = z.strictObject({ run });
const withReason = z.strictObject({ run, reason: text });

export const commands = {
  OpenRun: z.strictObject({ run, document: uuid, mode: z.enum(["live", "rehearsal"]) }),
  AssessTarget: justRun,
  /** The plan's bytes are in the content store under `planContent`; the decision cuts again and compares. */
  PlanCut: z.strictObject({ run, plan: digest, planContent: digest }),
  /** Carries what the dry run measured of the database; what it would cut, the decision works out itself. */
  DryRun: z.strictObject({ run, nonMutation }),
  RequestGate: z.strictObject({ run, kind: gateKind }),
  RuleGate: z.strictObject({
    run,
    gate: z.string().max(100),
    outcome: z.enum(["approved", "rejected"]),
    /** The digest of what the human read and rules on: it must be what the gate was requested for. */
    subject: digest,
    /** The blocking findings, by id, that the human has read and accepts. */
    acknowledge: z.array(z.string().max(100)).max(1000),
    reason: text,
  }),
  ExecuteCut: justRun,
  RecordLegB: justRun,
  RecordVerify: justRun,
  ResolveTransition: z.strictObject({
    run,
    rows: z
      .array(
        z.strictObject({
          /** The address of a cut unit, or the unit id of a proposed repeal. */
          row: z.string().max(1000),
          class: transitionClass,
          /** The unit it is: one that was in force, kept; or the row's own new one. */
          unit: uuid,
        }),
      )
      .min(1)
      .max(200),
    reason: text,
  }),
  ReviewRun: z.strictObject({ run, note: text }),
  EnactRun: justRun,
  PlanCompensation: withReason,
  Compensate: justRun,
  RecordCompensationB: justRun,
  VerifyCompensation: justRun,
  HoldRun: withReason,
  ReleaseHold: withReason,
  AbandonRun: withReason,
};
