/** From the words of `discover` to a source that can be opened. What cannot be meant is refused before anything is opened. */
import type { DocumentSource } from "../../discover/Found.js";
import { documentTypes, openFolder } from "../../discover/folder.js";
import { tableQuery } from "../../discover/rowQuery.js";
import { openRows } from "../../discover/rows.js";
import { SourceError } from "../../discover/SourceError.js";
import { isPostgresUrl } from "../../store/openStore.js";
import { malformedStop, Stop } from "../output/Problem.js";
import { shownLedger } from "../session/ledgerUrl.js";

export interface SourceWords {
  readonly type?: string;
  readonly name?: string;
  readonly table?: string;
  readonly id?: string;
  readonly title?: string;
  readonly body?: string;
  readonly query?: string;
  /** Milliseconds. */
  readonly timeout?: number;
}

/** Opens a source; `sizeMax`: what the policy allows a text to have, in bytes. */
export type Opening = (sizeMax: number) => Promise<DocumentSource>;

const timeoutMs = 60_000;

/** Throws a {@link Stop} for words that contradict each other, or leave out what nobody can guess. */
export function openingOf(from: string, words: SourceWords): Opening {
  if (isPostgresUrl(from)) return rowsOf(from, words);
  if (/^[a-z][a-z0-9+.-]+:\/\//i.test(from))
    throw malformedStop(
      "SOURCE_UNKNOWN",
      "Documents are found in folders and in Postgres databases.",
      "Name a folder, or postgres://user@host:port/database.",
      { from: shownLedger(from) },
    );
  const { type, name, table, query, id, title, body, timeout } = words;
  refuseOthers({ name, table, query, id, title, body, timeout }, "is for rows of a database");
  const types = type?.split(",").map((one) => `.${one.trim().replace(/^\./, "").toLowerCase()}`) ?? documentTypes;
  return (sizeMax) => openFolder({ path: from, types, sizeMax });
}

function rowsOf(url: string, { type, name, table, query, id, title, body, timeout = timeoutMs }: SourceWords): Opening {
  refuseOthers({ type }, "is for files");
  if (query !== undefined) refuseOthers({ table, id, title, body }, "is for a table; a query names its own columns");
  if (table === undefined && query === undefined)
    throw malformedStop(
      "SOURCE_INCOMPLETE",
      "Which rows is not said.",
      "Name the table with --table, or give a SELECT with --query.",
    );
  if (name === undefined)
    throw malformedStop(
      "SOURCE_INCOMPLETE",
      "What this collection is called is not said: its rows are known to the ledger by that name and their ids, for ever.",
      "Give it a name of its own, like --name statutes.",
    );
  const columns = { id: id ?? "id", title: title ?? "title", body: body ?? "body" };
  const statementMsMax = Math.max(1, timeout);
  return async (sizeMax) =>
    openRows({ url, name, query: query ?? tableQuery(table ?? "", columns), sizeMax, statementMsMax });
}

function refuseOthers(given: Readonly<Record<string, unknown>>, why: string): void {
  const wrong = Object.keys(given).find((option) => given[option] !== undefined);
  if (wrong !== undefined) throw malformedStop("OPTIONS_CONTRADICT", `--${wrong} ${why}.`, "Leave it out.");
}

/** A source that cannot be read, as the {@link Stop} it is; anything else as it is. */
export function asStop(error: unknown): unknown {
  if (!(error instanceof SourceError)) return error;
  const { code, message, next, numbers, kind } = error;
  const exit = kind === "malformed" ? 2 : kind === "refused" ? 1 : 3;
  return new Stop({ code, message, numbers, next, exit }, { cause: error });
}
