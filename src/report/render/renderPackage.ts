/** From a statement to the documents of its package: pure, so that whoever has the statement can make every one of them again, byte for byte. */
import type { Statement } from "../Statement.js";
import { statementDigest } from "../sealStatement.js";
import { blockers, compensation, finalReport } from "./after.js";
import { plan, precheck, sourceSurvey, target } from "./before.js";
import { cut, dryRun, gates, records } from "./during.js";
import { type Page, page } from "./Page.js";

export interface Document {
  readonly name: string;
  readonly text: string;
}

/** The signed statement's own file. */
export const statementFile = "statement.dsse.json";

/** In the order they are read. */
const documents: readonly (readonly [
  name: string,
  title: string,
  write: (page: Page, statement: Statement) => void,
])[] = [
  ["01-precheck.md", "Precheck", precheck],
  ["02-source-survey.md", "Source survey", sourceSurvey],
  ["03-target.md", "Target", target],
  ["04-plan.md", "Plan", plan],
  ["05-dry-run-and-proofs.md", "Dry run and proofs", dryRun],
  ["06-gates.md", "Gates", gates],
  ["07-cut.md", "Cut", cut],
  ["08-leg-b-and-verify.md", "Leg B and Verify", records],
  ["09-compensation-readiness.md", "Compensation readiness", compensation],
  ["10-blocker-matrix.md", "Blocker matrix", blockers],
  ["11-final-report.md", "Final report", finalReport],
];

/** The names of the documents, in order. */
export const documentNames: readonly string[] = documents.map(([name]) => name);

/** All documents of a statement. */
export function renderPackage(statement: Statement): Document[] {
  const digest = statementDigest(statement);
  return documents.map(([name, title, write]) => {
    const made = page(title, statement, digest);
    write(made, statement);
    return { name, text: made.text() };
  });
}
