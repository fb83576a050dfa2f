// `grants audit` where there are no grants: a SQLite file. What it says then, and what it never says: PASS.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { isCanonical } from "../../src/events/canonical.js";
import { grantAuditReport } from "../../src/events/grantAudit.js";
import { withCli } from "./withCli.js";

const grants = suite("cli: grants audit of a file");

grants("a SQLite file has no grants: NOT_RUN, who may read and write the file, and what that means", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    const { exit, out } = await iu(["grants", "audit"]);
    assert.is(exit, 1);
    for (const words of [
      /^Grant audit: NOT_RUN {2}a SQLite file/,
      /no roles and no grants/,
      /mode \d{3}/,
      /leave it at none/,
    ])
      assert.match(out, words);
    const json = await iu(["grants", "audit", "--json"]);
    assert.ok(isCanonical(json.out.trimEnd()));
    const report = grantAuditReport.parse(JSON.parse(json.out));
    assert.equal([report.verdict, report.engine, report.head.size], ["NOT_RUN", "sqlite", 14]);
  }),
);

grants("it is not recorded, and logins have no meaning there", () =>
  withCli(async ({ iu }) => {
    await iu(["init"]);
    const record = await iu(["grants", "audit", "--record"]);
    assert.equal([record.exit, /NO_GRANTS/.test(record.err)], [1, true]);
    const login = await iu(["grants", "audit", "--login", "iu_reader=postgres://x"]);
    assert.equal([login.exit, /NOT_POSTGRES/.test(login.err)], [2, true]);
    const missing = await iu(["grants", "audit", "--ledger", "nowhere.sqlite"]);
    assert.is(missing.exit, 3);
  }),
);

grants.run();
