/**
 * Documents from the rows of a Postgres query: one snapshot, read-only by transaction (`postgresSnapshot.ts`) and by role (`readerRole.ts`), in pages that
 * hold a few megabytes whatever the table's size. A row is known by the name of the source and its id, for ever: title and text may change.
 */
import { saidByServer, sqlStateOf } from "../database/postgresErrors.js";
import { openSnapshot, type PostgresSnapshot, snapshotLost } from "../database/postgresSnapshot.js";
import { SqlError } from "../database/Sql.js";
import type { DocumentSource, Finding, Found } from "./Found.js";
import { wordsMax } from "./Found.js";
import { blocking, bodyFindings, titleFindings, tooLarge } from "./judge.js";
import { oneSelect } from "./oneSelect.js";
import { assertCannotWrite, assertNoPower, tablesRead } from "./readerRole.js";
import {
  bodyIsBytes,
  columnsStatement,
  cursor,
  cursorStatement,
  nextPage,
  type Row,
  repeatedIdsStatement,
} from "./rowQuery.js";
import { SourceError } from "./SourceError.js";

export interface RowsOptions {
  /** `postgres://user@host:port/database`. */
  readonly url: string;
  /** What this collection is called, for ever: its rows are known by it, wherever the server stands. */
  readonly name: string;
  /** One SELECT that gives id, title and body. */
  readonly query: string;
  /** What the policy allows a text to have, in bytes. */
  readonly sizeMax: number;
  /** How long the server may take for one statement, in milliseconds. */
  readonly statementMsMax: number;
}

/** With more ids than this in several rows, what was called the id is none. */
const repeatedMax = 10_000;

/** The beginning of every key of a collection. */
function keyPrefix(name: string): string {
  return `postgres:${name}/`;
}

/**
 * Connects, and looks whether the query may be read by this login. Throws {@link SourceError}: a query that is not one SELECT, a login that
 * could write, a server that says no. The snapshot is open until `close`.
 */
export async function openRows(options: RowsOptions): Promise<DocumentSource> {
  const { name } = options;
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(name))
    throw new SourceError(
      "malformed",
      "SOURCE_NAME_MALFORMED",
      `"${name}" cannot name a source.`,
      "Use letters, digits, '.', '_' and '-', at most 63, the first a letter or digit.",
    );
  const query = oneSelect(options.query);
  const snapshot = await openSnapshot(options.url, { statementMsMax: options.statementMsMax }).catch(unavailable);
  const said = { rows: 0, tables: [] as string[] };
  const told = <T>(work: Promise<T>) =>
    work.catch((error: unknown) => Promise.reject(meant(error, options, said.rows)));
  try {
    const { asBytes, repeated } = await told(lookedAt(snapshot, query));
    return {
      words: `${name} in ${snapshot.database}`,
      noun: "row",
      async *read() {
        await told(snapshot.single(cursorStatement(query, asBytes, options.sizeMax)));
        for (let last: Row | undefined; ; ) {
          const page = await told(snapshot.query<Row>(`FETCH FORWARD ${nextPage(last)} FROM ${cursor}`));
          if (page.length === 0) break;
          for (const row of page) yield foundIn(row, ++said.rows, options, repeated);
          last = page.at(-1);
        }
        // What functions in the query have opened is known only now.
        said.tables = await told(tablesRead(snapshot));
      },
      owns: (source) => source.startsWith(keyPrefix(name)),
      same: (source) => source,
      notes: () => [`read only, as ${snapshot.login}, one snapshot of ${said.tables.join(", ") || "no table"}`],
      close: () => snapshot.close(),
    };
  } catch (error) {
    await snapshot.close();
    throw error;
  }
}

function unavailable(cause: unknown): never {
  if (!(cause instanceof SqlError)) throw cause;
  const next = cause.next ?? "Look whether the server is up, then try again.";
  throw new SourceError("cannot", "SOURCE_UNAVAILABLE", `The source cannot be read: ${cause.message}.`, next, {
    cause,
  });
}

/** What must be known before the first row: columns, rights, ids that are none. */
async function lookedAt(snapshot: PostgresSnapshot, query: string) {
  await assertNoPower(snapshot);
  const asBytes = bodyIsBytes(await snapshot.columns(columnsStatement(query)));
  await assertCannotWrite(snapshot);
  const rows = await snapshot.single<{ id: Uint8Array; count: number }>(repeatedIdsStatement(query, repeatedMax + 1));
  if (rows.length > repeatedMax)
    throw new SourceError(
      "refused",
      "ID_NOT_UNIQUE",
      `More than ${repeatedMax} ids stand in several rows each: what is called id tells no row from another.`,
      "Give a column as id that is unique.",
      { numbers: { repeatedMax } },
    );
  const repeated = new Map(rows.map(({ id, count }) => [Buffer.from(id).toString("latin1"), count]));
  await assertCannotWrite(snapshot);
  return { asBytes, repeated };
}

/** A row, judged. */
function foundIn(
  row: Row,
  number: number,
  { name, sizeMax }: RowsOptions,
  repeated: ReadonlyMap<string, number>,
): Found {
  const findings: Finding[] = [];
  const id = wordsOf(row.id, row.id_size, "ID", findings);
  if (id !== null && id.trim() === "")
    findings.push(blocking("ID_MISSING", "The row's id is empty, or white space only."));
  const count = row.id === null ? undefined : repeated.get(Buffer.from(row.id).toString("latin1"));
  if (count !== undefined)
    findings.push(
      blocking("ID_DUPLICATE", `${count} rows have this id: none of them can be told from the others.`, {
        rows: count,
      }),
    );
  const key = id === null || id.trim() === "" ? null : keyPrefix(name) + encodeURIComponent(id);
  if (key !== null && key.length > wordsMax)
    findings.push(
      blocking("ID_TOO_LONG", `The row's id is too long to be kept.`, { length: key.length, lengthMax: wordsMax }),
    );
  const title = wordsOf(row.title, row.title_size, "TITLE", findings);
  if (title !== null) findings.push(...titleFindings(title));
  if (row.body_size === null) findings.push(blocking("BODY_MISSING", "The row's body is null."));
  else if (row.body === null) findings.push(tooLarge(row.body_size, sizeMax));
  else findings.push(...bodyFindings(row.body, sizeMax));
  return { number, id, key, title, bytes: row.body, length: row.body?.length ?? row.body_size, findings };
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An id or a title as text; null with a finding where it is not there, too long, or not text. */
function wordsOf(
  bytes: Uint8Array | null,
  size: number | null,
  what: "ID" | "TITLE",
  findings: Finding[],
): string | null {
  const noun = what.toLowerCase();
  if (size === null) {
    findings.push(blocking(`${what}_MISSING`, `The row's ${noun} is null.`));
    return null;
  }
  if (bytes === null) {
    findings.push(
      blocking(`${what}_TOO_LONG`, `The row's ${noun} has ${size} bytes.`, { length: size, lengthMax: wordsMax }),
    );
    return null;
  }
  try {
    return strict.decode(bytes);
  } catch {
    findings.push(blocking(`${what}_INVALID`, `The row's ${noun} is not UTF-8.`));
    return null;
  }
}

/** What the server said, in terms of who asked. Anything else is given back as it is. */
function meant(error: unknown, { statementMsMax }: RowsOptions, rows: number): unknown {
  const state = sqlStateOf(error);
  // A parameter that nobody gives ends no connection, though its code is of the class of those.
  if (state !== "08P01" && snapshotLost(error))
    return new SourceError(
      "cannot",
      "SOURCE_LOST",
      `The connection to the source was lost after ${rows} rows.`,
      "Run the same again: what was registered stays, and is found again.",
      { numbers: { rows }, cause: error },
    );
  if (state === undefined) return error;
  const said = saidByServer(error);
  const of = (kind: SourceError["kind"], code: string, message: string, next: string) =>
    new SourceError(kind, code, message, next, { numbers: { sqlstate: state, rows }, cause: error });
  // 25: what a READ ONLY transaction does not allow. 0A: what stands in a FROM cannot write.
  if (state.startsWith("25") || state === "0A000")
    return of(
      "refused",
      "QUERY_WOULD_WRITE",
      `The query would do more than read: ${said}.`,
      "Leave out whatever writes or locks.",
    );
  if (state === "42501")
    return of(
      "cannot",
      "SOURCE_FORBIDDEN",
      `The login may not read this: ${said}.`,
      "Have its owner grant SELECT on it, and USAGE on its schema.",
    );
  if (state === "57014")
    return of(
      "cannot",
      "QUERY_TOO_SLOW",
      `The server gave up after ${statementMsMax} ms: ${said}.`,
      "Allow more with --timeout, or make the query cheaper.",
    );
  if (state.startsWith("42") || state === "08P01")
    return of("malformed", "QUERY_WRONG", `The server does not take the query: ${said}.`, "Try it in psql first.");
  return of(
    "cannot",
    "QUERY_FAILED",
    `The query failed: ${said}.`,
    "Try it in psql; a row of it may hold what cannot be converted.",
  );
}
