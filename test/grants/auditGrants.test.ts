// Whole audits are in auditGrants.slow.test.ts; here is what needs none: how an answer is judged, and where there is nothing to audit.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { auditGrants } from "../../src/grants/auditGrants.js";
import { judged } from "../../src/grants/tryActs.js";
import { StoreError } from "../../src/ledger/Store.js";
import { caught } from "../store/opened.js";
import { withPostgresLedger } from "../store/withPostgresLedger.js";

const test = suite("grant audit");
const now = () => "2026-01-05T09:30:00.000Z";

test("an answer is judged by its code alone: only a missing right denies, a lock that is not given decides nothing", () => {
  const outcome = (kind: "forbidden" | "needed", state: string | null, proof?: string) =>
    judged(
      "iu_reader",
      { act: "x", kind, ...(proof === undefined ? {} : { state: proof }) },
      { state, message: "said" },
    ).outcome;
  assert.equal(
    [
      ["42501", "PASS"],
      [null, "FAIL"],
      ["IU001", "FAIL"],
      ["23502", "FAIL"],
      ["55P03", "INCONCLUSIVE"],
      ["57014", "INCONCLUSIVE"],
      ["42P01", "NOT_RUN"],
      ["42601", "NOT_RUN"],
    ].filter(([state, expected]) => outcome("forbidden", state ?? null) !== expected),
    [],
  );
  assert.is(outcome("needed", null), "PASS");
  assert.is(outcome("needed", "42501"), "FAIL");
  assert.is(outcome("needed", "IU002", "IU002"), "PASS");
  assert.is(outcome("needed", null, "IU002"), "FAIL");
  assert.is(outcome("needed", "55P03"), "INCONCLUSIVE");
});

test("where there is no ledger there is nothing to audit, and it is said", async () => {
  await withPostgresLedger(async ({ url, open }) => {
    const error = await caught(() => auditGrants(url, { now }));
    assert.ok(error instanceof StoreError && error.code === "NOT_A_LEDGER", String(error));
    await open();
    const empty = await caught(() => auditGrants(url, { now }));
    assert.ok(empty instanceof StoreError && /no first event/.test(empty.message));
  });
});

test.run();
