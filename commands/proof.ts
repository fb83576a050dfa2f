/**
 * Proofs that an operation of a run wrote nothing. What was measured is in the report, which is content; what is recorded follows from the
 * report, its verdict too. A stream of its own for each run: recording a proof is in nobody's way.
 */
import { z } from "zod";
import { asEvent } from "../src/events/decode.js";
import type { FactData } from "../src/events/facts.js";
import { uuid } from "../src/events/fields.js";
import { differingProven, type ProvenOperation, proofReport, verdictOfProof } from "../src/events/proof.js";
import { streamName } from "../src/events/streams.js";
import { accepted, type Category, type Decision, nothing, refused, type World } from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";
import { reportOf, reportRef } from "./evidence.js";
import { runCategory } from "./run/State.js";

export const commands = {
  /** The report's bytes are in the content store under `reportContent`. */
  RecordProof: z.strictObject({ run: uuid, ...reportRef }),
};

export interface ProofState {
  /** The newest proof of each operation. */
  newest: Partial<Record<ProvenOperation, FactData<"ProofRecorded">>>;
}

export const proofCategory: Category<ProofState> = {
  name: "proof",
  initial: () => ({ newest: {} }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    if (event.type === "ProofRecorded") state.newest[event.data.operation] = event.data;
  },
};

export function decideProof({ data }: CommandsOf<typeof commands>, world: World): Decision {
  const { run, ...ref } = data;
  if (world.state(runCategory, run).phase === "none")
    return refused("RUN_UNKNOWN", `There is no run ${run}.`, { run }, "iu-ledger run list");
  const outcome = reportOf(ref, proofReport, verdictOfProof, world);
  if (!outcome.ok) return outcome.refused;
  const { report } = outcome;
  if (report.run !== run) {
    return refused(
      "REPORT_OF_OTHER_RUN",
      `The report is about the run ${report.run}, not about ${run}.`,
      { run, reported: report.run },
      `Prove this run's operation: iu-ledger run prove ${run} --operation ${report.operation}`,
    );
  }
  const { operation, at, verdict, engine, before, after, control } = report;
  if (world.state(proofCategory, run).newest[operation]?.report === ref.report) return nothing;
  return accepted([
    {
      stream: streamName("proof", run),
      type: "ProofRecorded",
      data: {
        run,
        operation,
        verdict,
        ...ref,
        at,
        engine,
        before: { size: before.size, root: before.root, ...before.counts },
        after: { size: after.size, root: after.root, ...after.counts },
        differs: differingProven(before, after),
        control: control.detected,
      },
    },
  ]);
}
