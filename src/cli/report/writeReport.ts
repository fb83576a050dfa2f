/** `report RUN`: derives the statement from the ledger, has it signed, and writes it with the documents rendered from it. Writes nothing to the ledger. */
import { join } from "node:path";
import { readCheckpoints } from "../../checkpoints/stored.js";
import type { Sql } from "../../database/Sql.js";
import { instant } from "../../events/fields.js";
import type { ExportFile } from "../../export/exportFiles.js";
import { writeFolder } from "../../export/writeFolder.js";
import { publicKeyOf } from "../../keys/Signer.js";
import { foldedStates } from "../../projecting/foldedStates.js";
import type { GivenCheckpoint } from "../../report/precheck.js";
import { renderPackage, statementFile } from "../../report/render/renderPackage.js";
import { sealStatement, statementDigest } from "../../report/sealStatement.js";
import { statementOf } from "../../report/statementOf.js";
import { answer, type Context } from "../Context.js";
import { asTyped } from "../output/hint.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { pairs } from "../output/pairs.js";
import { marks } from "../output/style.js";
import { counted, moment, shortId, visible } from "../output/text.js";
import { findRun } from "../session/find.js";
import { withReading } from "../session/reading.js";
import { signerFor } from "../session/signer.js";

export interface WriteReportOptions {
  readonly out?: string;
  readonly size?: number;
  readonly asOf?: string;
}

export async function writeReport(context: Context, given: string, options: WriteReportOptions): Promise<ExitCode> {
  const asOf = instantOf(context, options.asOf);
  return withReading(context, async ({ store, sql }) => {
    const run = await findRun(sql, given);
    const states = foldedStates(store, Number.POSITIVE_INFINITY);
    // A report is no command: whoever may hold a run may say what the ledger shows of it.
    const signer = await signerFor(
      context,
      { state: (category, key) => states.ask(context.now(), (world) => world.state(category, key)) },
      "HoldRun",
      { what: "A report" },
    );
    const checkpoint = await newestUpTo(sql, options.size ?? (await store.head()).size);
    const outcome = await statementOf(store, {
      run,
      signer: { principal: signer.principal, key: publicKeyOf(signer.privateKey) },
      ...(options.size === undefined ? {} : { size: options.size }),
      ...(asOf === undefined ? {} : { asOf }),
      checkpoint,
    });
    if (outcome.kind === "refused") throw refusedStop(outcome.code, outcome.message, outcome.next, outcome.numbers);
    const { statement } = outcome;
    const { predicate } = statement;
    const folder = options.out ?? `report-${shortId(run)}-${predicate.ledger.size}`;
    const documents = renderPackage(statement);
    await writeFolder(
      folder,
      filesOf([
        ...documents.map(({ name, text }): [string, Uint8Array] => [name, Buffer.from(text)]),
        [statementFile, sealStatement(statement, signer)],
      ]),
    );
    const digest = statementDigest(statement);
    const next = `iu-ledger report check ${folder} --key ${signer.keyid}`;
    const { verdict, ledger, asOf: judgedAt, steps, attestations } = predicate;
    answer(
      context,
      {
        run,
        verdict,
        folder,
        statement: digest,
        size: ledger.size,
        root: ledger.root,
        asOf: judgedAt,
        signedBy: signer.principal,
        keyid: signer.keyid,
        documents: [...documents.map(({ name }) => name), statementFile],
        steps: steps.map(({ id, verdict: found, mandatory, why }) => ({ id, verdict: found, mandatory, why })),
        attestations: attestations.map(({ id, verdict: found, looked, violations, more }) => ({
          id,
          verdict: found,
          looked,
          violations: violations.length + more,
        })),
        next,
      },
      () => {
        const { style } = context;
        const wrong = [...steps, ...attestations].filter(({ verdict: found }) => found === "FAIL");
        const asked = steps.filter(({ mandatory }) => mandatory);
        const passed = asked.filter(({ verdict: found }) => found === "PASS").length;
        const paint = verdict === "PASS" ? style.good : verdict === "FAIL" ? style.bad : style.open;
        const mark = verdict === "PASS" ? marks.good : verdict === "FAIL" ? marks.bad : marks.open;
        return [
          `${paint(`${mark} ${verdict}`)}  report on run ${shortId(run)}, signed by ${signer.principal}`,
          ...pairs(
            [
              ["folder", visible(folder)],
              [
                "documents",
                `${counted(documents.length, "document")} and ${statementFile}, read ${join(folder, documents.at(-1)?.name ?? "")} first`,
              ],
              ["statement", digest],
              ["ledger", `${counted(ledger.size, "event")}, root ${ledger.root}`],
              ["as of", moment(judgedAt)],
              ["steps", `${passed} of ${asked.length} asked of this run are PASS`],
              [
                "looked for",
                `${counted(attestations.length, "thing")} that must not have happened; ${attestations.filter(({ verdict: found }) => found === "NOT_RUN").length} had nothing to look at`,
              ],
            ],
            style,
          ),
          ...wrong.map(
            (one) => `  ${style.bad(marks.bad)} ${visible("says" in one ? one.says : `${one.title}: ${one.why}`)}`,
          ),
          `  ${style.faint("next")} ${asTyped(next, style, { ...context.typing, flags: "" })}`,
        ];
      },
    );
    return verdict === "PASS" ? 0 : 1;
  });
}

function instantOf(context: Context, given: string | undefined): string | undefined {
  if (given === undefined) return undefined;
  if (given === "now") return context.now();
  if (instant.safeParse(given).success) return given;
  throw malformedStop(
    "INSTANT_MALFORMED",
    `${given} is no instant.`,
    "Write it in UTC with milliseconds, like 2026-01-05T09:30:00.000Z; or now.",
    { given },
  );
}

/** The newest checkpoint of at most that size in the database; its signature the report judges. */
async function newestUpTo(sql: Sql, size: number): Promise<GivenCheckpoint | null> {
  const found = (await readCheckpoints(sql)).findLast((one) => one.size <= size);
  return found === undefined ? null : { note: found.note, size: found.size };
}

async function* filesOf(
  files: readonly (readonly [path: string, bytes: Uint8Array])[],
): AsyncGenerator<ExportFile, void> {
  for (const [path, bytes] of files) yield { path, length: bytes.length, bytes: [bytes] };
}
