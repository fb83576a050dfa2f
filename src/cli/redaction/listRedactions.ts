/** `redaction list`: what was asked to be erased, by whom, and what came of it. Reads only. */
import { listRedactions, type RedactionRow } from "../../../projections/redaction/queries.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { type Pair, pairs } from "../output/pairs.js";
import { moment, visible } from "../output/text.js";
import { withReading } from "../session/reading.js";

export async function listAll(context: Context): Promise<undefined> {
  await withReading(context, async ({ sql }) => {
    const redactions = await listRedactions(sql, context.now());
    answer(context, { redactions }, () =>
      redactions.length === 0 ? ["No redaction."] : redactions.flatMap((row) => redactionLines(row, context)),
    );
  });
  return undefined;
}

/** One redaction, with all that a ruling binds to. */
export function redactionLines(row: RedactionRow, { style, typing }: Context): string[] {
  const { redaction, status, ruling } = row;
  const next = { waiting: "rule", approved: "execute", rejected: null, expired: null, executed: null }[status];
  const about: Pair[] = [
    ["status", status],
    ["asked", `${moment(row.requestedAt)} by ${row.requestedBy}: ${visible(row.reason)}`],
    ...(ruling === null
      ? []
      : ([
          ["ruled", `${ruling.outcome} ${moment(ruling.ruledAt)} by ${ruling.ruledBy}: ${visible(ruling.reason)}`],
        ] as Pair[])),
    ...(row.executedAt === null ? [] : ([["erased", `${moment(row.executedAt)} by ${row.executedBy}`]] as Pair[])),
    ["subject", row.subject],
    ...row.contents.map(({ content }, i): Pair => [i === 0 ? "contents" : "", content]),
  ];
  return [
    style.strong(`Redaction ${redaction}`),
    ...pairs(about, style),
    ...(next === null
      ? []
      : [`  ${style.faint("next")} ${asTyped(`iu-ledger redaction ${next} ${redaction}`, style, typing)}`]),
    "",
  ];
}
