// Whether words are one SELECT: what hides a semicolon is no end, and what is no SELECT is said in plain words before anything is sent.
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { oneSelect } from "../../src/discover/oneSelect.js";
import { SourceError } from "../../src/discover/SourceError.js";
import { holds } from "../support/property.js";

const select = suite("discover: one SELECT");

/** The code of the refusal, or the query that was let through. */
function judged(query: string): string {
  try {
    return oneSelect(query);
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    assert.is(error.kind, "malformed");
    assert.match(error.next, /SELECT/);
    return error.code;
  }
}

select("one SELECT is let through, whatever its strings, names and comments hold", () => {
  for (const query of [
    "SELECT id, title, body FROM law",
    "  select 1 AS id",
    "WITH a AS (SELECT 1) SELECT * FROM a",
    "(SELECT 1) UNION (SELECT 2)",
    "TABLE law",
    "VALUES (1, 'a', 'b')",
    "SELECT 'a;b', 'it''s; fine', E'a\\';b', U&'\\0441;', \"na;me\" FROM t",
    "SELECT $$a;b'$$, $tag$ ; $$ ; $tag$ FROM t",
    "SELECT 1 -- ; DROP TABLE law\n FROM t",
    "SELECT 1 /* ; /* nested ; */ ; */ FROM t",
    "SELECT a$1, $1 FROM t",
  ])
    assert.is(judged(query), query);
  assert.is(judged("SELECT 1 ; -- that was it\n /* all */ "), "SELECT 1 ");
});

select("everything else is refused by name", () => {
  const cases: [string, string][] = [
    ["", "QUERY_EMPTY"],
    [" -- nothing", "QUERY_EMPTY"],
    [";", "QUERY_EMPTY"],
    ["DELETE FROM law", "QUERY_NOT_SELECT"],
    ["UPDATE law SET body = ''", "QUERY_NOT_SELECT"],
    ["COPY law TO PROGRAM 'sh'", "QUERY_NOT_SELECT"],
    ["EXPLAIN ANALYZE DELETE FROM law", "QUERY_NOT_SELECT"],
    ["DO $$ BEGIN END $$", "QUERY_NOT_SELECT"],
    ["SELECT 1; DELETE FROM law", "QUERY_SEVERAL"],
    ["SELECT 1; COMMIT", "QUERY_SEVERAL"],
    ["SELECT 1;;", "QUERY_SEVERAL"],
    ["SELECT 'a", "QUERY_UNFINISHED"],
    ["SELECT 'a''", "QUERY_UNFINISHED"],
    ['SELECT "a', "QUERY_UNFINISHED"],
    ["SELECT $a$ $b$", "QUERY_UNFINISHED"],
    ["SELECT 1 /* /* */", "QUERY_UNFINISHED"],
    ["SELECT (1", "QUERY_UNFINISHED"],
    ["SELECT 1) AS q; DELETE FROM law; --", "QUERY_UNFINISHED"],
  ];
  for (const [query, code] of cases) assert.is(judged(query), code, query);
});

select("random pieces: what is let through never has a statement behind its semicolon", () => {
  const piece = fc.constantFrom(
    "SELECT",
    " ",
    ";",
    "'",
    '"',
    "$$",
    "$a$",
    "--",
    "\n",
    "/*",
    "*/",
    "(",
    ")",
    "x",
    "E'",
    "\\",
  );
  const law = fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
    const query = pieces.join("");
    const through = judged(query);
    if (/^QUERY_/.test(through)) return;
    assert.ok(query.startsWith(through));
    const rest = query.slice(through.length);
    assert.ok(rest === "" || rest.startsWith(";"), query);
    // Once it is let through it is one SELECT by itself too.
    assert.is(judged(through), through);
  });
  holds(law, 500);
});

select.run();
