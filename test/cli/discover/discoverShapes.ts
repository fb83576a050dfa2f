// The lines that `discover --json` promises, as schemas: strict, so that a field added or lost is noticed. src/cli/README.md says them in words.
import { z } from "zod";
import { uuid } from "../../../src/events/fields.js";

const count = z.int().min(0);
const text = z.string();
const verdict = z.enum(["safe", "unsafe", "ruling"]);
const entered = z.discriminatedUnion("done", [
  z.strictObject({ done: z.enum(["registered", "revised"]), document: uuid, position: count.nullable() }),
  z.strictObject({ done: z.literal("refused"), document: uuid, code: text, message: text }),
]);

export const found = z.strictObject({
  number: z.int().min(1),
  id: text.nullable(),
  source: text.nullable(),
  title: text.nullable(),
  length: count.nullable(),
  status: z.enum(["new", "changed", "same", "blocked"]),
  document: uuid.nullable(),
  revision: count.nullable(),
  findings: z.array(
    z.strictObject({
      code: text.regex(/^[A-Z][A-Z0-9_]+$/),
      message: text,
      numbers: z.record(text, z.union([text, z.number()])),
      blocks: z.boolean(),
    }),
  ),
  plan: z.strictObject({ grammar: text, profile: text, units: count, findings: count, blocking: count }).nullable(),
  target: z
    .strictObject({ verdict, reasons: z.array(z.strictObject({ code: text, verdict, message: text })) })
    .nullable(),
  entered: entered.nullable(),
});

export const summary = z.strictObject({
  from: text,
  noun: z.enum(["file", "row"]),
  read: count,
  gone: count,
  new: count,
  changed: count,
  same: count,
  blocked: count,
  registered: count,
  revised: count,
  refused: count,
  signedBy: text.nullable(),
  notes: z.array(text),
  next: text.regex(/^iu-ledger /).nullable(),
});

const line = z.union([
  z.strictObject({ found }),
  z.strictObject({ gone: z.strictObject({ document: uuid, source: text, title: text }) }),
  z.strictObject({ summary }),
]);

export type FoundLine = z.infer<typeof found>;
export type Discovered = {
  found: FoundLine[];
  gone: { document: string; source: string; title: string }[];
  summary: z.infer<typeof summary>;
};

/** What `discover --json` said, held against the shapes: the documents, those that are gone, and the summary as its last line. */
export function parseDiscovered(out: string): Discovered {
  const lines = out
    .trimEnd()
    .split("\n")
    .map((each) => line.parse(JSON.parse(each)));
  const last = lines.pop();
  if (last === undefined || !("summary" in last)) throw new Error(`no summary at the end of ${out}`);
  return {
    found: lines.flatMap((each) => ("found" in each ? [each.found] : [])),
    gone: lines.flatMap((each) => ("gone" in each ? [each.gone] : [])),
    summary: last.summary,
  };
}
