// `unit show` proves the text it shows: one that is not what the ledger committed to is told, and is exit code 1.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { openSqlite } from "../../../src/database/sqlite.js";
import { withCli } from "../withCli.js";

const show = suite("cli: unit show");

show("names the document; a text that was edited is a finding", () =>
  withCli(async ({ iu }) => {
    assert.is((await iu(["journey", "charter.md", "--rule", "sovereign"])).exit, 0);
    const good = await iu(["unit", "show", "chp_III__art_10"]);
    assert.is(good.exit, 0, good.err);
    assert.match(good.out, /document +Charter of the Lamplighters/);
    assert.match((await iu(["unit", "list", "--kind", "article"])).out, "Quorum and votes");
    const sql = await openSqlite(".iu-ledger/ledger.sqlite");
    // Whoever has the file can do this.
    await sql.exec("DROP TRIGGER content_update");
    await sql.exec("UPDATE content SET bytes = CAST(replace(CAST(bytes AS TEXT), 'soup', 'stew') AS BLOB)");
    await sql.close();
    const bad = await iu(["unit", "show", "chp_III__art_10"]);
    assert.is(bad.exit, 1, bad.all);
  }),
);

show.run();
