/** `gate request`: fixes what is to be approved. */
import { type GateKind, gateKind } from "../../events/fields.js";
import type { Context } from "../Context.js";
import { malformedStop } from "../output/Problem.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export async function requestGate(context: Context, given: string, word: string): Promise<undefined> {
  const kind = kindOf(word);
  await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    const said = await submit(context, ledger, "RequestGate", { run, kind });
    await ledger.catchUp();
    const { gate = null, subject = null } = said.events[0]?.event.data ?? {};
    report(context, said, {
      what: gate === null ? `${kind} was requested before` : `${gate} requested`,
      json: { run, gate, subject },
      next: await nextOf(context, ledger.sql, run),
    });
  });
  return undefined;
}

/** SG_1, SG_2 or SG_C, in any spelling of theirs: sg1, SG-1. */
export function kindOf(word: string): GateKind {
  const parsed = gateKind.safeParse(word.toUpperCase().replace(/^SG[-_ ]?/, "SG_"));
  if (parsed.success) return parsed.data;
  throw malformedStop(
    "GATE_KIND_UNKNOWN",
    `There is no gate ${word}.`,
    "SG_1 opens the cut, SG_2 enactment, SG_C a compensation.",
    { kind: word },
  );
}
