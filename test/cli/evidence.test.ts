// Evidence on the command line: up to where a run is shown, and what becomes of a page that nothing was compared with.
import { readFileSync, writeFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withCli } from "./withCli.js";

const evidence = suite("cli: evidence");

interface Checked {
  readonly verdict: string;
  readonly page: string;
  readonly size: number;
  readonly upTo: number;
}

evidence(
  "a page of another release is no PASS, unless only the data is asked for; a page that was changed never is",
  () =>
    withCli(async (cli) => {
      assert.is((await cli.iu(["journey", "charter.md", "--rule", "sovereign"])).exit, 0);
      const [{ run }] = (await cli.json<{ runs: [{ run: string }] }>("run", "list")).runs;
      // The journey goes by this machine's clock.
      const now = new Date().toISOString();
      for (const words of [
        ["log", "key"],
        ["log", "checkpoint"],
        ["evidence", "pack", run, "--out", "run.html"],
      ]) {
        const said = await cli.iu(words, { now });
        assert.is(said.exit, 0, said.all);
      }
      const same = await cli.json<Checked>("evidence", "check", "run.html");
      assert.equal([same.verdict, same.page], ["PASS", "same"]);
      assert.ok(same.upTo < same.size);
      const good = await cli.iu(["evidence", "check", "run.html"]);
      assert.is(good.exit, 0, good.all);
      assert.match(
        good.out.replace(/\s+/g, " "),
        new RegExp(`holds up to position ${same.upTo} of the run; that nothing`),
      );
      assert.not.match(good.out, /as of/);

      const page = readFileSync("run.html", "utf8");
      const line = page.split("\n").find((one) => one.startsWith('<script type="application/json"')) ?? "";
      const lie = "<p>This run was never reverted.</p>";
      writeFileSync("other.html", `${lie}\n${line.replace(/("made":\{[^}]*"program":")[^"]*"/, '$10.0.1"')}\n`);
      const other = await cli.iu(["evidence", "check", "other.html"]);
      assert.is(other.exit, 1);
      assert.match(other.out, /page: not checked\. It says it was made by iu-ledger 0\.0\.1/);
      assert.match(other.out, /--data-only/);
      assert.match(other.out, /NOT_RUN: do not rely on this file/);
      const { verdict, page: says } = await cli.json<Checked>("evidence", "check", "other.html");
      assert.equal([verdict, says], ["NOT_RUN", "of another release"]);
      const data = await cli.iu(["evidence", "check", "other.html", "--data-only"]);
      assert.is(data.exit, 0, data.all);
      assert.match(data.out, /The page was NOT checked and must not be relied on/);
      assert.is((await cli.json<Checked>("evidence", "check", "other.html", "--data-only")).page, "not checked");

      writeFileSync("changed.html", page.replace("<h1>", `${lie}<h1>`));
      const changed = await cli.iu(["evidence", "check", "changed.html"]);
      assert.is(changed.exit, 1);
      assert.match(changed.out, /FAIL: do not rely on this file/);
    }),
);

evidence.run();
