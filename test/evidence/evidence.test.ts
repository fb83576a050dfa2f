/** Evidence: what is packed convinces somebody with nothing but the log's key, and nothing in it can be changed, left out or added unnoticed. */
import * as fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { redactionSubject } from "../../commands/redaction.js";
import { evidencePage } from "../../src/cli/evidence/page.js";
import { canonicalText } from "../../src/events/canonical.js";
import { checkEvidence, type EvidenceReport } from "../../src/evidence/checkEvidence.js";
import { type Evidence, readEvidence } from "../../src/evidence/Evidence.js";
import { gather } from "../../src/evidence/gather.js";
import { generateSigner, publicKeyOf } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { shippedWriter } from "../../src/replay/shippedWriter.js";
import { formatVkey } from "../../src/tlog/noteKey.js";
import { planInclusion, prove } from "../../src/tlog/proof.js";
import { signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { hashLeaf, hashNode } from "../../src/tlog/tree.js";
import { type GovernedLedger, governedRun, smallStatute } from "../support/governedRun.js";
import { holdsAsync } from "../support/property.js";
import { signerOf } from "../tlog/keys.js";

const test = suite("evidence");
const origin = "ledger.example/room";
const logKey = signerOf(origin);

/** Packs runs of a ledger as it is now, under a checkpoint signed now. */
async function packed(
  governed: GovernedLedger,
  runs: readonly string[],
  unit: string | null = null,
): Promise<Evidence> {
  const { store } = governed;
  const { size, root } = await store.head();
  const leaves = (await store.read(0, size)).map(({ bytes }) => hashLeaf(bytes));
  const over = (start: number, end: number): Uint8Array => {
    if (end - start === 1) return leaves[start] as Uint8Array;
    let split = 1;
    while (split * 2 < end - start) split *= 2;
    return hashNode(over(start, start + split), over(start + split, end));
  };
  return gather({
    store,
    ledger: governed.id,
    subject: { runs: [...runs], unit },
    checkpoint: { note: signCheckpoint({ origin, size, root: Buffer.from(root, "hex") }, logKey), size, origin },
    prove: async (position) =>
      prove(planInclusion(position, size), ({ level, index }) => over(index * 2 ** level, (index + 1) * 2 ** level)),
    made: { program: "0.0.0", node: "v20.20.0", platform: "linux-x64" },
  });
}

const checked = (evidence: Evidence, vkey = true): Promise<EvidenceReport> =>
  checkEvidence(evidence, { ...(vkey ? { vkey: logKey } : {}), writerSource: shippedWriter });

/** Every finding, for a message. */
const said = ({ checks }: EvidenceReport): string =>
  checks
    .flatMap(({ name, findings }) => findings.map(({ position, message }) => `${name} at ${position}: ${message}`))
    .join("\n");

async function passes(evidence: Evidence): Promise<EvidenceReport> {
  const report = await checked(evidence);
  assert.is(report.verdict, "PASS", said(report));
  return report;
}

let told: Promise<GovernedLedger & { readonly runId: string; readonly document: string }> | undefined;
const story = () => {
  told ??= governedRun({ until: "enacted" });
  return told;
};

test("an enacted run: nothing else of the ledger is needed, and it survives the way through the page", async () => {
  const governed = await story();
  const other = await governed.run({
    bytes: Buffer.concat([smallStatute, Buffer.from("\nArticle 9. More.\n")]),
    until: "cut",
  });
  const evidence = await packed(governed, [governed.runId]);
  const report = await passes(evidence);
  for (const { name, verdict, assertions } of report.checks) assert.ok(verdict === "PASS" && assertions > 0, name);
  assert.not.ok(canonicalText(evidence).includes(`run-${other.run}"`), "another run is nobody's business here");
  const read = readEvidence(Buffer.from(evidencePage(evidence), "utf8"));
  assert.ok(read.ok && canonicalText(read.evidence) === canonicalText(evidence));
});

test("runs in every phase, held, rehearsed, compensated; a second revision stands on the first", async () => {
  for (const until of ["opened", "planned", "cut", "verified", "compensated", "reverted"] as const) {
    const governed = await governedRun({ until });
    await passes(await packed(governed, [governed.runId]));
  }
  const governed = await governedRun({ until: "cut" });
  await governed.done("HoldRun", { run: governed.runId, reason: "<script>alert(1)</script>\u001b[31m" }, "rhea");
  const evidence = await packed(governed, [governed.runId]);
  await passes(evidence);
  const page = evidencePage(evidence);
  assert.match(page, /<h3>HOLD<\/h3>/);
  assert.not.ok(page.includes("<script>alert") || page.includes("\u001b"), "what others wrote is text");
  assert.is(page.match(/<script/g)?.length, 1, "the data, and nothing that runs");

  const second = await governedRun({ until: "enacted" });
  const content = await second.putContent(Buffer.concat([smallStatute, Buffer.from(" \n")]));
  await second.done("ReviseDocument", { document: second.document, content }, "carl");
  const next = await second.run({ document: second.document, until: "enacted" });
  const both = await packed(second, [next.run]);
  assert.ok(canonicalText(both).includes(`run-${second.runId}`), "what the transition was made from is there");
  await passes(both);
  const { units } = await second.state(next.run);
  await passes(await packed(second, [second.runId, next.run], units[0]?.unit ?? null));
});

test("a run whose text was erased by authority: what needs it is counted, everything else is checked", async () => {
  const governed = await governedRun({ until: "verified" });
  const { content } = await governed.state(governed.runId);
  const operator = generateSigner("opal");
  const opal = {
    principal: "opal",
    kind: "human",
    name: "Opal",
    roles: ["operator" as const],
    responsible: "opal",
  } as const;
  await governed.done(
    "RegisterPrincipal",
    { ...opal, roles: [...opal.roles], key: publicKeyOf(operator.privateKey) },
    "ada",
  );
  const redaction = governed.newId();
  const asked = { redaction, contents: [content], reason: "A court said so." };
  await governed.done("RequestRedaction", asked, "carl");
  await governed.done(
    "RuleRedaction",
    { redaction, outcome: "approved", subject: redactionSubject(asked), reason: "It did." },
    "bela",
  );
  const frame = { id: governed.newId(), ledger: governed.id, at: governed.now() };
  await governed.ledger.submit(signCommand("RedactContent", { redaction }, frame, operator));
  await governed.store.content.erase(content);
  const evidence = await packed(governed, [governed.runId]);
  const report = await passes(evidence);
  assert.match(report.checks.find(({ name }) => name === "state-machine")?.note ?? "", /redacted with authority/);
  assert.not.ok(canonicalText(evidence).includes(smallStatute.toString("base64").slice(0, 60)));
});

test("without a pinned key the pack's own is used, and that is said; without any it is no evidence", async () => {
  const governed = await governedRun({ until: "opened" });
  const none = await checked(await packed(governed, [governed.runId]), false);
  assert.is(none.verdict, "FAIL");
  await governed.done("AdoptLogKey", { vkey: formatVkey(logKey) }, "ada");
  const own = await checked(await packed(governed, [governed.runId]), false);
  assert.is(own.verdict, "PASS", said(own));
  assert.match(own.checks[0]?.note ?? "", /pin it/);
  const evidence = await packed(governed, [governed.runId]);
  const other = await checkEvidence(evidence, { vkey: signerOf(origin, "other"), writerSource: shippedWriter });
  assert.is(other.verdict, "FAIL");
});

/** One way to change a value: each leaf of it, some of its parts left out or doubled. */
function changed(value: unknown, path: readonly number[], how: number): unknown {
  if (Array.isArray(value)) {
    if (value.length === 0) return [null];
    const at = (path[0] ?? 0) % value.length;
    if (path.length <= 1 && how % 3 === 0) return value.filter((_, i) => i !== at);
    if (path.length <= 1 && how % 3 === 1) return [...value.slice(0, at + 1), ...value.slice(at)];
    return value.map((one, i) => (i === at ? changed(one, path.slice(1), how) : one));
  }
  if (typeof value === "object" && value !== null) {
    const keys = Object.keys(value);
    const key = keys[(path[0] ?? 0) % keys.length] ?? "";
    return { ...value, [key]: changed((value as Record<string, unknown>)[key], path.slice(1), how) };
  }
  if (typeof value === "number") return value + 1;
  if (typeof value === "boolean") return !value;
  if (typeof value !== "string") return "x";
  const at = value.length === 0 ? 0 : (path[0] ?? 0) % value.length;
  const other = value[at] === "a" ? "b" : "a";
  return value.slice(0, at) + other + value.slice(at + 1);
}

test("whatever is changed in a pack, it does not pass", async () => {
  const governed = await story();
  const evidence = await packed(governed, [governed.runId]);
  // Not what an outsider relies on: who made the file, where. Which run was meant is the asker's word.
  const { made, subject, ...rest } = evidence;
  const law = fc.asyncProperty(fc.array(fc.nat(), { minLength: 6, maxLength: 6 }), fc.nat(2), async (path, how) => {
    const tampered = { ...(changed(rest, path, how) as typeof rest), made, subject };
    if (canonicalText(tampered as never) === canonicalText(evidence as never)) return;
    // Whether a command outside of the runs had more to say is that command's business; of those of the runs it is decided again.
    if (canonicalText(allDone(tampered) as never) === canonicalText(allDone(evidence) as never)) return;
    const read = readEvidence(Buffer.from(evidenceFile(tampered), "utf8"));
    if (!read.ok) return;
    const report = await checked(read.evidence);
    assert.is(report.verdict, "FAIL", `${path.join(",")} ${how}`);
  });
  await holdsAsync(law, 60);
});

test("the end of a run left out cannot be proven away: what is shown says up to where, and what that leaves open", async () => {
  const governed = await governedRun({ until: "reverted" });
  const whole = await packed(governed, [governed.runId]);
  const full = await passes(whole);
  const stream = `run-${governed.runId}`;
  const types = whole.events.map(({ position, leaf }) => ({
    position,
    ...(JSON.parse(leaf) as { type: string; stream: string }),
  }));
  assert.is(full.upTo, types.findLast((one) => one.stream === stream)?.position);
  const enacted = types.find(({ type }) => type === "RunEnacted")?.position ?? -1;
  // What the command that enacted it wrote goes in whole: a part of a command that is torn is found.
  const end = Math.max(
    ...whole.commands
      .flatMap(({ parts }) => parts)
      .filter(({ position }) => position <= enacted)
      .map(({ position, count }) => position + count),
  );
  const commands = whole.commands.map((one) => ({
    ...one,
    parts: one.parts.filter((part) => part.position < end),
  }));
  const tailless: Evidence = {
    ...whole,
    events: whole.events.filter(({ position }) => position < end),
    commands: commands.filter(({ parts }) => parts.length > 0),
  };
  const report = await passes(tailless);
  assert.is(report.upTo, enacted);
  assert.equal(report.runs, [{ run: governed.runId, upTo: enacted }]);
  const note = report.checks.find(({ name }) => name === "streams")?.note ?? "";
  assert.match(
    note,
    new RegExp(
      `^up to position ${enacted} of the run; that nothing .* checkpoint of ${report.size} events, only somebody`,
    ),
  );
  const page = evidencePage(tailless);
  assert.match(page, new RegExp(`State at position ${enacted}</dt><dd>enacted<`));
  assert.ok(page.includes(`up to position ${enacted} of the run; that nothing of it was left out`));
  assert.match(page, /only somebody who has the log can say\. A unit may have had other runs/);
});

test("a unit is in each of the runs it is shown through, cut or repealed; another run is none of its", async () => {
  const governed = await governedRun({ until: "enacted" });
  const { units } = await governed.state(governed.runId);
  const last = units.at(-1)?.unit ?? "";
  const shorter = await governed.putContent(smallStatute.subarray(0, units.at(-1)?.span.start ?? 0));
  await governed.done("ReviseDocument", { document: governed.document, content: shorter }, "carl");
  const next = await governed.run({ document: governed.document, until: "cut" });
  const after = await governed.state(next.run);
  assert.ok(after.repeals.some(({ unit }) => unit === last) && !after.units.some(({ unit }) => unit === last));
  const evidence = await packed(governed, [governed.runId, next.run], last);
  const report = await passes(evidence);
  assert.is(report.runs.length, 2);
  assert.match(evidencePage(evidence), /Other runs of the unit may exist/);

  const nobodys = { ...evidence, subject: { ...evidence.subject, unit: governed.newId() } };
  const found = (await checked(nobodys)).checks.find(({ name }) => name === "streams");
  assert.is(found?.verdict, "FAIL");
  assert.is(found?.findings.length, 2);
  assert.match(found?.findings[0]?.message ?? "", /holds no unit/);
  const other = await governed.run({
    bytes: Buffer.concat([smallStatute, Buffer.from("\nArticle 9. More.\n")]),
    until: "cut",
  });
  const mixed = await checked(await packed(governed, [governed.runId, other.run], last));
  assert.is(mixed.verdict, "FAIL");
  assert.equal(
    mixed.checks.flatMap(({ name, findings }) => findings.map(({ stream }) => [name, stream])),
    [["streams", `run-${other.run}`]],
  );
});

function allDone(evidence: Evidence): Evidence {
  const { commands } = evidence;
  if (!Array.isArray(commands)) return evidence;
  const done = (part: unknown) =>
    typeof part === "object" && part !== null && "last" in part ? { ...part, last: typeof part.last } : part;
  return {
    ...evidence,
    commands: commands.map((one) => (Array.isArray(one?.parts) ? { ...one, parts: one.parts.map(done) } : one)),
  } as Evidence;
}

/** The least file that a pack can stand in. */
function evidenceFile(evidence: Evidence): string {
  const data = canonicalText(evidence as never).replaceAll("<", "\\u003c");
  return `<script type="application/json" id="evidence">${data}</script>`;
}

test("a file that is no pack is told by what is wrong with it", () => {
  const why = (text: string | Uint8Array) => {
    const read = readEvidence(typeof text === "string" ? Buffer.from(text) : text);
    return read.ok ? "fine" : read.message;
  };
  const open = '<script type="application/json" id="evidence">';
  assert.is(why(Uint8Array.of(0xff)), "the file is not UTF-8");
  assert.is(why("<p>Nothing.</p>"), "there is no evidence in it");
  assert.is(why(`${open}{}</script>${open}{}</script>`), "there are two evidences in it");
  assert.match(why(`${open}{"a":1,"a":2}</script>`), /not JSON/);
  assert.match(why(`${open}{}</script>`), /not of its format: format/);
});

test.run();
