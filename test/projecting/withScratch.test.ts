// The scratch file of a rebuild: it is as any database while it is used, and has no name that a killed process could leave behind.
import { readdirSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withScratch } from "../../src/projecting/withScratch.js";
import { skip } from "../support/skip.js";
import { withTempDir } from "../support/withTempDir.js";

const scratching = suite("withScratch");

/** With the folder for temporary files set to one of its own. */
function withTmp<T>(use: (folder: string) => Promise<T>): Promise<T> {
  return withTempDir(async (folder) => {
    const before = process.env["TMPDIR"];
    process.env["TMPDIR"] = folder;
    try {
      return await use(folder);
    } finally {
      if (before === undefined) delete process.env["TMPDIR"];
      else process.env["TMPDIR"] = before;
    }
  });
}

scratching("nothing of it is to be found while it is used, nor afterwards", () => {
  if (process.platform === "win32") skip("an open file keeps its name on Windows");
  return withTmp(async (folder) => {
    const rows = await withScratch(async (scratch) => {
      assert.equal(readdirSync(folder), []);
      await scratch.exec("CREATE TABLE t (id INTEGER PRIMARY KEY, text TEXT NOT NULL) STRICT");
      // More than a write-ahead log holds before it is folded back, so that every file is written.
      for (let i = 0; i < 20; i++) {
        await scratch.transaction((session) =>
          session.runEach(
            "INSERT INTO t (text) VALUES ($1)",
            Array.from({ length: 500 }, () => ["x".repeat(1_000)]),
          ),
        );
      }
      assert.equal(readdirSync(folder), []);
      return scratch.query("SELECT count(*) AS rows, sum(length(text)) AS size FROM t");
    });
    assert.equal(rows, [{ rows: 10_000, size: 10_000_000 }]);
    assert.equal(readdirSync(folder), []);
  });
});

scratching("what goes wrong in it is thrown, and leaves nothing either", () =>
  withTmp(async (folder) => {
    const wrong = new Error("wrong");
    const thrown = await withScratch(() => Promise.reject(wrong)).catch((error: unknown) => error);
    assert.is(thrown, wrong);
    assert.equal(readdirSync(folder), []);
  }),
);

scratching.run();
