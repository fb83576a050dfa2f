// The statement of a run in every phase: what it comes to, that it agrees with itself, that it is the same whenever it is derived, and on every store.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalText } from "../../src/events/canonical.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { checkStatement } from "../../src/report/checkStatement.js";
import { renderPackage } from "../../src/report/render/renderPackage.js";
import type { Statement } from "../../src/report/Statement.js";
import { statementOf } from "../../src/report/statementOf.js";
import { forge } from "../replay/attempt.js";
import { openedUpInMemory } from "../replay/openedUp.js";
import { withPostgresLedger } from "../store/withPostgresLedger.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { signerOfName, smallStatute, type Until } from "../support/governedRun.js";
import { goOn, measured, type Reported, reportedRun, reportOn } from "./reported.js";

const report = suite("report: statementOf");

const stepOf = ({ predicate }: Statement, id: string) => predicate.steps.find((one) => one.id === id);
const attested = ({ predicate }: Statement, id: string) => predicate.attestations.find((one) => one.id === id);

/** Which steps have passed once a run has come so far. */
const passed: Readonly<Record<Until, readonly string[]>> = {
  opened: ["opened"],
  assessed: ["opened", "assessed"],
  planned: ["opened", "assessed", "planned"],
  rehearsed: ["opened", "assessed", "planned", "dry-run"],
  cut: ["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut"],
  recorded: ["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut", "leg-b"],
  verified: ["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut", "leg-b", "verify"],
  reviewed: ["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut", "leg-b", "verify", "reviewed"],
  enacted: [
    ...["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut", "leg-b", "verify", "reviewed"],
    ...["SG_2", "enacted"],
  ],
  compensated: [
    ...["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut", "leg-b", "verify", "reviewed"],
    ...["SG_2", "enacted", "compensation-plan", "SG_C", "compensated"],
  ],
  "compensation-recorded": [
    ...["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut", "leg-b", "verify", "reviewed"],
    ...["SG_2", "enacted", "compensation-plan", "SG_C", "compensated", "compensation-b"],
  ],
  reverted: [
    ...["opened", "assessed", "planned", "dry-run", "SG_1", "armed", "cut", "leg-b", "verify", "reviewed"],
    ...["SG_2", "enacted", "compensation-plan", "SG_C", "compensated", "compensation-b", "compensation-verify"],
  ],
};

for (const until of Object.keys(passed) as Until[]) {
  report(`a run that is ${until}`, async () => {
    const reported = await reportedRun({ until });
    const statement = await reportOn(reported, reported.store, reported.runId);
    const { predicate } = statement;
    const whole = until === "enacted" || until === "reverted" ? "PASS" : "NOT_RUN";
    assert.is(predicate.verdict, whole);
    assert.is(predicate.run.phase, until);
    assert.equal(
      predicate.steps.filter(({ verdict }) => verdict === "PASS").map(({ id }) => id),
      [...passed[until], "not-held"],
    );
    assert.equal(
      predicate.attestations.filter(({ verdict }) => verdict === "FAIL"),
      [],
    );
    for (const { id, verdict, looked } of predicate.attestations) assert.is(verdict === "NOT_RUN", looked === 0, id);
    assert.equal(checkStatement(statement), []);
    assert.is(renderPackage(statement).length, 11);
    assert.is(predicate.next === null, until === "enacted" || until === "reverted");
  });
}

report("derived again, and of an earlier size when there is more, the bytes are the same", async () => {
  const reported = await reportedRun({ until: "verified" });
  const { store, runId } = reported;
  const first = canonicalText(await reportOn(reported, store, runId));
  assert.is(canonicalText(await reportOn(reported, store, runId)), first);
  const { size } = await store.head();
  await reported.advance(runId, "enacted");
  const now = await reportOn(reported, store, runId);
  assert.is(now.predicate.verdict, "PASS");
  assert.is(canonicalText(await reportOn(reported, store, runId, { size })), first);
});

report("after its text was erased with authority it is the same, and a new one says where", async () => {
  const reported = await reportedRun();
  const { store, runId } = reported;
  const before = await reportOn(reported, store, runId);
  const { size } = await store.head();
  const { content } = before.predicate.run;
  const redaction = reported.newId();
  await reported.done("RequestRedaction", { redaction, contents: [content], reason: "a name in it" }, "carl");
  const subject = (await store.readStream(`redaction-${redaction}`, 0)).map(
    ({ bytes }) => JSON.parse(Buffer.from(bytes).toString()).data.subject,
  )[0] as string;
  await reported.done("RuleRedaction", { redaction, outcome: "approved", subject, reason: "so ruled" }, "bela");
  const olga = signerOfName("olga");
  const person = { kind: "human", name: "Olga", roles: ["operator"], responsible: "olga" } as const;
  const key = publicKeyOf(olga.privateKey);
  await reported.done("RegisterPrincipal", { principal: "olga", ...person, roles: [...person.roles], key }, "ada");
  const frame = { id: reported.newId(), ledger: reported.id, at: reported.now() };
  const envelope = signCommand("RedactContent", { redaction }, frame, olga);
  assert.is((await reported.ledger.submit(envelope)).kind, "committed");
  await store.content.erase(content);
  const again = await reportOn(reported, store, runId, { size });
  assert.is(canonicalText(again), canonicalText(before));
  const after = await reportOn(reported, store, runId);
  assert.is(after.predicate.verdict, "PASS");
  assert.is(attested(after, "erased-by-ruling")?.looked, 1);
  assert.type(after.predicate.source.revisions[0]?.erased, "number");
  assert.equal(checkStatement(after), []);
});

report("a rehearsal passes by what a rehearsal must do", async () => {
  const reported = await reportedRun({ until: "rehearsed", mode: "rehearsal" });
  const statement = await reportOn(reported, reported.store, reported.runId);
  assert.is(statement.predicate.verdict, "PASS");
  assert.is(stepOf(statement, "SG_1")?.mandatory, false);
  assert.equal(checkStatement(statement), []);
});

report("held, released, abandoned", async () => {
  const reported = await reportedRun({ until: "planned" });
  const { store, runId: run } = reported;
  await reported.done("HoldRun", { run, reason: "the annex | is missing" }, "rhea");
  const held = await reportOn(reported, store, run);
  assert.is(held.predicate.verdict, "HOLD");
  assert.is(held.predicate.run.hold?.causedBy, "rhea");
  assert.equal(checkStatement(held), []);
  await reported.done("ReleaseHold", { run, reason: "found" }, "carl");
  const released = await reportOn(reported, store, run);
  assert.is(released.predicate.verdict, "NOT_RUN");
  assert.equal(
    [attested(released, "stopped-while-held")?.verdict, attested(released, "stopped-while-held")?.looked],
    ["PASS", 1],
  );
  await reported.done("AbandonRun", { run, reason: "no longer wanted" }, "carl");
  const abandoned = await reportOn(reported, store, run);
  assert.equal(
    [abandoned.predicate.verdict, abandoned.predicate.run.phase, abandoned.predicate.next],
    ["NOT_RUN", "abandoned", null],
  );
  assert.equal(checkStatement(abandoned), []);
});

report("a run taken back before it was enacted passes by what it had come to", async () => {
  const reported = await reportedRun({ until: "recorded" });
  const { store, runId: run } = reported;
  await reported.done("PlanCompensation", { run, reason: "wrong text" }, "otto");
  await reported.done("Compensate", { run }, "otto");
  await reported.done("RecordCompensationB", { run }, "wanda");
  const open = await reportOn(reported, store, run);
  assert.is(open.predicate.verdict, "NOT_RUN");
  await reported.done("VerifyCompensation", { run }, "vera");
  const statement = await reportOn(reported, store, run);
  assert.is(statement.predicate.verdict, "PASS");
  assert.equal([stepOf(statement, "enacted")?.mandatory, stepOf(statement, "SG_C")?.mandatory], [false, false]);
  assert.is(attested(statement, "compensated-under-plan")?.verdict, "PASS");
  assert.equal(checkStatement(statement), []);
});

report("a second version: what changed, what was in force before and is now; the first cannot go first", async () => {
  const reported = await reportedRun();
  const { store, runId: first, document } = reported;
  const text = Buffer.from(smallStatute.toString().replace("thirty days", "forty days"));
  await reported.done("ReviseDocument", { document, content: await reported.putContent(text) }, "carl");
  const run = reported.newId();
  await reported.done("OpenRun", { run, document, mode: "live" }, "otto");
  await goOn(reported, run, "enacted");
  const { predicate } = await reportOn(reported, store, run);
  assert.is(predicate.verdict, "PASS");
  assert.equal([predicate.versions.before, predicate.versions.now], [first, run]);
  assert.equal(predicate.cut?.classes, { unchanged: 9, amend: 1 });
  assert.equal(
    predicate.cut?.changed.map(({ class: became }) => became),
    ["amend"],
  );
  assert.is(attested(await reportOn(reported, store, run), "enacted-under-approval")?.looked, 1);
  const old = await reportOn(reported, store, first);
  assert.equal(
    [old.predicate.verdict, old.predicate.versions.now, old.predicate.compensation.dependents],
    ["PASS", run, [run]],
  );
  assert.equal(checkStatement(old), []);
});

report("an approval that has lapsed as of the instant asked about opens nothing", async () => {
  const reported = await reportedRun({ until: "rehearsed" });
  const { store, runId: run } = reported;
  await reported.done("RequestGate", { run, kind: "SG_1" }, "otto");
  const [gate] = (await reported.state(run)).gates;
  const ruling = {
    run,
    gate: "SG_1/1",
    outcome: "approved" as const,
    subject: gate?.subject ?? "",
    acknowledge: [],
    reason: "good",
  };
  await reported.done("RuleGate", ruling, "bela");
  const now = await reportOn(reported, store, run);
  assert.is(stepOf(now, "SG_1")?.verdict, "PASS");
  const later = await reportOn(reported, store, run, { asOf: "2026-03-01T00:00:00.000Z" });
  assert.is(stepOf(later, "SG_1")?.verdict, "NOT_RUN");
  assert.is(later.predicate.matrix?.blockers.find(({ name }) => name === "SG_1 approved")?.code, "GATE_EXPIRED");
  assert.equal(checkStatement(later), []);
});

report("where the policy asks for backup and audit they are asked of the run", async () => {
  const reported = await reportedRun({ until: "rehearsed" });
  const { store, runId: run } = reported;
  await reported.done(
    "AdoptPolicy",
    { policy: { ...embeddedPolicy, backupHoursMax: 24, grantAuditHoursMax: 24 } },
    "ada",
  );
  const statement = await reportOn(reported, store, run);
  assert.equal(
    ["backup", "grant-audit"].map((id) => [stepOf(statement, id)?.mandatory, stepOf(statement, id)?.verdict]),
    [
      [true, "NOT_RUN"],
      [true, "NOT_RUN"],
    ],
  );
  assert.equal(checkStatement(statement), []);
});

report("a dry run whose proof compared no table is no pass", async () => {
  const reported = await reportedRun({ until: "planned" });
  await reported.done(
    "DryRun",
    {
      run: reported.runId,
      nonMutation: {
        ...measured,
        before: { ...measured.before, tables: {} },
        after: { ...measured.after, tables: {} },
      },
    },
    "otto",
  );
  await reported.advance(reported.runId, "enacted");
  const { predicate } = await reportOn(reported, reported.store, reported.runId);
  assert.is(predicate.verdict, "INCONCLUSIVE");
  assert.is(predicate.nonMutation.find(({ operation }) => operation === "dry-run")?.verdict, "INCONCLUSIVE");
});

report("a cut and a way back in several chunks: each event of them is looked at", async () => {
  const articles = Array.from({ length: 600 }, (_, i) => `Article ${i + 1}. The ${i + 1}th rule.`);
  const bytes = Buffer.from(`Rules\n\n${articles.join("\n\n")}\n`);
  const reported = await reportedRun({ until: "reverted", bytes });
  const statement = await reportOn(reported, reported.store, reported.runId);
  const { predicate } = statement;
  assert.is(predicate.verdict, "PASS");
  const units = predicate.cut?.units ?? 0;
  assert.ok(units > 600);
  assert.equal(
    ["cut-under-approval", "cut-while-armed", "compensated-under-plan"].map((id) => attested(statement, id)?.looked),
    [units + 2, units + 2, units + 2],
  );
  assert.equal(checkStatement(statement), []);
});

report(
  "a proof that is recorded is told with its counts; one that says better of itself than it measured is FAIL",
  async () => {
    const reported = await reportedRun();
    const { runId: run } = reported;
    const ledger = await openedUpInMemory(reported.store);
    const counts = { units: 10, unitVersions: 10, lifecycleEntries: 30, size: 30, root: "ab".repeat(32) };
    const record = (operation: string, verdict: string, after: Record<string, unknown>, control = true) =>
      forge(ledger, reported.sign("HoldRun", { run, reason: "stands for another" }, "rhea"), "rhea", [
        {
          stream: `proof-${run}`,
          type: "ProofRecorded",
          data: {
            run,
            operation,
            verdict,
            report: "12".repeat(32),
            reportContent: "34".repeat(32),
            at: "2026-01-05T09:33:00.000Z",
            engine: "sqlite",
            before: counts,
            after,
            differs: [],
            control,
          },
        },
      ]);
    const found = async (operation: string) => {
      const { predicate } = await reportOn(reported, ledger.store, run);
      return [predicate.nonMutation.find((one) => one.operation === operation)?.verdict, predicate.verdict];
    };
    await record("verify", "PASS", counts);
    assert.equal(await found("verify"), ["PASS", "PASS"]);
    await record("plan", "INCONCLUSIVE", { ...counts, size: 31 });
    assert.equal(await found("plan"), ["INCONCLUSIVE", "PASS"], "nothing asks for it");
    await record("plan", "PASS", { ...counts, units: 11 });
    assert.equal(await found("plan"), ["FAIL", "FAIL"]);
    await record("plan", "PASS", counts);
    assert.equal(await found("plan"), ["PASS", "PASS"], "the newest counts");
    await record("verify", "PASS", counts, false);
    assert.equal(await found("verify"), ["FAIL", "FAIL"]);
  },
);

report("what cannot be derived is refused, with the numbers", async () => {
  const reported = await reportedRun({ until: "opened" });
  const { store, runId: run, signers } = reported;
  const signer = { principal: "rhea", key: publicKeyOf(signers.rhea.privateKey) };
  const codeOf = async (options: Parameters<typeof statementOf>[1]) => {
    const outcome = await statementOf(store, options);
    return outcome.kind === "refused" ? outcome.code : outcome.kind;
  };
  assert.is(await codeOf({ run: reported.newId(), signer }), "RUN_UNKNOWN");
  assert.is(await codeOf({ run, signer, size: 0 }), "SIZE_MISSING");
  assert.is(await codeOf({ run, signer, size: 9999 }), "SIZE_MISSING");
  assert.is(await codeOf({ run, signer, size: 12 }), "RUN_UNKNOWN");
  assert.is(await codeOf({ run, signer, asOf: "2020-01-01T00:00:00.000Z" }), "INSTANT_TOO_EARLY");
  assert.is(await codeOf({ run, signer: { principal: "vera", key: signer.key } }), "KEY_UNKNOWN");
  await reported.done("RevokePrincipal", { principal: "rhea", reason: "left" }, "ada");
  assert.is(await codeOf({ run, signer }), "KEY_UNKNOWN");
});

/** The same people, times and ids: the same events on another store, so the same statement. */
async function sameThere(there: Reported): Promise<void> {
  const here = await reportedRun();
  const [a, b] = [await reportOn(here, here.store, here.runId), await reportOn(there, there.store, there.runId)];
  assert.is(canonicalText(b), canonicalText(a));
}

report("SQLite gives the bytes that memory gives", () =>
  withSqliteFile(async (file) => sameThere(await reportedRun({ store: await file.open() }))),
);

report("Postgres gives them too", () =>
  withPostgresLedger(async (place) => sameThere(await reportedRun({ store: await place.open() }))),
);

report.run();
