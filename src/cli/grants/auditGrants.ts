/** `grants audit`: what the audit found, for people and as its own canonical JSON; with --record, on the ledger. */
import { recordGrantAudit } from "../../client/recordGrantAudit.js";
import { canonicalText } from "../../events/canonical.js";
import { asEvent } from "../../events/decode.js";
import { countsOfGrantAudit, type GrantAuditReport } from "../../events/grantAudit.js";
import { auditFile, auditGrants } from "../../grants/auditGrants.js";
import { isLedgerRole } from "../../grants/difference.js";
import type { Logins } from "../../grants/tryActs.js";
import { readStored } from "../../projecting/readStored.js";
import { isPostgresUrl } from "../../store/openStore.js";
import { answer, type Context } from "../Context.js";
import { type ExitCode, malformedStop, refusedStop } from "../output/Problem.js";
import { ledgerUrl } from "../session/ledgerUrl.js";
import { withStore } from "../session/reading.js";
import { report as reported } from "../session/report.js";
import { signerFor } from "../session/signer.js";
import { said } from "../session/submit.js";
import { withLedger } from "../session/writing.js";
import { auditLines } from "./auditLines.js";

export interface AuditWords {
  readonly admin?: string;
  readonly owner?: string;
  readonly login?: readonly string[];
  readonly record?: boolean;
}

export async function auditTheGrants(context: Context, words: AuditWords): Promise<ExitCode> {
  const url = words.admin ?? context.postgres ?? ledgerUrl(context.ledger);
  if (!isPostgresUrl(url)) return aboutFile(context, words);
  const logins = loginsOf(words.login ?? []);
  context.terminal.redraw("comparing grants, trying forbidden acts …");
  const audit = await auditGrants(url, {
    now: context.now,
    logins,
    ...(words.owner === undefined ? {} : { owner: words.owner }),
  });
  if (words.record === true) await record(context, audit);
  else if (context.json) context.terminal.out(canonicalText(audit));
  else answer(context, audit, () => auditLines(audit, context.style));
  return audit.verdict === "PASS" ? 0 : 1;
}

async function record(context: Context, audit: GrantAuditReport): Promise<void> {
  await withLedger(context, async (ledger) => {
    const signer = await signerFor(context, ledger, "RecordGrantAudit");
    const answered = said(await recordGrantAudit(ledger, audit, signer), signer.principal);
    await ledger.catchUp();
    reported(context, answered, {
      what: `Grant audit recorded: ${audit.verdict}`,
      json: { verdict: audit.verdict, counts: countsOfGrantAudit(audit), audit },
      lines: auditLines(audit, context.style).map((line) => (line === "" ? "" : `     ${line}`)),
    });
  });
}

/** A SQLite file: there is nothing to audit, and what that means is said. */
async function aboutFile(context: Context, { record: wanted, admin, login }: AuditWords): Promise<ExitCode> {
  if (admin !== undefined || login !== undefined) {
    throw malformedStop(
      "NOT_POSTGRES",
      "--admin and --login name logins of a Postgres database; this ledger is a SQLite file.",
      "Leave them out, or name the database: --ledger postgres://user@host:5432/database",
    );
  }
  if (wanted === true) {
    throw refusedStop(
      "NO_GRANTS",
      "A SQLite file has no grants: an audit of it has nothing to say that a policy could ask for.",
      "iu-ledger grants audit",
    );
  }
  const audit = await withStore(
    context,
    async ({ store }) => {
      const [first] = await store.read(0, 1);
      const opened = first === undefined ? undefined : asEvent(readStored(first).event);
      if (opened?.type !== "LedgerOpened")
        throw refusedStop(
          "LEDGER_NOT_OPEN",
          "This ledger has no first event: its init did not finish.",
          "iu-ledger init",
        );
      return auditFile(store, opened.data.ledger, ledgerUrl(context.ledger), context.now());
    },
    { readOnly: true },
  );
  if (context.json) context.terminal.out(canonicalText(audit));
  else answer(context, audit, () => auditLines(audit, context.style));
  return 1;
}

/** `iu_reader=postgres://…`, several. */
function loginsOf(words: readonly string[]): Logins {
  const logins: Record<string, string> = {};
  for (const word of words) {
    const at = word.indexOf("=");
    const role = word.slice(0, at);
    const url = word.slice(at + 1);
    if (at < 1 || !isLedgerRole(role) || !isPostgresUrl(url)) {
      throw malformedStop(
        "LOGIN_MALFORMED",
        `--login ${role} names no role of the ledger and its login.`,
        "Write --login iu_reader=postgres://user@host:5432/database; the roles are iu_reader, iu_verifier, iu_orchestrator and iu_operator.",
      );
    }
    logins[role] = url;
  }
  return logins;
}
