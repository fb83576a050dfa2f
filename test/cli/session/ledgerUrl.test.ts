// Where a ledger is: what is opened, and what is printed.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Stop } from "../../../src/cli/output/Problem.js";
import { ledgerFolder, ledgerUrl, postgresBeside, shownLedger } from "../../../src/cli/session/ledgerUrl.js";

const test = suite("where a ledger is");

test("paths and Postgres databases are opened, other kinds refused by name", () => {
  assert.is(ledgerUrl("sqlite:a/b.db"), "a/b.db");
  assert.is(ledgerUrl("a/b.db"), "a/b.db");
  assert.is(ledgerUrl("postgres://u@h/d"), "postgres://u@h/d");
  assert.is(ledgerUrl("postgresql://u@h/d"), "postgresql://u@h/d");
  assert.throws(() => ledgerUrl("mysql://h/d"), /no store for mysql/);
  assert.is(ledgerFolder("sqlite:a/b.db"), "a");
  assert.is(ledgerFolder("postgres://u@h/d"), undefined);
  assert.is(ledgerUrl("esdb://u@h?stream=iu-acme"), "esdb://u@h?stream=iu-acme");
  assert.is(ledgerUrl("esdb+discover://h"), "esdb+discover://h");
  assert.is(ledgerFolder("esdb://h"), undefined);
});

test("a ledger on EventStoreDB has a Postgres database beside it, and no other has", () => {
  const code = (...words: Parameters<typeof postgresBeside>) => {
    try {
      return postgresBeside(...words);
    } catch (error) {
      return (error as Stop).problem.code;
    }
  };
  assert.is(code("esdb://h", "postgres://p/d", "postgres://other/d"), "postgres://p/d");
  assert.is(code("esdb://h", undefined, "postgres://p/d"), "postgres://p/d");
  assert.is(code("esdb://h", undefined, undefined), "POSTGRES_MISSING");
  assert.is(code("esdb://h", "mysql://p/d", undefined), "POSTGRES_MALFORMED");
  assert.is(code("ledger.sqlite", undefined, "postgres://p/d"), undefined);
  assert.is(code("ledger.sqlite", "postgres://p/d", undefined), "POSTGRES_UNWANTED");
  assert.is(code("postgres://h/d", "postgres://p/d", undefined), "POSTGRES_UNWANTED");
});

test("a password is never printed", () => {
  assert.is(shownLedger("esdb://u:secret@h:2113?tls=true"), "esdb://u@h:2113?tls=true");
  assert.is(shownLedger("esdb+discover://u:secret@h"), "esdb+discover://u@h");
  assert.is(shownLedger("postgres://u:se:cr@et@h:5432/d?sslmode=require"), "postgres://u@h:5432/d?sslmode=require");
  assert.is(shownLedger("postgres://u:secret@h/d"), "postgres://u@h/d");
  assert.is(shownLedger("postgres://:secret@h/d"), "postgres://@h/d");
  assert.is(
    shownLedger("postgres://h/d?user=u&password=secret&sslmode=require"),
    "postgres://h/d?user=u&sslmode=require",
  );
  assert.is(shownLedger("postgres://h/d?password=secret"), "postgres://h/d");
  assert.is(shownLedger("postgres://u@h:5432/d"), "postgres://u@h:5432/d");
  assert.is(shownLedger("a:b/c@d.sqlite"), "a:b/c@d.sqlite");
});

test.run();
