/**
 * Watches over records: each by a writer ratified and not retired, its digests what the record gives, and each Verify by another human,
 * another key and other software than what it verifies. The keys are those of the signed envelopes, not what a record says of itself.
 */
import { createHash } from "node:crypto";
import { digestOf } from "../events/canonical.js";
import type { Event } from "../events/decode.js";
import { openEnvelope } from "../events/dsse.js";
import type { FactData } from "../events/facts.js";
import type { WriterRef } from "../events/fields.js";
import type { Store } from "../ledger/Store.js";
import type { Past, Placed } from "./Past.js";
import type { Attestation, RecordReport } from "./Statement.js";
import { lookingFor, type Watch, watch } from "./Watch.js";

const recordTypes = ["LegBRecorded", "VerifyRecorded", "CompensationBRecorded", "CompensationVerified"] as const;
type RecordEvent = Event & { readonly type: (typeof recordTypes)[number] };

/** Which writer writes a type of record. */
const writerOf: Readonly<Record<RecordEvent["type"], string>> = {
  LegBRecorded: "legB",
  VerifyRecorded: "verify",
  CompensationBRecorded: "compensationB",
  CompensationVerified: "verifyCompensation",
};

export function isRecord(event: Event, run: string): event is RecordEvent {
  return event.stream === `run-${run}` && (recordTypes as readonly string[]).includes(event.type);
}

export function writerWatch(run: string): Watch {
  return watch(
    {
      id: "ratified-writers",
      says: "No record was written by a writer that was retired or never ratified, and none differs from its digests.",
      scope: "run",
      of: ["record", "records"],
      by: "each record of the run: the writers in force at that position, the record's digest and the rolling writer digest worked out again",
    },
    (looking, { position, event }, past) => {
      if (!isRecord(event, run)) return;
      const { writer, recordDigest, writerDigest } = event.data;
      const inForce = past.writers.get(writer.name)?.at(-1);
      const known = inForce !== undefined && inForce.version === writer.version && inForce.source === writer.source;
      const name = `${writer.name} version ${writer.version}`;
      looking.judge(position, [
        [writerOf[event.type] === writer.name, `${event.type} is not what ${writer.name} writes`],
        [known, `${name} with the source ${writer.source.slice(0, 12)}… was not in force`],
        [recordHolds(event.data), "the record's digest is not that of the record"],
        [
          writerDigest === chained(past, writer, recordDigest),
          "the rolling writer digest does not follow from the one before",
        ],
      ]);
    },
  );
}

function recordHolds({ record, recordDigest }: FactData<"LegBRecorded">): boolean {
  try {
    return digestOf(record) === recordDigest;
  } catch {
    return false;
  }
}

/** d₀ of the writer, or the digest after its newest record; then SHA-256(d ‖ record digest). */
function chained(past: Past, { name, version, source }: WriterRef, recordDigest: string): string {
  const before = past.run.writerDigests.get(name) ?? digestOf([name, version, source]);
  return createHash("sha256").update(Buffer.from(before, "hex")).update(Buffer.from(recordDigest, "hex")).digest("hex");
}

/** One record as a report lists it, with what was in force just before it. `signedBy` is filled in by {@link readSigners}. */
export function recordOf({ position, event }: Placed & { event: RecordEvent }, past: Past): RecordReport {
  const { data, time, actor, type } = event;
  return {
    position,
    at: time,
    by: actor,
    type,
    responsible: data.by.responsible,
    keyid: data.by.keyid,
    signedBy: null,
    writer: data.writer,
    recordDigest: data.recordDigest,
    recordHolds: recordHolds(data),
    writerDigest: data.writerDigest,
    chainHolds: data.writerDigest === chained(past, data.writer, data.recordDigest),
    verdict: "verdict" in data ? data.verdict : null,
    assertions: "assertions" in data ? data.assertions : null,
  };
}

/** The records with the keys their commands were signed with. `commands`: position of a record → the command that its event names. */
export async function readSigners(
  store: Store,
  records: readonly RecordReport[],
  commands: ReadonlyMap<number, string>,
): Promise<RecordReport[]> {
  const read: RecordReport[] = [];
  for (const record of records) {
    const envelope = (await store.command(commands.get(record.position) ?? ""))?.envelope;
    const opened = envelope === undefined ? undefined : openEnvelope(envelope);
    read.push({ ...record, signedBy: opened?.ok === true ? opened.keyid : null });
  }
  return read;
}

/** Whether each Verify is independent of the newest record it verifies. `responsible`: who answered for a principal at a position. */
export function independence(
  records: readonly RecordReport[],
  responsibleAt: ReadonlyMap<number, string | undefined>,
): Attestation {
  const { looking, result } = lookingFor({
    id: "independent-verify",
    says: "No record and its Verify are by the same human, the same key or the same software.",
    scope: "run",
    of: ["Verify", "Verifies"],
    by: "each Verify of the run with the record it verifies: who answered for both actors at their positions, the keys of their signed envelopes, the sources of their writers",
  });
  const verifies: Readonly<Record<string, string>> = {
    VerifyRecorded: "LegBRecorded",
    CompensationVerified: "CompensationBRecorded",
  };
  for (const verify of records) {
    const of = verifies[verify.type];
    if (of === undefined) continue;
    const verified = records.findLast((one) => one.type === of && one.position < verify.position);
    if (verified === undefined) {
      looking.judge(verify.position, [[false, `no ${of} stands before this ${verify.type}`]]);
      continue;
    }
    const humans = [responsibleAt.get(verified.position), responsibleAt.get(verify.position)];
    looking.judge(verify.position, [
      [
        humans[0] !== humans[1] && humans[1] !== undefined,
        `${humans[1] ?? "nobody known"} answers for the record and for its Verify`,
      ],
      [
        humans[1] === verify.responsible,
        `the Verify says ${verify.responsible} answers for it; ${humans[1] ?? "nobody"} does`,
      ],
      [verify.signedBy !== null && verified.signedBy !== null, "the signed command of one of the two cannot be read"],
      [
        verify.signedBy === null || verify.signedBy !== verified.signedBy,
        `both are signed with the key ${verify.signedBy}`,
      ],
      [
        verify.signedBy === null || verify.signedBy === verify.keyid,
        `the Verify says it is signed with ${verify.keyid}; it is with ${verify.signedBy}`,
      ],
      [verify.writer.source !== verified.writer.source, "both were made by the same software"],
      [(verify.assertions ?? 0) > 0 || verify.verdict !== "PASS", "it passed without asserting anything"],
    ]);
  }
  return result();
}
