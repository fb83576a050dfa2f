/** The owner's hands on a SQLite file: another program that opens it, drops the triggers, and makes them again. */
import { copyFileSync, renameSync, rmSync } from "node:fs";
import Database from "libsql";
import type { StoredEvent } from "../../src/ledger/Store.js";
import { type Hands, peaksOf, type Statement, type Value } from "./Hands.js";

export function sqliteHands(file: string): Hands {
  let copies = 0;
  function withFile<T>(work: (db: Database.Database) => T): T {
    const db = new Database(file, { timeout: 5_000 });
    try {
      return work(db);
    } finally {
      db.close();
    }
  }
  const query = <T>(db: Database.Database, [sql, ...values]: Statement) =>
    db.prepare(sql).all(values.map(bound)) as T[];
  return {
    asText: "CAST(? AS TEXT)",
    async run(...statements) {
      withFile((db) => {
        const triggers = query<{ name: string; sql: string }>(db, [
          "SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'",
        ]);
        db.exec("BEGIN");
        for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`);
        for (const [sql, ...values] of statements) db.prepare(sql).run(values.map(bound));
        for (const { sql } of triggers) db.exec(sql);
        db.exec("COMMIT");
      });
    },
    async script(sql) {
      withFile((db) => db.exec(sql));
    },
    query: async <T>(...statement: Statement) => withFile((db) => query<T>(db, statement)),
    async events() {
      return withFile((db) =>
        query<StoredEvent>(db, [
          "SELECT position, stream, revision, CAST(bytes AS BLOB) AS bytes FROM event ORDER BY position",
        ]).map((row) => ({ ...row, bytes: new Uint8Array(row.bytes) })),
      );
    },
    headStatements: async (events) => [
      ["UPDATE head SET size = ?, peaks = ?", events.length, Buffer.concat(peaksOf(events, events.length))],
    ],
    async copy() {
      const copy = `${file}.copy${++copies}`;
      withFile((db) => db.exec(`VACUUM INTO '${copy}'`));
      return copy;
    },
    async putBack(copy) {
      for (const end of ["-wal", "-shm"]) rmSync(`${file}${end}`, { force: true });
      // Another file of the same name, as a restore makes it: whoever has the old one open still has the old one.
      copyFileSync(copy, `${file}.new`);
      renameSync(`${file}.new`, file);
    },
  };
}

// An array of values always: a single value that is an object would be taken for named ones.
function bound(value: Value): string | number | Buffer {
  if (typeof value === "string" || typeof value === "number") return value;
  return value instanceof Uint8Array ? Buffer.from(value) : Buffer.concat(value);
}
