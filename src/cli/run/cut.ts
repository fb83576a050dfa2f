/** `run cut`: carries a plan out. One command, many appends; shows how far it is, and says how to go on when it is stopped. */
import { runCategory } from "../../../commands/run/State.js";
import type { GovernedLedger } from "../../app.js";
import type { Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { progress } from "../output/progress.js";
import { grouped } from "../output/text.js";
import { findRun } from "../session/find.js";
import { nextOf } from "../session/nextOf.js";
import { report } from "../session/report.js";
import { type Said, submit } from "../session/submit.js";
import { withCurrentLedger } from "../session/writing.js";

export async function cutRun(context: Context, given: string): Promise<undefined> {
  await withCurrentLedger(context, async (ledger) => {
    const run = await findRun(ledger.sql, given);
    const before = await ledger.state(runCategory, run);
    const total = before.plan?.units ?? 0;
    context.interrupted = async () => [
      `Stopped: ${grouped((await ledger.state(runCategory, run)).units.length)} of ${grouped(total)} units are cut. Nothing is half written; go on with`,
      `  ${asTyped(`iu-ledger run cut ${run}`, context.style, context.typing)}`,
    ];
    const said = await watched(context, ledger, "cutting", before.units.length, total, () =>
      submit(context, ledger, "ExecuteCut", { run }),
    );
    context.interrupted = () => ["The cut is done; the read models follow at the next command."];
    await ledger.catchUp();
    const resumed = before.units.length;
    report(context, said, {
      what: resumed === 0 ? "Cut executed" : `Cut executed, continued after ${grouped(resumed)} units`,
      json: { run },
      next: await nextOf(context, ledger.sql, run),
    });
  });
  return undefined;
}

/** Does the work while a bar shows how far it is: by the events that reached the ledger since, which is cheap to ask. */
export async function watched(
  context: Context,
  ledger: GovernedLedger,
  label: string,
  from: number,
  total: number,
  work: () => Promise<Said>,
): Promise<Said> {
  const bar = progress(context.terminal, label, "units");
  const { size } = await ledger.store.head();
  const timer = setInterval(() => {
    ledger.store.head().then(
      (head) => bar.update(Math.min(total, from + head.size - size), total),
      // Closed meanwhile: the work is over.
      () => undefined,
    );
  }, 200);
  try {
    return await work();
  } finally {
    clearInterval(timer);
    bar.end();
  }
}
