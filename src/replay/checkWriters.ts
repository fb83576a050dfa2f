/**
 * Writers: the source digest on the ledger is that of the writer's file as this program ships it, and of its lock; and every record is, byte
 * for byte, what the pinned writer makes of the live state as it was at that position, with the record digest and the rolling digest
 * that follow.
 */

import { liveStateOf } from "../../commands/run/liveState.js";
import { nextWriterDigest } from "../../commands/run/records.js";
import { type RunState, runCategory } from "../../commands/run/State.js";
import { writerCategory } from "../../commands/writer.js";
import { canonicalText, digestOf, sha256Hex } from "../events/canonical.js";
import { asEvent } from "../events/decode.js";
import type { FactData } from "../events/facts.js";
import type { WriterRef } from "../events/fields.js";
import type { Evidence, WriterRecord } from "../writers/LiveState.js";
import { pinnedWriter } from "../writers/lock.js";
import { writerCode } from "../writers/registry.js";
import { at, type Check, type Tally } from "./Check.js";
import type { Contents } from "./contents.js";
import { type Difference, differingField } from "./differences.js";
import { type History, Unfoldable } from "./history.js";
import { type Leaf, readingOf } from "./Leaf.js";
import { places } from "./places.js";
import type { Redactions } from "./redactions.js";
import { sameShape } from "./withoutText.js";

/** The bytes of the shipped source file of a writer, or undefined where there is none. */
export type WriterSource = (name: string, version: number) => Promise<Uint8Array | undefined>;

export function checkWriters(
  tally: Tally,
  means: { history: History; contents: Contents; redactions: Redactions; source: WriterSource },
): Check {
  const { history, contents, redactions, source } = means;
  const redacted = places();

  async function ratified(leaf: Leaf, writer: WriterRef): Promise<void> {
    const name = `${writer.name}.v${writer.version}`;
    tally.assert(2);
    const pinned = pinnedWriter(writer.name, writer.version);
    if (pinned?.source !== writer.source) {
      const message = `the ledger ratified ${name} as ${writer.source}; this program's lock has ${pinned?.source ?? "no such writer"}`;
      tally.find(at(leaf, "data.source", "writer lock", message));
    }
    const bytes = await source(writer.name, writer.version);
    const digest = bytes === undefined ? null : sha256Hex(bytes);
    if (digest !== writer.source) {
      const message = `the ledger ratified ${name} as ${writer.source}; the file ${name}.ts ${digest === null ? "is not there" : `is ${digest}`}`;
      tally.find(at(leaf, "data.source", "writer source", message));
    }
  }

  async function record(leaf: Leaf, data: FactData<"LegBRecorded">): Promise<void> {
    const { writer } = data;
    const name = `${writer.name}.v${writer.version}`;
    const inForce = (await history.state(writerCategory, writer.name)).ratified.at(-1);
    tally.assert();
    if (inForce === undefined || canonicalText(inForce) !== canonicalText(writer)) {
      const message = `the record names ${name}, ${writer.source}; in force was ${inForce === undefined ? "none" : `${writer.name}.v${inForce.version}, ${inForce.source}`}`;
      tally.find(at(leaf, "data.writer", "writer in force", message));
    }
    tally.assert();
    if (digestOf(data.record) !== data.recordDigest) {
      const message = `the record's digest is ${digestOf(data.record)}, not ${data.recordDigest}`;
      tally.find(at(leaf, "data.recordDigest", "record digest", message));
    }
    const state = await history.state(runCategory, data.run);
    tally.assert();
    const rolled = nextWriterDigest(state.writerDigests[writer.name], writer, data.recordDigest);
    if (rolled !== data.writerDigest) {
      const message = `the rolling digest over ${writer.name} in this run is ${rolled}, not ${data.writerDigest}`;
      tally.find(at(leaf, "data.writerDigest", "writer digest", message));
    }
    await rerun(leaf, data, state);
  }

  /** Content comes and goes: a record is right if the writer makes it with the content there is, or as if there were none. */
  async function rerun(
    leaf: Leaf,
    { writer, record: recorded }: FactData<"LegBRecorded">,
    state: Readonly<RunState>,
  ): Promise<void> {
    const name = `${writer.name}.v${writer.version}`;
    const evidence = await evidenceOf(state);
    tally.assert();
    let difference: Difference | null = null;
    for (const given of evidence === null ? [null] : [evidence, null]) {
      const again = write(state, writer, given);
      if (typeof again === "string") {
        tally.find(at(leaf, "data.record", "writer re-run", `${name} cannot be run again: ${again}`));
        return;
      }
      const differs = differingField("data.record", again, recorded);
      if (differs === null) return;
      difference ??= differs;
    }
    if (await isRedacted(state)) {
      redacted.add(leaf.position);
      tally.assert();
      if (!sameShape(write(state, writer, null), recorded)) {
        const message = `${name} writes no record like this, whatever the text was that is redacted now`;
        tally.find(at(leaf, "data.record", "writer re-run", message));
      }
      return;
    }
    const without = evidence === null ? " (without the content, which is not there)" : "";
    const message = `${name} writes ${difference?.expected} from the live state at this position${without}; the ledger has ${difference?.actual}`;
    tally.find(at(leaf, difference?.field ?? "data.record", "writer re-run", message));
  }

  /** Whether what the writer read has been erased with authority since: then nobody can run it again. */
  async function isRedacted({ content, plan }: Readonly<RunState>): Promise<boolean> {
    const named = plan === null ? [content] : [content, plan.planContent];
    const found = await Promise.all(named.map((one) => redactions.find(one)));
    return found.some((position) => position !== null);
  }

  async function evidenceOf(state: Readonly<RunState>): Promise<Evidence | null> {
    const content = await contents.get(state.content);
    const plan = state.plan === null ? undefined : await contents.get(state.plan.planContent);
    if (content === undefined || plan === undefined) return null;
    return { salt: content.salt, content: content.bytes, plan: plan.bytes };
  }

  return {
    name: "writers",
    async event(leaf) {
      // Most events are no records: told by their stream before they are parsed.
      if (!leaf.stream.startsWith("run-") && !leaf.stream.startsWith("writer-")) return;
      const { envelope, fault } = readingOf(leaf);
      if (envelope === null || fault !== null) return;
      const event = asEvent(envelope);
      try {
        switch (event.type) {
          case "WriterRatified":
            await ratified(leaf, event.data);
            break;
          case "LegBRecorded":
          case "VerifyRecorded":
          case "CompensationBRecorded":
          case "CompensationVerified":
            await record(leaf, event.data);
            break;
        }
      } catch (error) {
        if (!(error instanceof Unfoldable)) throw error;
        const message = `the live state at this position cannot be told: ${error.stream}: ${error.message}`;
        tally.find(at(leaf, "data.record", "writer re-run", message));
      }
    },
    end() {
      if (redacted.count > 0)
        tally.remark(
          `its text is redacted with authority, so the writer was not run again: ${redacted.said("record", "records")}`,
        );
    },
  };
}

/** What the writer makes of a live state, or why it makes nothing. */
function write(
  state: Readonly<RunState>,
  { name, version }: WriterRef,
  evidence: Evidence | null,
): WriterRecord | string {
  try {
    return writerCode(name, version)(liveStateOf(state), evidence);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
