// Keys over time: each event is judged by the keys in force where it stands. A key signs from the event that brings it to the one that ends it,
// two of them together while they overlap; and what was signed then stays good for ever.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { publicKeyOf, type Signer, signerFromSeed } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import type { Result } from "../../src/ledger/Decision.js";
import { replay } from "../../src/replay/replay.js";
import { type Attempt, forge, has, wayIn as register } from "./attempt.js";

const test = suite("keys over time");
const wayIn = (name: string, attack: (attempt: Attempt) => Promise<void>) => register(test, name, attack);
const fresh = signerFromSeed("vera", new Uint8Array(32).fill(0x5e));

/** What vera says with a key of hers: switching something off, which anyone may and which changes nothing. */
function said({ governed }: Attempt, signer: Signer): Uint8Array {
  const frame = { id: governed.newId(), ledger: governed.id, at: governed.now() };
  return signCommand("DisarmExecution", { run: null, reason: "to be sure" }, frame, signer);
}

const codeOf = (result: Result) => (result.kind === "refused" ? result.code : result.kind);

wayIn("rotation: before, while two keys overlap, and after, the engine and replay judge alike", async (attempt) => {
  const { governed } = attempt;
  const old = governed.signers.vera;
  const speak = async (signer: Signer) => codeOf(await governed.ledger.submit(said(attempt, signer)));
  const rotate = (retires: string[]) =>
    governed.done("RotateKey", { principal: "vera", key: publicKeyOf(fresh.privateKey), retires }, "ada");
  assert.equal([await speak(old), await speak(fresh)], ["committed", "KEY_UNKNOWN"]);
  await rotate([]);
  assert.equal([await speak(old), await speak(fresh)], ["committed", "committed"]);
  await rotate([old.keyid]);
  assert.equal([await speak(old), await speak(fresh)], ["KEY_UNKNOWN", "committed"]);
  await governed.done("RevokePrincipal", { principal: "vera", reason: "left" }, "ada");
  assert.equal([await speak(old), await speak(fresh)], ["PRINCIPAL_REVOKED", "PRINCIPAL_REVOKED"]);
  // Four events by keys that sign no more: each was good where it stands.
  const { checks } = await replay(governed.store, { checks: ["signatures", "state-machine"] });
  for (const { name, findings, assertions } of checks.filter(({ verdict }) => verdict !== "NOT_RUN")) {
    assert.equal(findings, [], name);
    assert.ok(assertions > 20);
  }
  assert.is(checks.filter(({ verdict }) => verdict === "PASS").length, 2);
});

wayIn("an event signed with a key that had ended, and with one that was yet to come", async (attempt) => {
  const { governed, ledger } = attempt;
  const data = { run: null, reason: "to be sure" };
  const early = await forge(ledger, said(attempt, fresh), "vera", [
    { stream: "execution-switch", type: "ExecutionDisarmed", data },
  ]);
  const rotated = { principal: "vera", key: publicKeyOf(fresh.privateKey), retires: [governed.signers.vera.keyid] };
  await forge(ledger, governed.sign("RotateKey", rotated, "ada"), "ada", [
    { stream: "principal-vera", type: "KeyRotated", data: rotated },
    { stream: `key-${fresh.keyid}`, type: "KeyBound", data: { keyid: fresh.keyid, principal: "vera" } },
  ]);
  const late = await forge(ledger, said(attempt, governed.signers.vera), "vera", [
    { stream: "execution-switch", type: "ExecutionDisarmed", data },
  ]);
  const findings = await attempt.findings("signatures");
  has(findings, { position: early, field: "actor", rule: "KEY_UNKNOWN" });
  has(findings, { position: late, field: "actor", rule: "KEY_UNKNOWN" });
  assert.is(findings.length, 2);
});

wayIn("a key of another's, taken over without the owner's word", async (attempt) => {
  const { governed, ledger } = attempt;
  const taken = { principal: "vera", key: publicKeyOf(governed.signers.rhea.privateKey), retires: [] };
  const position = await forge(ledger, governed.sign("RotateKey", taken, "ada"), "ada", [
    { stream: "principal-vera", type: "KeyRotated", data: taken },
  ]);
  has(await attempt.findings("state-machine"), { position, rule: "KEY_TAKEN" });
});

test.run();
