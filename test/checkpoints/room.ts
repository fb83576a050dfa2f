/** A ledger in a file, its log's key, a place outside, and hands that change the file as its owner could. */
import { join } from "node:path";
import type { Checkpointed } from "../../src/checkpoints/Checkpointed.js";
import { type CheckpointMeans, checkpointLog } from "../../src/checkpoints/checkpointLog.js";
import { type Outside, outsideOf } from "../../src/checkpoints/outside.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { vouch } from "../../src/replay/vouch.js";
import type { SqliteStore } from "../../src/store/sqliteStore.js";
import { formatVkey, type NoteSigner } from "../../src/tlog/noteKey.js";
import { type SqliteFile, withSqliteFile } from "../store/withSqliteFile.js";
import { type GovernedLedger, governedLedger } from "../support/governedRun.js";
import { signerOf } from "../tlog/keys.js";

export interface CheckpointRoom {
  readonly file: SqliteFile;
  readonly store: SqliteStore;
  readonly ledger: GovernedLedger;
  readonly origin: string;
  readonly key: NoteSigner;
  readonly outside: Outside;
  /** Signs a checkpoint of the file as it is. */
  sign(means?: Partial<CheckpointMeans>): Promise<Checkpointed>;
  /** Adds a few events. */
  grow(): Promise<void>;
  /** Does what a database's owner can: the triggers are off meanwhile. */
  forge(script: string): void;
  /** Keeps a copy of the file as it is. */
  backup(): string;
}

export async function withCheckpointRoom(use: (room: CheckpointRoom) => Promise<void>): Promise<void> {
  await withSqliteFile(async (file) => {
    const store = await file.open();
    const ledger = await governedLedger({ store });
    const origin = (
      JSON.parse(Buffer.from((await store.read(0, 1))[0]!.bytes).toString()) as { data: { origin: string } }
    ).data.origin;
    const key = signerOf(origin);
    await ledger.done("AdoptLogKey", { vkey: formatVkey(key) }, "ada");
    const outside = outsideOf(join(file.folder, "outside"), origin);
    let copies = 0;
    let grown = 0;
    await use({
      file,
      store,
      ledger,
      origin,
      key,
      outside,
      sign: (means = {}) => {
        const from = (means.store ?? store) as SqliteStore;
        return checkpointLog({
          origin,
          outside,
          signer: key,
          ...means,
          store: from,
          sql: from.sql,
          catchUp: () => catchUp(from, from.sql),
          vouch: means.vouch ?? (() => vouch(from)),
        });
      },
      async grow() {
        await ledger.register(Buffer.from(`# Charter ${grown++}\n\nArticle.\n`));
      },
      forge(script) {
        file.tamper((db) => {
          const triggers = db.prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").all() as {
            name: string;
            sql: string;
          }[];
          for (const { name } of triggers) db.exec(`DROP TRIGGER "${name}"`);
          db.exec(script);
          for (const { sql } of triggers) db.exec(sql);
        });
      },
      backup() {
        const copy = join(file.folder, `copy${++copies}.db`);
        file.tamper((db) => db.exec(`VACUUM INTO '${copy}'`));
        return copy;
      },
    });
  });
}
