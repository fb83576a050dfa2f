/**
 * The limit: the same bytes into and out of SQLite with nothing around them. One plain table without an index or a trigger, the same driver
 * and the same PRAGMAs as the ledger's own connection; nothing hashed, nothing guarded, nothing checked.
 */
import { createHash } from "node:crypto";
import Database from "libsql";
import type { Entry } from "../src/ledger/Store.js";

export interface RawSqlite {
  /** Each entry in a transaction of its own. Answers how many. */
  insertEach(entries: readonly Entry[]): number;
  /** All entries in one transaction. */
  insertAll(entries: readonly Entry[]): number;
  /** Everything in order, in pages, as bytes. */
  read(): number;
  /** The same, each event hashed (SHA-256) and parsed. */
  readHashParse(): number;
  close(): void;
}

const pageSize = 2_000;

export function rawSqlite(path: string): RawSqlite {
  const db = new Database(path);
  db.exec(
    "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF",
  );
  db.exec("PRAGMA cell_size_check = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY");
  db.exec(
    "CREATE TABLE event (position INTEGER PRIMARY KEY, stream TEXT NOT NULL, revision INTEGER NOT NULL, bytes BLOB NOT NULL) STRICT",
  );
  const insert = db.prepare("INSERT INTO event (position, stream, revision, bytes) VALUES (?, ?, ?, ?)");
  const select = db
    .prepare("SELECT position, stream, revision, bytes FROM event WHERE position >= ? AND position < ?")
    .raw(true);
  let next = 0;
  const put = ({ stream, revision, bytes }: Entry) => insert.run([BigInt(next++), stream, BigInt(revision), bytes]);

  function each(use: (bytes: Buffer) => void): number {
    for (let from = 0; from < next; from += pageSize) {
      for (const row of select.all([BigInt(from), BigInt(from + pageSize)]) as [number, string, number, Buffer][])
        use(row[3]);
    }
    return next;
  }

  return {
    insertEach(entries) {
      for (const entry of entries) put(entry);
      return entries.length;
    },
    insertAll(entries) {
      db.exec("BEGIN IMMEDIATE");
      for (const entry of entries) put(entry);
      db.exec("COMMIT");
      return entries.length;
    },
    read: () => each(() => undefined),
    readHashParse: () =>
      each((bytes) => {
        createHash("sha256").update(bytes).digest("hex");
        JSON.parse(bytes.toString("utf8"));
      }),
    close: () => db.close(),
  };
}
