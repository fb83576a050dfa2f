// `discover` over many rows, over a server that goes away, and over a query that will not end: flat memory, nothing lost, nothing twice.
import { execFileSync } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openRows } from "../../../src/discover/rows.js";
import { SourceError } from "../../../src/discover/SourceError.js";
import { projectFile } from "../../support/project.js";
import { byId, withSource } from "./withSource.js";

const rows = suite("cli: discover many rows");

const body = "'# Law ' || i || E'\\n\\n## Article 1\\n\\nText ' || i || E'.\\n'";

/** Reads `count` rows of 16 kB of a table in a process of its own; the most memory it ever had, in kB. */
function mostMemory(url: string, count: number): number {
  const script = `
    const { openRows } = await import(process.argv[1]);
    const query = "SELECT id, title, body FROM acme.statute WHERE id <= " + process.argv[3];
    const source = await openRows({ url: process.argv[2], name: "many", query, sizeMax: 1e8, statementMsMax: 60000 });
    let count = 0;
    for await (const { bytes } of source.read()) count += bytes.length > 16000 ? 1 : 0;
    await source.close();
    process.stdout.write(JSON.stringify({ count, memory: process.resourceUsage().maxRSS }));`;
  const file = projectFile("build", "src", "discover", "rows.js");
  const words = ["--input-type=module", "-e", script, file, url, String(count)];
  const said = JSON.parse(execFileSync(process.execPath, words, { encoding: "utf8" })) as {
    count: number;
    memory: number;
  };
  assert.is(said.count, count);
  return said.memory;
}

rows("20,000 rows, 330 MB of text, take hardly more memory than 2,000", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body text);
     INSERT INTO acme.statute SELECT i, 'Law ' || i, repeat(md5(i::text), 512) FROM generate_series(1, 20000) AS i`,
    ({ url }) => {
      const few = mostMemory(url, 2_000);
      const many = mostMemory(url, 20_000);
      // What is read between two collections of garbage differs by some; the text is three times more than this.
      assert.ok(many < few + 100_000, `${few} kB for 2,000 rows, ${many} kB for 20,000`);
      return Promise.resolve();
    },
  ),
);

rows("texts of many megabytes come one by one", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body text);
     INSERT INTO acme.statute SELECT i, 'Small ' || i, 'x' FROM generate_series(1, 200) AS i;
     INSERT INTO acme.statute SELECT 200 + i, 'Large ' || i, repeat('y', 30000000) FROM generate_series(1, 12) AS i`,
    async ({ url }) => {
      const query = "SELECT id, title, body FROM acme.statute";
      const source = await openRows({ url, name: "s", query, sizeMax: 1e8, statementMsMax: 60_000 });
      let most = 0;
      let total = 0;
      for await (const { bytes } of source.read()) {
        total += bytes?.length ?? 0;
        most = Math.max(most, process.memoryUsage().rss);
      }
      await source.close();
      assert.is(total, 360_000_200);
      assert.ok(most < 500_000_000, `${most} bytes of memory`);
    },
  ),
);

rows("4,000 rows are entered; the same again enters nothing", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body text);
     INSERT INTO acme.statute SELECT i, 'Law ' || i, ${body} FROM generate_series(1, 4000) AS i`,
    async ({ discovered, cli }) => {
      const words = ["--name", "s", "--table", "acme.statute"];
      const { summary } = await discovered([...words, "--register"]);
      assert.equal([summary.read, summary.registered], [4_000, 4_000]);
      const end = async () => (await cli.json<{ position: number }>("events", "--last", "1")).position;
      const before = await end();
      const again = await discovered([...words, "--register"]);
      assert.equal([again.summary.same, again.summary.registered, again.summary.revised], [4_000, 0, 0]);
      assert.is(await end(), before);
    },
  ),
);

rows("a server that is restarted midway: what was entered stays, and the same command goes on", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body text);
     INSERT INTO acme.statute SELECT i, 'Law ' || i, ${body} FROM generate_series(1, 1000) AS i`,
    async ({ discovered, say, cli, cluster }) => {
      const words = [
        "--name",
        "s",
        "--query",
        "SELECT id, title, body FROM acme.statute, pg_sleep(0.002 * id / id)",
        "--register",
      ];
      const entered = async () => (await cli.json<{ documents: unknown[] }>("document", "list")).documents.length;
      const first = say(...words);
      while ((await entered()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
      await cluster.restart("immediate");
      const said = await first;
      assert.is(said.exit, 3, said.all);
      assert.match(said.err, "code SOURCE_LOST");
      assert.match(said.err, "Run the same again");
      const some = await entered();
      assert.ok(some > 0 && some < 1000, String(some));
      const { summary } = await discovered(words);
      assert.equal([summary.same, summary.registered], [some, 1000 - some]);
      assert.is(await entered(), 1000);
    },
  ),
);

rows("two who enter the same at once enter it once", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body text);
     INSERT INTO acme.statute SELECT i, 'Law ' || i, ${body} FROM generate_series(1, 300) AS i`,
    async ({ say, discovered, cli }) => {
      const words = ["--name", "s", "--table", "acme.statute", "--register"];
      const said = await Promise.all([say(...words), say(...words)]);
      // The slower of the two may have been refused: by name, and for that document only.
      for (const { exit, all } of said) assert.ok(exit === 0 || all.includes("DOCUMENT_EXISTS"), all);
      assert.equal((await cli.json<{ documents: unknown[] }>("document", "list")).documents.length, 300);
      assert.is((await discovered(words)).summary.same, 300);
    },
  ),
);

rows("a query that puts the server's own limit off is left all the same", () =>
  withSource(
    "CREATE TABLE acme.statute (id int, title text, body text); INSERT INTO acme.statute VALUES (1, 'A', 'a'), (2, 'B', 'b'), (3, 'C', 'c')",
    async ({ url, discovered }) => {
      // The first statement that runs it puts the limit off, the one that fetches from the cursor sleeps.
      const query = `SELECT id, set_config('statement_timeout', '0', true) AS title,
        CASE WHEN EXISTS (SELECT FROM pg_cursors WHERE name = 'iu_discovered') THEN pg_sleep(60)::text ELSE 'a' END AS body FROM acme.statute`;
      const source = await openRows({ url, name: "s", query, sizeMax: 1e8, statementMsMax: 1_000 });
      try {
        for await (const one of source.read()) assert.ok(one);
        assert.unreachable("the query ended");
      } catch (error) {
        if (!(error instanceof SourceError)) throw error;
        assert.is(error.code, "SOURCE_LOST");
      } finally {
        await source.close();
      }
      assert.equal(byId(await discovered(["--name", "s", "--table", "acme.statute"])), {
        1: "new",
        2: "new",
        3: "new",
      });
    },
  ),
);

rows.run();
