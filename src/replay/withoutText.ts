/**
 * What can still be said of a part of a command that was decided on a text which has been erased with authority since. The decision cannot be made
 * again; but the text only ever fills in digests, spans and counts. Which events such a command writes, where, in which order, what it takes over from the
 * command itself and from who signed: all of that hangs on no text, and is compared. Must never excuse an event that the command could not have written.
 */
import { verdictOf } from "../../commands/run/records.js";
import { canonicalText } from "../events/canonical.js";
import type { Envelope } from "../events/envelope.js";
import { streamName } from "../events/streams.js";
import type { Draft } from "../ledger/consider.js";
import type { WriterRecord } from "../writers/LiveState.js";
import { type Leaf, readingOf } from "./Leaf.js";

type Data = Readonly<Record<string, unknown>>;

interface Shape {
  /** The types of the events, each followed by a space. */
  readonly order: RegExp;
  readonly stream: (data: Data) => string;
}

const ofRun = (data: Data) => streamName("run", String(data["run"]));
const ofDocument = (data: Data) => streamName("document", String(data["document"]));

/** The commands whose decisions ask for text, and what one part of each may write. Any other command is decided without, and is not excused. */
const shapes: Readonly<Record<string, Shape>> = {
  RegisterDocument: { order: /^DocumentRegistered $/, stream: ofDocument },
  ReviseDocument: { order: /^DocumentRevised $/, stream: ofDocument },
  AssessTarget: { order: /^TargetAssessed $/, stream: ofRun },
  PlanCut: { order: /^CutPlanned $/, stream: ofRun },
  DryRun: { order: /^DryRunRecorded $/, stream: ofRun },
  ExecuteCut: { order: /^(?:CutStarted )?(?:UnitCut )*(?:RepealProposed )*(?:CutExecuted )?$/, stream: ofRun },
  RecordVerify: { order: /^VerifyRecorded (?:RunHeld )?$/, stream: ofRun },
  RequestRedaction: {
    order: /^RedactionRequested $/,
    stream: (data) => streamName("redaction", String(data["redaction"])),
  },
};

/** What is wrong with a part for all that hangs on no text; null where nothing is. `draft`: what is decided without the text. */
export function wrongWithoutText(
  command: { readonly type: string; readonly data: unknown },
  { decision, events }: Draft,
  written: readonly Leaf[],
): string | null {
  const shape = Object.hasOwn(shapes, command.type) ? shapes[command.type] : undefined;
  if (shape === undefined) return `${command.type} is decided without text`;
  // Everything else is asked before the text is.
  if (decision.kind === "refused" && decision.code !== "CONTENT_MISSING")
    return `${command.type} is refused here, text or no text: ${decision.code}: ${decision.message}`;
  const data = command.data as Data;
  const envelopes = written.map((leaf) => readingOf(leaf).envelope);
  if (envelopes.some((one) => one === null)) return "an event of it cannot be read";
  const said = envelopes as readonly Envelope[];
  if (!shape.order.test(said.map(({ type }) => `${type} `).join("")))
    return `${command.type} never writes ${[...new Set(said.map(({ type }) => type))].join(", ")} like that`;
  for (const [i, event] of said.entries()) {
    const place = shape.stream(data);
    if (event.stream !== place) return `${event.type} stands in ${event.stream}; ${command.type} writes to ${place}`;
    for (const [field, value] of Object.entries(data)) {
      if (Object.hasOwn(event.data, field) && text(event.data[field]) !== text(value))
        return `${event.type}.${field} is not the command's`;
    }
    const drafted = events[i];
    const again = drafted === undefined ? null : (JSON.parse(Buffer.from(drafted.bytes).toString("utf8")) as Envelope);
    if (decision.kind === "accepted" && again?.type === event.type) {
      for (const field of ["run", "by", "writer", "document"]) {
        if (text(event.data[field]) !== text(again.data[field])) return `${event.type}.${field} is not what is decided`;
      }
    }
    if (event.type === "VerifyRecorded") {
      const { verdict, assertions } = verdictOf(event.data["record"] as WriterRecord);
      if (event.data["verdict"] !== verdict || event.data["assertions"] !== assertions)
        return "VerifyRecorded does not say what its record does";
      if ((verdict === "FAIL") !== (said[1]?.type === "RunHeld"))
        return "a Verify that fails holds its run, and no other does";
    }
  }
  return null;
}

/** Whether two records have the same members everywhere, of the same kinds; how many there are in a list, and every value, may hang on the text. */
export function sameShape(one: unknown, other: unknown): boolean {
  if (one === null || other === null) return typeof one !== "object" || typeof other !== "object" || one === other;
  if (Array.isArray(one) || Array.isArray(other)) {
    if (!Array.isArray(one) || !Array.isArray(other)) return false;
    const [sample] = one;
    return sample === undefined || other.every((each) => sameShape(sample, each));
  }
  if (typeof one !== "object" || typeof other !== "object") return typeof one === typeof other;
  const keys = Object.keys(one).sort();
  return (
    text(keys) === text(Object.keys(other).sort()) &&
    keys.every((key) => sameShape((one as Data)[key], (other as Data)[key]))
  );
}

function text(value: unknown): string {
  return value === undefined ? "nothing" : canonicalText(value);
}
