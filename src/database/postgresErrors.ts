/** What Postgres's error codes mean. Only codes are looked at (SQLSTATE, or the operating system's), never the text of a message: that is for people. */
import { DatabaseError } from "pg";
import { SqlError, type SqlErrorCode } from "./Sql.js";

interface Meaning {
  readonly code: SqlErrorCode;
  readonly message: string;
  readonly next?: string;
}

const lost: Meaning = {
  code: "CONNECTION",
  message: "the connection to the database was lost",
  next: "Look whether the server is up and the network is there, then try again.",
};
const busy: Meaning = {
  code: "LOCKED",
  message: "others were in the way",
  next: "Others write at the same time. Try again.",
};
const login: Meaning = {
  code: "CANNOT_OPEN",
  message: "the server refuses this login",
  next: "Check user, password and database of the URL, and what pg_hba.conf allows.",
};

/** By SQLSTATE (postgresql.org/docs/15/errcodes-appendix.html), or by its class of two characters. IU… are our own, of the migrations. */
const meanings: Readonly<Record<string, Meaning>> = {
  "08": lost,
  "23": { code: "CONSTRAINT", message: "a constraint does not hold" },
  "25006": {
    code: "READ_ONLY",
    message: "the database or the transaction is read-only",
    next: "Use the primary server and a role that may write; default_transaction_read_only must be off.",
  },
  "25P03": lost,
  "25P04": lost,
  "28": login,
  "3D000": { ...login, message: "there is no such database" },
  "40": busy,
  "42501": {
    code: "READ_ONLY",
    message: "this login may not do that",
    next: "Have the owner grant a role that may: iu_reader reads; iu_verifier and iu_orchestrator append too; iu_operator erases content and keeps the projections. Tables are made by the owner.",
  },
  "53": {
    code: "CANNOT_OPEN",
    message: "the server is out of memory, connections or another resource",
    next: "Look at the server's load and limits (max_connections, work_mem), then try again.",
  },
  "53100": {
    code: "DISK_FULL",
    message: "the server's disk is full",
    next: "Make room on the server's disk and try again.",
  },
  "55P03": { ...busy, message: "a lock was not given in time" },
  "57014": {
    code: "LOCKED",
    message: "the statement was cancelled",
    next: "It took longer than statement_timeout allows, or somebody cancelled it: look for a session that holds the ledger's lock, or allow more time.",
  },
  "57P": { ...lost, message: "the server is shutting down or starting, or has ended this session" },
  "58": { code: "IO", message: "the server's disk failed", next: "Look at the server's log and disk, then try again." },
  IU001: { code: "RAISED", message: "the ledger's tables refuse it" },
  IU002: { code: "RAISED", message: "the ledger's functions refuse it" },
  IU003: { code: "READ_ONLY", message: "a role is missing" },
  IU004: { code: "CORRUPT", message: "the ledger's tables do not agree" },
  IU005: { code: "READ_ONLY", message: "the server does not keep what it commits" },
  P0001: { code: "RAISED", message: "a trigger refuses it" },
  XX001: { code: "CORRUPT", message: "a table is damaged" },
  XX002: { code: "CORRUPT", message: "an index is damaged" },
};

/** The SQLSTATE that a thrown thing carries, if the server said it. */
export function sqlStateOf(error: unknown): string | undefined {
  if (error instanceof SqlError) return sqlStateOf(error.cause);
  return error instanceof DatabaseError ? error.code : undefined;
}

/** What the server itself said, without our words around it. */
export function saidByServer(error: unknown): string {
  if (error instanceof SqlError && error.cause !== undefined) return saidByServer(error.cause);
  return error instanceof Error ? error.message : String(error);
}

function meaningOf(state: string): Meaning | undefined {
  return meanings[state] ?? meanings[state.slice(0, 3)] ?? meanings[state.slice(0, 2)];
}

/** The {@link SqlError} for what pg threw while `doing`. A `TypeError`, a bug of the caller, is given back as it is. */
export function sqlErrorOf(cause: unknown, doing: string, ambiguous = false): unknown {
  if (cause instanceof SqlError || cause instanceof TypeError) return cause;
  const said = cause instanceof Error ? cause.message : String(cause);
  const state = sqlStateOf(cause);
  // Whatever the server did not say is about the way to it.
  const meaning = state === undefined ? lost : meaningOf(state);
  if (meaning === undefined) return new SqlError("STATEMENT", `cannot ${doing}: ${said}`, { cause });
  const hint = state?.startsWith("IU") ? (cause as DatabaseError).hint : undefined;
  const next = hint ?? meaning.next;
  return new SqlError(meaning.code, `cannot ${doing}: ${meaning.message} (${said})`, {
    ambiguous,
    cause,
    ...(next === undefined ? {} : { next }),
  });
}

/** Whether the connection is gone, or about to be, so that another one may do better. */
export function lostConnection(error: unknown): boolean {
  if (error instanceof TypeError) return false;
  const state = sqlStateOf(error);
  return state === undefined ? !(error instanceof SqlError) : meaningOf(state)?.code === "CONNECTION";
}

/** Whether a prepared statement is not there, or there already: a pooler has changed the server under it. Nothing was executed. */
export function isPreparedElsewhere(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === "26000" || state === "42P05";
}

/** Whether the server has given a transaction up because of another one: nothing was written, and again it may well succeed. */
export function isCollision(error: unknown): boolean {
  const state = sqlStateOf(error);
  return state === "40001" || state === "40P01";
}
