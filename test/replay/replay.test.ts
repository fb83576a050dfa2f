// What replay promises of its report, on ledgers that nobody tampered with and on stores that give trouble.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Store, StoreError } from "../../src/ledger/Store.js";
import { checkNames, type ReplayReport } from "../../src/replay/Check.js";
import type { ComparedDatabase } from "../../src/replay/checkDatabase.js";
import type { ComparedTable } from "../../src/replay/checkProjections.js";
import { formatReport } from "../../src/replay/formatReport.js";
import { leafOf } from "../../src/replay/Leaf.js";
import { replay } from "../../src/replay/replay.js";
import { streamTails } from "../../src/replay/streamTails.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { type GovernedLedger, governedLedger, governedRun, smallStatute } from "../support/governedRun.js";
import { change, openedUpInMemory } from "./openedUp.js";

const replaying = suite("replay");

const sameTables = async (): Promise<ComparedTable[]> => [
  { table: "unit", rows: 3, live: "aa", rebuilt: "aa", differs: [] },
];
const sameDatabase = async (): Promise<ComparedDatabase> => ({ objects: 2, differs: [] });
/** The means of the checks that a store in memory does not give. */
const means = { projections: sameTables, database: sameDatabase };

function verdicts({ checks }: ReplayReport): Record<string, string> {
  return Object.fromEntries(checks.map(({ name, verdict }) => [name, verdict]));
}

async function passes(governed: GovernedLedger): Promise<void> {
  const report = await replay(governed.store, means);
  assert.equal(
    report.checks.flatMap(({ findings }) => findings),
    [],
  );
  assert.is(report.verdict, "PASS");
}

replaying("a whole run, cut, enacted and reverted, passes every check", async () => {
  const governed = await governedRun({ until: "reverted" });
  const report = await replay(governed.store, means);
  assert.is(report.verdict, "PASS");
  assert.equal(
    report.checks.map(({ name }) => name),
    checkNames.filter((name) => name !== "copy"),
  );
  // No checkpoint was signed.
  const run = report.checks.filter(({ name }) => name !== "checkpoints");
  assert.ok(run.every(({ verdict, assertions }) => verdict === "PASS" && assertions > 0));
  const notes = run.filter(({ note }) => note !== null);
  assert.equal(
    notes.map(({ name }) => name),
    ["root"],
  );
  assert.is(
    notes[0]?.note,
    `no outside root was given: a tail cut off with its head, or a history rewritten with every key, cannot be noticed; keep ${report.size}:${report.root} and give it with --expect`,
  );
  const knownHeads = [{ size: report.size, root: report.root, from: "a friend" }];
  const vouched = await replay(governed.store, { ...means, knownHeads });
  const heard = vouched.checks.filter(({ name }) => name !== "checkpoints");
  assert.ok(heard.every(({ verdict, note }) => verdict === "PASS" && note === null));
  assert.equal({ size: report.size, root: report.root }, await governed.store.head());
});

replaying("an empty ledger is not a pass: there was nothing to audit", async () => {
  const report = await replay(memoryStore(), { projections: async () => [] });
  assert.is(report.verdict, "NOT_RUN");
  assert.is(report.size, 0);
  assert.is(verdicts(report)["root"], "PASS");
});

replaying("a check with nothing to look at is NOT_RUN by name and holds nothing back", async () => {
  const governed = await governedLedger();
  const report = await replay(governed.store, means);
  assert.is(verdicts(report)["content"], "NOT_RUN");
  assert.is(report.checks.find(({ name }) => name === "content")?.note, "nothing on this ledger for it to look at");
  assert.is(report.verdict, "PASS");
});

replaying("a check that was left out, or whose means were not given, keeps the whole from passing", async () => {
  const governed = await governedRun({ until: "planned" });
  const some = await replay(governed.store, { checks: ["chain", "content"] });
  assert.is(some.verdict, "NOT_RUN");
  const ran = some.checks.filter(({ verdict }) => verdict === "PASS").map(({ name }) => name);
  assert.equal(ran, ["chain", "content"]);
  assert.is((await replay(governed.store)).verdict, "NOT_RUN");
});

replaying("runs one after another, on several documents and on a revised one", async () => {
  const governed = await governedLedger();
  const { document } = await governed.run();
  await governed.run({
    bytes: Buffer.from("# Rules\n\n## One\n\nBe kind.\n\n## Two\n\nBe brief.\n"),
    until: "reviewed",
  });
  const content = await governed.putContent(
    Buffer.from(`${smallStatute.toString()}\nArticle 6. The room closes at nine.\n`),
  );
  await governed.done("ReviseDocument", { document, content }, "carl");
  await governed.run({ document, until: "enacted" });
  await passes(governed);
});

replaying("a cut in several chunks, decided part by part, across pages", async () => {
  const articles = Array.from({ length: 1_100 }, (_, i) => `Article ${i + 1}. Text ${i + 1}.\n`).join("\n");
  const governed = await governedRun({ bytes: Buffer.from(`A Long Statute\n\n${articles}`), until: "reverted" });
  const seen: number[] = [];
  const { size, verdict } = await replay(governed.store, {
    ...means,
    onProgress: ({ position }) => seen.push(position),
  });
  assert.is(verdict, "PASS");
  assert.ok(size > 2_200);
  assert.equal(seen, [2_000, size]);
});

replaying("refusals are decided again too, also those for content that came later", async () => {
  const governed = await governedRun({ until: "planned" });
  const { runId: run, document } = governed;
  assert.is((await governed.submit("ExecuteCut", { run }, "otto")).kind, "refused");
  assert.is((await governed.submit("ReviewRun", { run, note: "?" }, "otto")).kind, "refused");
  assert.is(
    (await governed.submit("OpenRun", { run: governed.newId(), document, mode: "live" }, "otto")).kind,
    "refused",
  );
  // Refused for want of content; then the content is put, and the ledger still says so.
  const other = await governedLedger();
  const content = await other.putContent(Buffer.from("Article 1. One.\n"));
  const kept = await other.store.content.get(content);
  const early = governed.sign(
    "RegisterDocument",
    { document: governed.newId(), title: "Early", source: null, content },
    "carl",
  );
  assert.is((await governed.ledger.submit(early)).kind, "refused");
  await governed.store.content.put(content, kept as { salt: Uint8Array; bytes: Uint8Array });
  await passes(governed);
});

replaying(
  "keys rotated, writers retired, somebody revoked: each event is judged by what was in force then",
  async () => {
    const governed = await governedRun({ until: "verified" });
    await governed.done("RevokePrincipal", { principal: "vera", reason: "left" }, "ada");
    await governed.done("RetireWriter", { name: "verify", version: 1, reason: "a new one comes" }, "bela");
    await passes(governed);
  },
);

replaying("findings are capped and counted", async () => {
  const governed = await governedRun({ until: "cut" });
  const ledger = await openedUpInMemory(governed.store);
  const { size } = await ledger.store.head();
  for (let position = 0; position < size; position++) {
    await change(ledger, position, (event) => ({ ...event, bytes: Buffer.concat([event.bytes, Buffer.from(" ")]) }));
  }
  const { checks } = await replay(ledger.store, { findingsMax: 5 });
  const bytes = checks[0];
  assert.is(bytes?.findings.length, 5);
  assert.is(bytes?.more, size - 5);
});

replaying("a store that cannot be read is thrown, not reported", async () => {
  const governed = await governedRun({ until: "opened" });
  const gone = new StoreError("UNAVAILABLE", "gone", { next: "wait" });
  const store: Store = { ...governed.store, read: () => Promise.reject(gone) };
  const thrown = await replay(store).then(
    () => null,
    (error: unknown) => error,
  );
  assert.is(thrown, gone);
});

replaying("a head that cannot be read is a finding", async () => {
  const governed = await governedRun({ until: "opened" });
  const corrupt = new StoreError("CORRUPT", "the ledger has lost its head", { next: "run replay" });
  const report = await replay({ ...governed.store, head: () => Promise.reject(corrupt) });
  assert.is(report.verdict, "FAIL");
  assert.is(verdicts(report)["root"], "FAIL");
});

replaying("a head that claims events nobody has ends the reading in time", async () => {
  const governed = await governedRun({ until: "opened" });
  const { size } = await governed.store.head();
  const claimed = 2 ** 50;
  const store: Store = {
    ...governed.store,
    head: async () => ({ size: claimed, root: "00".repeat(32) }),
    read: (from, limit) => governed.store.read(from, limit),
  };
  const report = await replay(store, { checks: ["positions", "root"], findingsMax: 1 });
  assert.is(report.verdict, "FAIL");
  assert.is(report.checks.find(({ name }) => name === "positions")?.findings[0]?.position, size);
});

replaying("stops between two pages when it is told to", async () => {
  const governed = await governedRun({ until: "opened" });
  const reason = new Error("enough");
  const thrown = await replay(governed.store, { signal: AbortSignal.abort(reason) }).then(
    () => null,
    (error: unknown) => error,
  );
  assert.is(thrown, reason);
});

replaying("a table that differs from its rebuild is named, with the row", async () => {
  const governed = await governedRun({ until: "opened" });
  const differs = [{ key: "art_1", column: "label", message: "2; rebuilt 1" }];
  const report = await replay(governed.store, {
    projections: async () => [
      { table: "unit", rows: 3, live: "aa", rebuilt: "bb", differs },
      { table: "gate", rows: 1, live: "aa", rebuilt: "bb", differs: [] },
    ],
  });
  const { findings } = report.checks.find(({ name }) => name === "projections") as ReplayReport["checks"][number];
  assert.equal(
    findings.map(({ field, rule }) => [field, rule]),
    [
      ["unit.label", "rebuilt"],
      ["gate", "rebuilt"],
    ],
  );
});

replaying("what a stream's end was is looked up again once it is forgotten", async () => {
  const governed = await governedRun({ until: "cut" });
  const events = (await governed.store.read(0, 1_000)).map(leafOf);
  const small = streamTails(governed.store, 1);
  const large = streamTails(governed.store);
  for (const leaf of events) {
    assert.equal(await small.before(leaf), await large.before(leaf), `position ${leaf.position}`);
    small.note(leaf);
    large.note(leaf);
  }
});

replaying("the report for people: a table, then each finding with its place", async () => {
  const governed = await governedRun({ until: "opened" });
  const whole = formatReport(await replay(governed.store, means));
  assert.match(whole[0] as string, /^check +verdict +compared +what$/);
  assert.match(whole[1] as string, /^canonical-bytes +PASS +\d+ {2}every event is canonical JSON$/);
  assert.match(whole.at(-3) as string, /^PASS: \d+ events, nothing wrong\.$/);
  assert.match(whole.at(-2) as string, /^root [0-9a-f]{64}$/);
  assert.match(
    whole.at(-1) as string,
    /^No outside root was given: .*; keep \d+:[0-9a-f]{64} and give it with --expect$/,
  );
  const ledger = await openedUpInMemory(governed.store);
  await change(ledger, 3, (event) => ({ ...event, bytes: Buffer.from("{") }));
  const failed = formatReport(await replay(ledger.store));
  assert.ok(failed.includes("canonical-bytes: 1 finding"));
  assert.ok(failed.some((line) => /^ {2}position 3 · \S+ · bytes$/.test(line)));
  assert.ok(failed.includes("    RFC 8785: byte 1: expected a key in double quotes"));
  assert.match(failed.at(-2) as string, /^FAIL: /);
});

replaying.run();
