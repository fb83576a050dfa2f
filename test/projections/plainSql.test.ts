// Readable by anybody: plain sqlite3 on the ledger's file, no program of ours in between. Where sqlite3 is not installed the same
// statements go through libsql.
import { spawnSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { catchUp } from "../../src/projecting/catchUp.js";
import { projectionTables } from "../../src/projecting/tables.js";
import { scribe } from "../projecting/scribe.js";
import { ids, tellStory } from "../projecting/story.js";
import { withSqliteFile } from "../store/withSqliteFile.js";

const plain = suite("plain sqlite3");

const program = spawnSync("sqlite3", ["--version"], { encoding: "utf8" });
const isThere = program.status === 0;

plain(
  `texts, lifecycles and blockers are there for the asking (${isThere ? "sqlite3" : "through libsql"})`,
  async () => {
    await withSqliteFile(async (file) => {
      const store = await file.open();
      await tellStory(scribe(store));
      await catchUp(store, store.sql);
      const ask = async (query: string): Promise<string[]> => {
        if (!isThere) {
          const rows = await store.sql.query<Record<string, string | number | null>>(query);
          return rows.map((row) => Object.values(row).join("|"));
        }
        const { stdout, stderr, status } = spawnSync("sqlite3", ["-readonly", file.path, query], { encoding: "utf8" });
        assert.is(status, 0, stderr);
        return stdout.trimEnd().split("\n");
      };
      const texts = `SELECT address, lifecycle, replace(text, char(10), '/') FROM unit_text WHERE run = '${ids.first}' ORDER BY ordinal`;
      assert.equal(await ask(texts), [
        "doc|enacted|Điều 1. One 😀/Two/Three",
        "art_1|enacted|Điều 1. One 😀",
        "art_2|enacted|Two",
        "art_3|enacted|Three",
      ]);
      assert.equal(await ask("SELECT name FROM readiness WHERE status <> 'CLOSED' ORDER BY ordinal"), [
        "SG_1 approved",
        "execution armed",
      ]);
      for (const table of projectionTables) {
        assert.match(
          (await ask(`SELECT count(*) FROM ${table}`))[0] ?? "",
          /^[1-9]\d*$/,
          `${table} has rows in the story`,
        );
      }
      assert.equal(
        await ask(
          "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%' AND name <> 'migration'",
        ),
        ["0"],
      );
      assert.equal(await ask("PRAGMA integrity_check"), ["ok"]);

      const { content } = (
        await store.sql.query<{ content: string }>("SELECT content FROM document WHERE document = $1", [ids.charter])
      )[0]!;
      await store.content.erase(content);
      assert.equal(
        await ask(
          `SELECT address, coalesce(text, 'erased') FROM unit_text WHERE run = '${ids.second}' AND ordinal = 1`,
        ),
        ["art_1|erased"],
      );
    });
  },
);

plain.run();
