/** A ledger to prove things on, of either kind: its runs, its proofs with something happening meanwhile, and what holds for both kinds. */
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { canonicalText } from "../../src/events/canonical.js";
import { type ProofReport, type ProvenOperation, proofReport } from "../../src/events/proof.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { measureProven } from "../../src/proving/measureProven.js";
import { proveOperation } from "../../src/proving/proveOperation.js";
import type { LedgerStore } from "../../src/store/openStore.js";
import type { GovernedLedger, Until } from "../support/governedRun.js";

export interface Room {
  readonly governed: GovernedLedger;
  readonly store: LedgerStore;
  /** The ledger again, for reading only. */
  reading(): Promise<LedgerStore>;
  /** A run as far as `until`, with current read models. */
  runUntil(until: Until): Promise<string>;
  /** Proves; `meanwhile` happens while the operation runs. */
  prove(run: string, operation: ProvenOperation, meanwhile?: () => Promise<unknown>): Promise<ProofReport>;
}

export function roomOf(governed: GovernedLedger, store: LedgerStore, reading: () => Promise<LedgerStore>): Room {
  return {
    governed,
    store,
    reading,
    async runUntil(until) {
      const { run } = await governed.run({ until });
      await catchUp(store, store.sql);
      return run;
    },
    async prove(run, operation, meanwhile = async () => undefined) {
      const read = await reading();
      let done = false;
      // The operation asks for states first: that is when it happens.
      const hooked: LedgerStore = {
        ...read,
        async readStream(...asked) {
          if (!done) {
            done = true;
            await meanwhile();
          }
          return read.readStream(...asked);
        },
      };
      const proved = await proveOperation(operation, run, {
        ledger: governed.id,
        reading: hooked,
        scratch: store.sql,
        now: governed.now,
        actor: { principal: "vera", keyid: governed.signers.vera.keyid },
      });
      if (proved.kind === "refused") throw new Error(`${proved.code}: ${proved.message}`);
      assert.ok(done, "the operation asked for nothing");
      return proved.report;
    },
  };
}

const ready: readonly (readonly [ProvenOperation, Until])[] = [
  ["plan", "assessed"],
  ["dry-run", "planned"],
  ["verify", "recorded"],
  ["compensation-plan", "enacted"],
];

export function operationsPass(test: Test, withRoom: (use: (room: Room) => Promise<void>) => Promise<void>): void {
  test("each operation passes, and what it would have written is nowhere", () =>
    withRoom(async ({ runUntil, prove, store, reading }) => {
      for (const [operation, until] of ready) {
        const run = await runUntil(until);
        const before = await measureProven(store.sql, store);
        const report = await prove(run, operation);
        assert.is(report.verdict, "PASS", `${operation}: ${report.differs}`);
        assert.equal(await measureProven(store.sql, store), before);
        assert.ok(report.outcome.facts > 0 && report.session.readOnly);
        assert.ok(report.control.detected && report.control.expected.length > 20);
        proofReport.parse(report);
        canonicalText(report);
      }
      const read = await reading();
      const wrong = {
        ledger: "x",
        reading: read,
        scratch: store.sql,
        now: () => "2026-01-05T09:30:00.000Z",
        actor: { principal: "vera", keyid: "x" },
      };
      const refused = await proveOperation("verify", "00000000-0000-4000-8000-000000000000", wrong);
      assert.is(refused.kind === "refused" && refused.code, "RUN_UNKNOWN");
    }));

  test("a head that moves meanwhile decides nothing, whatever differs", () =>
    withRoom(async ({ runUntil, prove, governed }) => {
      const run = await runUntil("assessed");
      const { verdict, differs } = await prove(run, "plan", () => governed.register(Buffer.from("Another text.")));
      assert.is(verdict, "INCONCLUSIVE");
      assert.ok(differs.includes("size") && differs.includes("root") && differs.includes("tables.event"));
    }));
}
