// A governed run whose dry run measured tables, and the report on it. So that reports of real runs can pass, where the fixture's own proof compares none.
import type { Phase } from "../../commands/run/State.js";
import type { NonMutation } from "../../src/events/facts.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import type { Store } from "../../src/ledger/Store.js";
import type { Statement } from "../../src/report/Statement.js";
import { type StatementOptions, statementOf } from "../../src/report/statementOf.js";
import { type GovernedLedger, governedLedger, smallStatute, type Until } from "../support/governedRun.js";

const rows = { rows: 3, digest: "ab".repeat(32) };
const surfaces = {
  size: 20,
  root: "cd".repeat(32),
  tables: { unit: rows, unit_version: rows, lifecycle: rows },
  schema: "ef".repeat(32),
};

/** A proof over three tables, as a dry run on SQLite brings it. */
export const measured: NonMutation = {
  verdict: "PASS",
  before: surfaces,
  after: surfaces,
  differs: [],
  control: { mutation: "one row more", detected: true, differs: ["tables.unit"] },
};

const afterDryRun: readonly Phase[] = ["opened", "assessed", "planned"];

export interface Reported extends GovernedLedger {
  readonly runId: string;
  readonly document: string;
}

/** A run as far as `until`, on its own document unless one is given. */
export async function reportedRun({
  store,
  until = "enacted",
  mode = "live",
  bytes = smallStatute,
}: {
  store?: Store;
  bytes?: Uint8Array;
  until?: Until;
  mode?: "live" | "rehearsal";
} = {}): Promise<Reported> {
  const governed = await governedLedger(store === undefined ? {} : { store });
  const document = await governed.register(bytes);
  const runId = governed.newId();
  await governed.done("OpenRun", { run: runId, document, mode }, "otto");
  await goOn(governed, runId, until);
  return { ...governed, runId, document };
}

/** Takes a run on, with a dry run that measured. */
export async function goOn(governed: GovernedLedger, run: string, until: Until): Promise<void> {
  const early = (afterDryRun as readonly string[]).includes(until);
  await governed.advance(run, early ? until : "planned");
  if (early) return;
  await governed.done("DryRun", { run, nonMutation: measured }, "otto");
  await governed.advance(run, until);
}

/** The statement, signed for by rhea. */
export async function reportOn(
  { signers }: Pick<GovernedLedger, "signers">,
  store: Store,
  run: string,
  options: Partial<StatementOptions> = {},
): Promise<Statement> {
  const signer = { principal: "rhea", key: publicKeyOf(signers.rhea.privateKey) };
  const outcome = await statementOf(store, { run, signer, ...options });
  if (outcome.kind === "refused") throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome.statement;
}
