/**
 * Where a ledger is, as given: a path, `sqlite:` and a path, a Postgres database, or a stream of an EventStoreDB cluster with a Postgres
 * database beside it. Other kinds are refused by name, not taken for a file.
 */
import { dirname } from "node:path";
import { isClusterUrl, isPostgresUrl } from "../../store/openStore.js";
import { malformedStop } from "../output/Problem.js";

/** The URL to open: the path of a SQLite file, `postgres://…`, or `esdb://…`. */
export function ledgerUrl(url: string): string {
  if (url.startsWith("sqlite:")) return url.slice("sqlite:".length);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1];
  if (scheme === undefined || isPostgresUrl(url) || isClusterUrl(url)) return url;
  throw malformedStop(
    "LEDGER_URL_UNKNOWN",
    `This program has no store for ${scheme}: ledgers.`,
    "Give the path of a SQLite file, sqlite:<path>, postgres://user@host:port/database, or esdb://host:port?stream=iu-name.",
    { ledger: shownLedger(url) },
  );
}

/** The folder a ledger's file lies in; undefined for a database. */
export function ledgerFolder(url: string): string | undefined {
  return isPostgresUrl(url) || isClusterUrl(url) ? undefined : dirname(ledgerUrl(url));
}

/** The database beside a ledger: `flag` first; `standing`, of the environment, only where the ledger has one. */
export function postgresBeside(
  ledger: string,
  flag: string | undefined,
  standing: string | undefined,
): string | undefined {
  if (!isClusterUrl(ledger)) {
    if (flag === undefined) return undefined;
    throw malformedStop(
      "POSTGRES_UNWANTED",
      `--postgres goes with a ledger on EventStoreDB (esdb://…); ${shownLedger(ledger)} is none.`,
      "Leave it out; a ledger in Postgres itself is named by --ledger alone.",
      { ledger: shownLedger(ledger) },
    );
  }
  const postgres = flag ?? standing;
  if (postgres !== undefined && isPostgresUrl(postgres)) return postgres;
  throw malformedStop(
    postgres === undefined ? "POSTGRES_MISSING" : "POSTGRES_MALFORMED",
    postgres === undefined
      ? "A ledger on EventStoreDB needs a Postgres database, for its copy and its read models."
      : "--postgres is no URL of a Postgres database.",
    "Add --postgres postgres://user@host:port/database (or set IU_POSTGRES).",
    { ledger: shownLedger(ledger) },
  );
}

/** A ledger's URL as it may be printed: without the password, which libpq's variables or a .pgpass file can give as well. */
export function shownLedger(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#]*?):[^/?#]*@/i, "$1@")
    .replace(/([?&])password=[^&#]*&?/gi, "$1")
    .replace(/[?&]$/, "");
}
