/** Where a ledger is, as given: a path, `sqlite:` and a path, or a Postgres database. Other kinds are refused by name, not taken for a file. */
import { dirname } from "node:path";
import { isPostgresUrl } from "../../store/openStore.js";
import { malformedStop } from "../output/Problem.js";

/** The URL to open: the path of a SQLite file, or `postgres://…`. */
export function ledgerUrl(url: string): string {
  if (url.startsWith("sqlite:")) return url.slice("sqlite:".length);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1];
  if (scheme === undefined || isPostgresUrl(url)) return url;
  throw malformedStop(
    "LEDGER_URL_UNKNOWN",
    `This program has no store for ${scheme}: ledgers.`,
    "Give the path of a SQLite file, sqlite:<path>, or postgres://user@host:port/database.",
    { ledger: shownLedger(url) },
  );
}

/** The folder a ledger's file lies in; undefined for a database. */
export function ledgerFolder(url: string): string | undefined {
  return isPostgresUrl(url) ? undefined : dirname(ledgerUrl(url));
}

/** A ledger's URL as it may be printed: without the password, which libpq's variables or a .pgpass file can give as well. */
export function shownLedger(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/[^/?#]*?):[^/?#]*@/i, "$1@")
    .replace(/([?&])password=[^&#]*&?/gi, "$1")
    .replace(/[?&]$/, "");
}
