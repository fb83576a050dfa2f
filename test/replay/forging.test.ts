// Forging what was said: signatures, envelopes, acts of those who may not, or not yet, or no longer. One test per way in.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { StoredEvent } from "../../src/ledger/Store.js";
import { type Attempt, forge, forged, has, only, wayIn as register, setEnvelope } from "./attempt.js";
import { parsed } from "./openedUp.js";

const forging = suite("forging");
const wayIn = (name: string, attack: (attempt: Attempt) => Promise<void>) => register(forging, name, attack);

wayIn("a signature, forged", async (attempt) => {
  const position = await attempt.at("DocumentRegistered");
  await setEnvelope(attempt.ledger, position, forged);
  has(await attempt.findings("signatures"), { position, field: "command.digest", rule: "SIGNATURE_WRONG" });
  has(await attempt.findings("signatures"), { position, field: "command.digest", rule: "signed envelope" });
});

wayIn("a signature, forged, with the event and the chain made to fit", async (attempt) => {
  const position = await attempt.at("DocumentRegistered");
  await setEnvelope(attempt.ledger, position, forged, true);
  await only(attempt, ["signatures", "state-machine"]);
  has(await attempt.findings("signatures"), { position, field: "command.digest", rule: "SIGNATURE_WRONG" });
});

wayIn("an envelope, replaced by another of the same actor", async (attempt) => {
  const { ledger, governed } = attempt;
  const position = await attempt.at("DocumentRegistered");
  const { data } = parsed((await ledger.events())[position] as StoredEvent);
  const other = governed.sign(
    "RegisterDocument",
    { document: governed.newId(), title: "Another", source: null, content: data["content"] as string },
    "carl",
  );
  await setEnvelope(ledger, position, () => other);
  has(await attempt.findings("signatures"), { position, field: "command.id", rule: "signed envelope" });
  has(await attempt.findings("signatures"), { position, field: "command.digest" });
});

wayIn("a command's row, taken away", async (attempt) => {
  const position = await attempt.at("GateRuled");
  const commands = await attempt.ledger.commands();
  await attempt.ledger.setCommands(commands.filter(({ parts }) => parts[0]?.position !== position));
  has(await attempt.findings("signatures"), { position, field: "command", rule: "signed command" });
});

wayIn("a ruling by an agent with its real key, everything else in order", async (attempt) => {
  const { governed, ledger, run } = attempt;
  await governed.done("ReviewRun", { run, note: "fine" }, "rhea").catch(() => undefined);
  const ruling = {
    run,
    gate: "SG_1/1",
    outcome: "approved" as const,
    subject: "00".repeat(32),
    acknowledge: [],
    reason: "trust me",
  };
  const envelope = governed.sign("RuleGate", ruling, "otto");
  const { acknowledge: _, ...said } = ruling;
  const data = { ...said, kind: "SG_1", acknowledged: [], expires: "2026-12-31T00:00:00.000Z", ruledBy: "otto" };
  const position = await forge(ledger, envelope, "otto", [{ stream: `run-${run}`, type: "GateRuled", data }]);
  has(await attempt.findings("signatures"), { position, stream: `run-${run}`, field: "actor", rule: "HUMAN_REQUIRED" });
  has(await attempt.findings("state-machine"), { position, rule: "HUMAN_REQUIRED" });
  for (const fine of ["canonical-bytes", "schema", "positions", "chain", "root"] as const)
    assert.equal(await attempt.findings(fine), []);
});

wayIn("an enactment by the right human before its time", async (attempt) => {
  const { governed, ledger, run } = attempt;
  const envelope = governed.sign("EnactRun", { run }, "ada");
  const position = await forge(ledger, envelope, "ada", [
    { stream: `run-${run}`, type: "RunEnacted", data: { run, gate: "SG_2/1", units: 3 } },
  ]);
  assert.equal(await attempt.findings("signatures"), []);
  has(await attempt.findings("state-machine"), { position, field: "type", rule: "WRONG_PHASE" });
});

wayIn("a command of somebody whose role was taken away before", async (attempt) => {
  const { governed, ledger, run } = attempt;
  const revoke = governed.sign("RevokePrincipal", { principal: "rhea", reason: "left" }, "ada");
  await forge(ledger, revoke, "ada", [
    { stream: "principal-rhea", type: "PrincipalRevoked", data: { principal: "rhea", reason: "left" } },
  ]);
  const review = governed.sign("ReviewRun", { run, note: "still here" }, "rhea");
  const position = await forge(ledger, review, "rhea", [
    { stream: `run-${run}`, type: "RunReviewed", data: { run, note: "still here" } },
  ]);
  const findings = await attempt.findings("signatures");
  has(findings, { position, field: "actor", rule: "PRINCIPAL_REVOKED" });
  assert.is(findings.length, 1);
});

wayIn("a ledger that another sovereign opened", async (attempt) => {
  const { keyid } = attempt.governed.signers.ada;
  await only(attempt, [], { rootKeyid: keyid });
  has(await attempt.findings("signatures", { rootKeyid: "0123456789abcdef" }), { position: 0, rule: "root key" });
});

wayIn("a record of a backup that was never of this ledger, by an operator with its real key", async (attempt) => {
  const { governed, ledger } = attempt;
  const head = await ledger.store.head();
  const said = {
    file: "ab".repeat(32),
    length: 9,
    contents: 0,
    absent: 0,
    projections: "cd".repeat(32),
    recipients: [],
  };
  const data = { ...said, size: head.size - 2, root: "ef".repeat(32) };
  const envelope = governed.sign("DisarmExecution", { run: null, reason: "stands for a record" }, "otto");
  await forge(ledger, envelope, "otto", [{ stream: "backup-ledger", type: "BackupRecorded", data }]);
  const [finding] = await attempt.findings("root");
  assert.is(finding?.rule, "known head");
  assert.ok(finding?.message.includes(`the backup recorded at position ${head.size} says`));
});

forging.run();
