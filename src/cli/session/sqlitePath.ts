/** Where a ledger is, as given: a path, or `sqlite:` and a path. Other kinds are refused by name, not taken for a file. */
import { malformedStop } from "../output/Problem.js";

/** The path of the ledger's SQLite file. */
export function sqlitePath(url: string): string {
  if (url.startsWith("sqlite:")) return url.slice("sqlite:".length);
  const scheme = /^([a-z][a-z0-9+.-]+):\/\//i.exec(url)?.[1];
  if (scheme === undefined) return url;
  throw malformedStop(
    "LEDGER_URL_UNKNOWN",
    `This program has no store for ${scheme}: ledgers.`,
    "Give the path of a SQLite file, or sqlite:<path>.",
    { ledger: url },
  );
}
