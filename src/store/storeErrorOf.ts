/** What a database cannot do, said as what the ledger cannot do: the same trouble with the ledger's next step. */
import { SqlError } from "../database/Sql.js";
import { StoreError } from "../ledger/Store.js";

const meanings: Readonly<Record<SqlError["code"], { code: StoreError["code"]; next: string }>> = {
  DISK_FULL: { code: "DISK_FULL", next: "Make room on the disk and try again; nothing of what was stored is lost." },
  READ_ONLY: { code: "READ_ONLY", next: "Give this user write access to the ledger's file and to its folder." },
  LOCKED: {
    code: "LOCKED",
    next: "Another process is writing for long. Wait for it, or look for one that hangs, and try again.",
  },
  NOT_A_DATABASE: {
    code: "NOT_A_LEDGER",
    next: "Check the path: this file is something else. Create a new ledger under another name.",
  },
  CANNOT_OPEN: {
    code: "UNAVAILABLE",
    next: "Check that the folder exists and that this user may read and write in it.",
  },
  CONNECTION: { code: "UNAVAILABLE", next: "Check that the server is up, then try again." },
  CORRUPT: {
    code: "CORRUPT",
    next: "Stop writing, keep the damaged file, and restore the ledger from a copy; replay of the copy, with --expect, tells whether it is whole.",
  },
  IO: { code: "UNAVAILABLE", next: "The disk failed. Check the machine's log and the disk, then try again." },
  CLOSED: { code: "UNAVAILABLE", next: "The ledger was closed. Open it again." },
  CONSTRAINT: { code: "CORRUPT", next: "The tables do not agree with the head: run replay to learn where." },
  RAISED: { code: "CORRUPT", next: "The tables do not agree with the head: run replay to learn where." },
  // What this program says has been tried: if a database does not take it, its tables are not those this program made.
  STATEMENT: {
    code: "CORRUPT",
    next: "The tables are not as this program makes them. Stop writing, and see which: iu-ledger replay",
  },
};

/** The {@link StoreError} for what a database threw; anything else, a bug for instance, is given back as it is. */
export function storeErrorOf(error: unknown): unknown {
  if (!(error instanceof SqlError)) return error;
  // A session used after its end: no database said that.
  if (error.code === "STATEMENT" && error.cause === undefined) return error;
  const meaning = meanings[error.code];
  return new StoreError(meaning.code, error.message, {
    next: error.next ?? meaning.next,
    ambiguous: error.ambiguous,
    cause: error,
  });
}
