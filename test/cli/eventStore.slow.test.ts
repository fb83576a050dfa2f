// A governed run on EventStoreDB from the first command to the replay, by the command line; what it says when something is missing.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { withEventStoreLedger } from "../store/eventstore/withEventStoreLedger.js";
import { withCli } from "./withCli.js";

const test = suite("command line: eventstoredb");

interface Report {
  readonly size: number;
  readonly root: string;
  readonly verdict: string;
  readonly checks: readonly {
    readonly name: string;
    readonly verdict: string;
    readonly assertions: number;
    readonly findings: readonly { readonly position: number | null; readonly field: string | null }[];
  }[];
}

test("the whole way on a document, and back; then replay compares cluster, copy and read models", () =>
  withEventStoreLedger(({ url, postgres, postgresCluster, database, otherPostgres }) =>
    withCli(async ({ iu }) => {
      // The journey goes by the system's clock, the commands of these tests by one of their own.
      const replayed = async (...words: string[]) => {
        const now = new Date(Date.now() + 1_000).toISOString();
        return JSON.parse((await iu([...words, "--json", "replay"], { now })).out) as Report;
      };
      const place = ["--ledger", url, "--postgres", postgres, "--keys", "keys"];
      const journey = await iu([...place, "journey", "charter.md", "--rule", "sovereign", "--compensate"]);
      assert.is(journey.exit, 0, journey.all);
      assert.match(journey.out, "✓ PASS:");

      const replay = await replayed(...place);
      assert.is(replay.verdict, "PASS", JSON.stringify(replay.checks, null, 1));
      const copy = replay.checks.find(({ name }) => name === "copy");
      assert.is(copy?.verdict, "PASS");
      assert.is(copy?.assertions, replay.size);

      // The same ledger from the cluster alone, into a new database: the same root. Content lies with the first.
      const elsewhere = ["--ledger", url, "--postgres", await otherPostgres(), "--keys", "keys"];
      const again = await replayed(...elsewhere);
      assert.is(again.root, replay.root);
      assert.is(again.checks.find(({ name }) => name === "copy")?.verdict, "PASS");

      // The copy by itself: read and replayed, never written.
      const alone = ["--ledger", postgres, "--keys", "keys"];
      assert.is((await iu([...alone, "run", "list"])).exit, 0);
      assert.is((await replayed(...alone)).root, replay.root);
      const refused = await iu([...alone, "document", "add", "charter-rev2.md"]);
      assert.is(refused.exit, 3);
      assert.match(refused.err, "is the copy of iu-test-");

      // A copy that somebody changed is found, and named.
      await postgresCluster.admin(
        database,
        `ALTER TABLE iu.command DISABLE TRIGGER ALL;
         UPDATE iu.command SET envelope = envelope || '\\x20' WHERE part = 0 AND position = (SELECT max(position) FROM iu.command WHERE part = 0);
         ALTER TABLE iu.command ENABLE ALWAYS TRIGGER command_kept`,
      );
      const damaged = await replayed(...place);
      assert.is(damaged.verdict, "FAIL");
      const findings = damaged.checks.find(({ name }) => name === "copy")?.findings ?? [];
      assert.equal(
        findings.map(({ field }) => field),
        ["envelope"],
      );
    }),
  ));

test("what is missing is said: the database, the ledger, the server", () =>
  withEventStoreLedger(({ url, postgres, standIn }) =>
    withCli(async ({ iu }) => {
      const missing = await iu(["--ledger", url, "run", "list"]);
      assert.is(missing.exit, 2);
      assert.match(missing.err, "POSTGRES_MISSING");
      assert.match(missing.err, "IU_POSTGRES");
      const unwanted = await iu(["--ledger", "ledger.sqlite", "--postgres", postgres, "run", "list"]);
      assert.is(unwanted.exit, 2);
      assert.match(unwanted.err, "POSTGRES_UNWANTED");
      const none = await iu(["--ledger", url, "run", "list"], { environment: { IU_POSTGRES: postgres } });
      assert.is(none.exit, 3);
      assert.match(none.err, "NOT_A_LEDGER");
      assert.match(none.err, "init");
      const server = standIn();
      await server.stop();
      const away = await iu(["--ledger", url, "--postgres", postgres, "run", "list"]);
      assert.is(away.exit, 3);
      assert.match(away.err, "UNAVAILABLE");
      assert.match(away.err, "Look whether the cluster is up");
    }),
  ));

test.run();
