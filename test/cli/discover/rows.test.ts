// `discover` over the rows of a real Postgres: the real title and text, byte for byte, or a finding; entered once; found again by id.
import { createHash } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { postgresCluster } from "../../support/postgresCluster.js";
import { byId, withSource, withSourceIn } from "./withSource.js";

const rows = suite("cli: discover rows");

const table = ["--name", "statutes", "--table", "acme.statute"];

rows("looks, enters, finds the row again although its title changed, revises it, and says what is gone", () =>
  withSource(
    `CREATE TABLE acme.statute (id int PRIMARY KEY, title text, body text);
     INSERT INTO acme.statute VALUES (1, 'Harbour Act', E'# Harbour\\n\\n## Article 1\\n\\nShips.\\n'), (2, 'Điều lệ 😀', E'Điều 1. Tên\\n\\nĐiều 2. Nơi\\n')`,
    async ({ cli, owner, say, discovered, url, database }) => {
      const looked = await say(...table);
      assert.is(looked.exit, 0, looked.all);
      assert.match(looked.out, /new {17}\d+ {2}1 {2}“Harbour Act”/);
      assert.match(looked.out, `statutes in ${database}: 2 rows, 2 new`);
      assert.match(looked.out, "read only, as reader, one snapshot of acme.statute");
      assert.match(looked.out, `next iu-ledger discover ${url} --name statutes --table acme.statute --register`);
      assert.equal((await cli.json<{ documents: unknown[] }>("document", "list")).documents, []);

      const entered = await discovered([...table, "--register"]);
      assert.is(entered.summary.registered, 2);
      const again = await discovered([...table, "--register"]);
      assert.equal([again.summary.same, again.summary.registered], [2, 0]);
      const shown = await cli.json<{ text: string; document: string }>("document", "show", "Điều lệ 😀", "--text");
      assert.is(shown.text, "Điều 1. Tên\n\nĐiều 2. Nơi\n");

      await owner(
        `UPDATE acme.statute SET title = 'Harbours Act', body = body || 'More.' WHERE id = 1; DELETE FROM acme.statute WHERE id = 2`,
      );
      const changed = await discovered(table);
      assert.equal(byId(changed), { 1: "changed TITLE_CHANGED" });
      assert.is(changed.found[0]?.target?.verdict, "safe");
      assert.is(changed.found[0]?.source, "postgres:statutes/1");
      assert.equal(
        changed.gone.map(({ source }) => source),
        ["postgres:statutes/2"],
      );
      const revised = await discovered([...table, "--register"]);
      assert.is(revised.summary.revised, 1);
      // Another collection of the same ids is another collection.
      const other = await discovered(["--name", "drafts", "--table", "acme.statute"]);
      assert.equal(byId(other), { 1: "new" });
      assert.is((await cli.json<{ verdict: string }>("replay")).verdict, "PASS");
    },
  ),
);

rows(
  "what is missing, empty, no text, too large or there twice is a finding with its id and number, and nothing is made up for it",
  () =>
    withSource(
      `CREATE TABLE acme.statute (id text, title text, body bytea);
     INSERT INTO acme.statute VALUES
       ('a', 'A', 'text of a'), (NULL, 'Nameless', 'x'), ('', 'Empty name', 'y'), ('null-title', NULL, 'z'), ('blank-title', E' \\t', 'w'),
       ('null-body', 'B', NULL), ('empty', 'C', ''), ('blank', 'D', E' \\n'), ('nul', 'E', '\\x610062'), ('latin1', 'F', '\\x4772fcdf65'),
       ('twice', 'G', 'first'), ('twice', 'H', 'second'), ('twin', 'I', 'text of a'), ('same-title', 'a', 'text of same-title'),
       ('long-title', repeat('x', 2001), 'v'), ('huge-title', repeat('x', 9000), 'u'), (repeat('é', 500), 'Long id', 't'), (repeat('x', 9000), 'Huge id', 's')`,
      async ({ cli, discovered }) => {
        const seen = await discovered([...table, "--register"], 1);
        assert.equal(byId(seen), {
          a: "new",
          "row 2": "blocked ID_MISSING",
          "": "blocked ID_MISSING",
          "null-title": "blocked TITLE_MISSING",
          "blank-title": "blocked TITLE_MISSING",
          "null-body": "blocked BODY_MISSING",
          empty: "blocked BODY_EMPTY",
          blank: "blocked BODY_BLANK",
          nul: "blocked NUL_BYTE",
          latin1: "blocked INVALID_UTF8",
          twice: "blocked ID_DUPLICATE",
          twin: "blocked BODY_DUPLICATE",
          "same-title": "new TITLE_DUPLICATE",
          "long-title": "blocked TITLE_TOO_LONG",
          "huge-title": "blocked TITLE_TOO_LONG",
          ["é".repeat(500)]: "blocked ID_TOO_LONG",
          "row 18": "blocked ID_TOO_LONG",
        });
        assert.equal(
          seen.found.map(({ number }) => number),
          Array.from({ length: 18 }, (_, index) => index + 1),
        );
        assert.equal(seen.found[9]?.findings[0]?.numbers, { offset: 2 });
        assert.equal(seen.found[10]?.findings[0]?.numbers, { rows: 2 });
        assert.is(seen.summary.registered, 2);
        const accept = ["--accept", "TITLE_MISSING", "--accept", "BODY_DUPLICATE", "--register"];
        const accepted = await discovered([...table, ...accept], 1);
        assert.is(accepted.summary.registered, 3);
        const { documents } = await cli.json<{ documents: { title: string }[] }>("document", "list");
        assert.equal(documents.map(({ title }) => title).sort(), [
          "(no title) postgres:statutes/blank-title",
          "(no title) postgres:statutes/null-title",
          "A",
          "I",
          "a",
        ]);
      },
    ),
);

rows("ids, titles, names of tables and columns are data: quotes and escape sequences go nowhere", () =>
  withSource(
    `CREATE TABLE acme."sta""tute; DROP TABLE acme.victim; --" ("i d" text, "t'""" text, "b;" text);
     CREATE TABLE acme.victim (id int);
     INSERT INTO acme."sta""tute; DROP TABLE acme.victim; --" VALUES
       ($$'; DROP TABLE acme.victim; --$$, E'\\u001b]0;owned\\u0007\\u202e"''<b>', 'text 1'), ('../../etc/passwd', E'two\\nlines', 'text 2'), ('a/b%2F c?#', 'T3', 'text 3')`,
    async ({ say, discovered, owner }) => {
      const words = [
        "--name",
        "odd",
        "--table",
        'acme.sta"tute; DROP TABLE acme.victim; --',
        "--id",
        "i d",
        "--title",
        "t'\"",
        "--body",
        "b;",
      ];
      const { out } = await say(...words);
      for (const char of ["\u001b", "\u0007", "\u202e"]) assert.not.ok(out.includes(char));
      const entered = await discovered([...words, "--register"]);
      assert.equal(
        entered.found.map(({ id, title, status }) => [id, title, status]),
        [
          ["'; DROP TABLE acme.victim; --", "\u001b]0;owned\u0007\u202e\"'<b>", "new"],
          ["../../etc/passwd", "two\nlines", "new"],
          ["a/b%2F c?#", "T3", "new"],
        ],
      );
      assert.equal(new Set(entered.found.map(({ source }) => source)).size, 3);
      assert.is(entered.found[2]?.source, "postgres:odd/a%2Fb%252F%20c%3F%23");
      assert.is((await discovered([...words, "--register"])).summary.same, 3);
      await owner("SELECT * FROM acme.victim");
    },
  ),
);

rows("a query that would write, lock, or do anything but read is refused, and has done nothing", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body text); INSERT INTO acme.statute VALUES (1, 'A', 'a'); CREATE SEQUENCE acme.counter;
     CREATE FUNCTION acme.erase() RETURNS text LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN DELETE FROM acme.statute; RETURN 'gone'; END $$;
     GRANT USAGE ON SCHEMA acme TO PUBLIC; GRANT USAGE ON ALL SEQUENCES IN SCHEMA acme TO PUBLIC`,
    async ({ say, owner }) => {
      const cases: [query: string, exit: number, code: string][] = [
        ["WITH gone AS (DELETE FROM acme.statute RETURNING *) SELECT * FROM gone", 1, "QUERY_WOULD_WRITE"],
        ["SELECT id, acme.erase() AS title, body FROM acme.statute", 1, "QUERY_WOULD_WRITE"],
        ["SELECT nextval('acme.counter') AS id, title, body FROM acme.statute", 1, "QUERY_WOULD_WRITE"],
        ["SELECT id, title, body FROM acme.statute FOR UPDATE", 1, "QUERY_WOULD_WRITE"],
        [
          "SELECT id, set_config('transaction_read_only', 'off', true) AS title, body FROM acme.statute",
          1,
          "QUERY_WOULD_WRITE",
        ],
        ["SELECT id, title, body INTO acme.copy FROM acme.statute", 2, "QUERY_WRONG"],
        ["SELECT id, title, body FROM acme.statute; DELETE FROM acme.statute", 2, "QUERY_SEVERAL"],
        [
          "SELECT id, title, body FROM acme.statute) AS q; COMMIT; DELETE FROM acme.statute; SELECT (1",
          2,
          "QUERY_UNFINISHED",
        ],
        ["SELECT id, title FROM acme.statute", 2, "COLUMNS_WRONG"],
        ["SELECT id, title, body, body FROM acme.statute", 2, "COLUMNS_WRONG"],
        ["SELECT id, title, bdy AS body FROM acme.statute", 2, "QUERY_WRONG"],
        ["SELECT $1 AS id, title, body FROM acme.statute", 2, "QUERY_WRONG"],
        ["SELECT 1/0 AS id, title, body FROM acme.statute", 3, "QUERY_FAILED"],
      ];
      for (const [query, exit, code] of cases) {
        const said = await say("--name", "q", "--query", query, "--register");
        assert.match(said.err, `code ${code}`, `${query}\n${said.all}`);
        assert.is(said.exit, exit, said.all);
      }
      const left = (await owner(
        "SELECT count(*)::int AS n, to_regclass('acme.copy') AS copy, (SELECT is_called FROM acme.counter) AS called FROM acme.statute",
      )) as { rows: unknown[] };
      assert.equal(left.rows, [{ n: 1, copy: null, called: false }]);
    },
  ),
);

rows("a query may end in a comment or a semicolon, and be anything that selects", () =>
  withSource(
    "CREATE VIEW acme.laws AS SELECT 7 AS id, 'A;b'::varchar AS title, 'a'::text AS body",
    async ({ discovered }) => {
      for (const query of [
        "SELECT * FROM acme.laws -- all",
        "TABLE acme.laws;",
        "WITH a AS (TABLE acme.laws) SELECT * FROM a",
      ]) {
        assert.equal(byId(await discovered(["--name", "q", "--query", query])), { 7: "new" }, query);
      }
      const { summary } = await discovered([
        "--name",
        "q",
        "--query",
        "SELECT * FROM (VALUES (1, 'a', 'b')) AS v (id, title, body)",
      ]);
      assert.equal(summary.read, 1);
    },
  ),
);

rows("a login that could write is refused, whichever way it could; one that may not read is told so", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body text); INSERT INTO acme.statute VALUES (1, 'A', 'a');
     CREATE VIEW acme.laws AS SELECT * FROM acme.statute;
     CREATE TABLE acme.elsewhere (id int);
     CREATE ROLE groups NOINHERIT; CREATE ROLE makers CREATEROLE; CREATE ROLE runner;
     GRANT pg_execute_server_program TO runner;
     CREATE ROLE byright LOGIN; CREATE ROLE bycolumn LOGIN; CREATE ROLE byview LOGIN; CREATE ROLE bygroup LOGIN NOINHERIT; CREATE ROLE maker LOGIN; CREATE ROLE running LOGIN; CREATE ROLE stranger LOGIN; CREATE ROLE elsewhere LOGIN;
     GRANT USAGE ON SCHEMA acme TO PUBLIC; GRANT SELECT ON ALL TABLES IN SCHEMA acme TO byright, bycolumn, byview, bygroup, maker, running, elsewhere;
     GRANT TRUNCATE ON acme.statute TO byright; GRANT UPDATE (title) ON acme.statute TO bycolumn; GRANT INSERT ON acme.laws TO byview;
     GRANT DELETE ON acme.statute TO groups; GRANT groups TO bygroup; GRANT makers TO maker; GRANT runner TO running; GRANT INSERT ON acme.elsewhere TO elsewhere`,
    async ({ cli, cluster, database }) => {
      try {
        const as = (login: string, from = "acme.laws") =>
          cli.iu(["discover", cluster.url(database, login), "--name", "s", "--table", from]);
        const no: [login: string, what: RegExp][] = [
          ["admin", /The login admin is a superuser/],
          ["byright", /The login byright may TRUNCATE on acme\.statute/],
          ["bycolumn", /The login bycolumn may UPDATE on acme\.statute/],
          ["byview", /The login byview may INSERT on acme\.laws/],
          ["bygroup", /The login bygroup belongs to groups, which may DELETE on acme\.statute/],
          ["maker", /belongs to makers, which may make roles/],
          ["running", /writes files or runs programs on the server/],
        ];
        for (const [login, what] of no) {
          const said = await as(login);
          assert.is(said.exit, 1, said.all);
          assert.match(said.err, "code ROLE_CAN_WRITE");
          assert.match(said.err, what);
          assert.match(said.err, "CREATE ROLE discoverer");
        }
        const stranger = await as("stranger");
        assert.equal([stranger.exit, /code SOURCE_FORBIDDEN/.test(stranger.err)], [3, true], stranger.all);
        const nobody = await as("nobody");
        assert.equal([nobody.exit, /code SOURCE_UNAVAILABLE/.test(nobody.err)], [3, true], nobody.all);
        // What it may write is not read.
        assert.is((await as("elsewhere")).exit, 0);
      } finally {
        await cluster.admin(
          database,
          "DROP OWNED BY groups, makers, runner, byright, bycolumn, byview, bygroup, maker, running, stranger, elsewhere; DROP ROLE groups, makers, runner, byright, bycolumn, byview, bygroup, maker, running, stranger, elsewhere",
        );
      }
    },
  ),
);

rows("a slow query is given up", () =>
  withSource(
    "CREATE TABLE acme.statute (id int, title text, body text); INSERT INTO acme.statute VALUES (1, 'A', 'a')",
    async ({ say }) => {
      const slow = "SELECT id, title, body FROM acme.statute, pg_sleep(20)";
      const said = await say("--name", "q", "--query", slow, "--timeout", "1s");
      assert.is(said.exit, 3);
      assert.match(said.err, "code QUERY_TOO_SLOW");
      assert.match(said.err, "--timeout");
    },
  ),
);

rows("text is read as its bytes, whatever encoding the database has", async () => {
  const cluster = await postgresCluster();
  await cluster.admin("postgres", "CREATE DATABASE latin_source TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'; ");
  await cluster.admin("postgres", "CREATE DATABASE ascii_source TEMPLATE template0 ENCODING SQL_ASCII LOCALE 'C'");
  const values = "CREATE TABLE acme.statute (id text, title text, body text)";
  await withSourceIn(
    cluster,
    "latin_source",
    `${values}; INSERT INTO acme.statute VALUES ('é', 'Grüße', 'Straße')`,
    async ({ discovered, cli }) => {
      const { found } = await discovered([...table, "--register"]);
      assert.equal([found[0]?.id, found[0]?.title, found[0]?.length], ["é", "Grüße", 7]);
      assert.is((await cli.json<{ text: string }>("document", "show", "Grüße", "--text")).text, "Straße");
    },
  );
  // Such a database takes any bytes for text: what is UTF-8 is taken as it is, what is not is a finding, and no byte is replaced.
  const bytes = (hex: string) => `convert_from('\\x${hex}', 'SQL_ASCII')`;
  const sql = `${values}; INSERT INTO acme.statute VALUES ('utf8', ${bytes("4772c3bcc39f65")}, ${bytes("537472616fc39f65")}), ('latin1', 'T', ${bytes("4772fcdf65")}), ('title', ${bytes("fc")}, 'b'), (${bytes("fc")}, 'id', 'c')`;
  await withSourceIn(cluster, "ascii_source", sql, async ({ discovered }) => {
    const seen = await discovered([...table, "--register"], 1);
    assert.equal(byId(seen), {
      utf8: "new",
      latin1: "blocked INVALID_UTF8",
      title: "blocked TITLE_INVALID",
      "row 4": "blocked ID_INVALID",
    });
    assert.is(seen.found[0]?.title, "Grüße");
  });
});

rows("what is kept as bytes is those bytes, and what is too large is measured, not read", () =>
  withSource(
    `CREATE TABLE acme.statute (id int, title text, body bytea);
     INSERT INTO acme.statute VALUES (1, 'BOM', '\\xefbbbf410d0a'), (2, 'Large', convert_to(repeat('x', 70000000), 'UTF8')), (3, 'After', 'c')`,
    async ({ discovered, cli }) => {
      const seen = await discovered([...table, "--register"], 1);
      assert.equal(byId(seen), { 1: "new", 2: "blocked BODY_TOO_LARGE", 3: "new" });
      assert.is(seen.found[1]?.length, 70_000_000);
      const { text } = await cli.json<{ text: string }>("document", "show", "BOM", "--text");
      assert.is(
        createHash("sha256").update(text).digest("hex"),
        createHash("sha256").update("\ufeffA\r\n").digest("hex"),
      );
    },
  ),
);

rows.run();
