// Where a ledger is: what is opened, and what is printed.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ledgerFolder, ledgerUrl, shownLedger } from "../../../src/cli/session/ledgerUrl.js";

const test = suite("where a ledger is");

test("paths and Postgres databases are opened, other kinds refused by name", () => {
  assert.is(ledgerUrl("sqlite:a/b.db"), "a/b.db");
  assert.is(ledgerUrl("a/b.db"), "a/b.db");
  assert.is(ledgerUrl("postgres://u@h/d"), "postgres://u@h/d");
  assert.is(ledgerUrl("postgresql://u@h/d"), "postgresql://u@h/d");
  assert.throws(() => ledgerUrl("mysql://h/d"), /no store for mysql/);
  assert.is(ledgerFolder("sqlite:a/b.db"), "a");
  assert.is(ledgerFolder("postgres://u@h/d"), undefined);
});

test("a password is never printed", () => {
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
