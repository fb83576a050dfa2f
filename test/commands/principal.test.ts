/** Who may say anything at all: the opened ledger, the signature, the keys; and principals, from their first key to their revocation. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { decide } from "../../commands/decide.js";
import { principalCategory } from "../../commands/principal.js";
import { canonicalBytes, digestOf, sha256Hex } from "../../src/events/canonical.js";
import { verifyEnvelope } from "../../src/events/dsse.js";
import { publicKeyOf } from "../../src/keys/Signer.js";
import { writersLock } from "../../src/writers/lock.js";
import { ledgerId, minute, roomPolicy, run, signerOf, uuid } from "./cast.js";
import { until } from "./history.js";
import { given } from "./scenario.js";

const test = suite("principals");
const keyOf = (name: string, key = 0) => publicKeyOf(signerOf(name, key).privateKey);
const disarm = { run: null, reason: "to say anything at all" };

const opening = {
  name: "The reading room",
  origin: "ledger.example/reading-room",
  sovereign: { principal: "sofia", name: "Sofia Maar", key: keyOf("sofia") },
  policy: roomPolicy,
  writers: [...writersLock],
};

test("a ledger is opened once, with its sovereign, its policy and its writers", () => {
  given()
    .when("OpenLedger", opening, { by: "sofia", at: minute(0) })
    .thenFacts(
      { stream: "ledger-root", type: "LedgerOpened", data: { ledger: ledgerId, format: 1, origin: opening.origin } },
      {
        stream: "principal-sofia",
        type: "PrincipalRegistered",
        data: {
          principal: "sofia",
          kind: "human",
          name: "Sofia Maar",
          roles: ["sovereign", "admin"],
          responsible: "sofia",
          key: keyOf("sofia"),
        },
      },
      {
        stream: `key-${keyOf("sofia").keyid}`,
        type: "KeyBound",
        data: { keyid: keyOf("sofia").keyid, principal: "sofia" },
      },
      {
        stream: "policy-ledger",
        type: "PolicyAdopted",
        data: { policy: roomPolicy, digest: digestOf(roomPolicy) },
      },
      ...writersLock.map((data) => ({ stream: `writer-${data.name}`, type: "WriterRatified", data })),
    );
});

test("opening again is refused, and since anyone can sign it, leaves no trace", () => {
  until("open").when("OpenLedger", opening, "sofia").thenRefused("LEDGER_OPEN", { ledger: ledgerId }, false);
  const stranger = { ...opening, sovereign: { principal: "eve", name: "Eve", key: keyOf("eve") } };
  until("open")
    .when("OpenLedger", stranger, { by: signerOf("eve") })
    .thenRefused("LEDGER_OPEN", { ledger: ledgerId }, false);
});

test("the first command must be signed by the sovereign it names, with the key it brings", () => {
  const { keyid } = keyOf("sofia", 1);
  const refusedAs = (actor: string, key: string) => ["SIGNATURE_WRONG", { actor, keyid: key }, false] as const;
  given()
    .when("OpenLedger", opening, { by: signerOf("sofia", 1) })
    .thenRefused(...refusedAs("sofia", keyid));
  given()
    .when("OpenLedger", opening, { by: { ...signerOf("sofia", 1), keyid: keyOf("sofia").keyid } })
    .thenRefused(...refusedAs("sofia", keyOf("sofia").keyid));
  given()
    .when("OpenLedger", opening, { by: "sofia", actor: "sam" })
    .thenRefused(...refusedAs("sam", keyOf("sofia").keyid));
  const named = {
    ...opening,
    sovereign: { ...opening.sovereign, key: { ...keyOf("sofia", 1), keyid: keyOf("sofia").keyid } },
  };
  given()
    .when("OpenLedger", named, "sofia")
    .thenRefused(...refusedAs("sofia", keyOf("sofia").keyid));
});

test("a ledger that is not open hears nobody", () => {
  given().when("DisarmExecution", disarm, "sofia").thenRefused("LEDGER_NOT_OPEN", {}, false);
});

/** Encodings of points of small order (orders 1, 2, 4, 8), one written with y beyond the field, and bytes that are no point. */
const weak = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000080",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0200000000000000000000000000000000000000000000000000000000000000",
];

test("a key that binds nobody is refused wherever a key comes in", () => {
  for (const hex of weak) {
    const bytes = Buffer.from(hex, "hex");
    const key = { keyid: sha256Hex(bytes).slice(0, 16), public: bytes.toString("base64") };
    const numbers = { keyid: key.keyid };
    const nora = {
      principal: "nora",
      kind: "human" as const,
      name: "Nora",
      roles: ["reviewer" as const],
      responsible: "nora",
    };
    until("open")
      .when("RegisterPrincipal", { ...nora, key }, "ada")
      .thenRefused("KEY_WEAK", numbers);
    until("open").when("RotateKey", { principal: "otto", key, retires: [] }, "ada").thenRefused("KEY_WEAK", numbers);
  }
});

test("a ledger is not opened with a key under which anyone can sign", () => {
  // The neutral point: R = [s]B verifies for every message, whatever s is; here s = 0.
  const bytes = Buffer.from(weak[0] as string, "hex");
  const key = { keyid: sha256Hex(bytes).slice(0, 16), public: bytes.toString("base64") };
  const data = { ...opening, sovereign: { ...opening.sovereign, key } };
  const frame = {
    schema: 1,
    id: uuid(0x77),
    type: "OpenLedger",
    ledger: ledgerId,
    actor: "sofia",
    at: minute(0),
    cause: null,
  };
  const signature = Buffer.concat([bytes, Buffer.alloc(32)]);
  const command = { ...frame, data };
  const payload = canonicalBytes(command);
  assert.ok(verifyEnvelope({ payload, keyid: key.keyid, signature }, key.public), "node:crypto takes it");
  const decision = decide({ command, payload, keyid: key.keyid, signature }, given().world(minute(0)));
  assert.ok(decision.kind === "refused");
  assert.equal([decision.code, decision.record], ["KEY_WEAK", false]);
});

test("a command counts when it is signed: a day later it has expired, and before its time it is too early", () => {
  const at = "2026-02-01T12:00:00.000Z";
  const when = (issued: string) => until("open").when("DisarmExecution", disarm, { by: "sofia", at, issued });
  for (const good of ["2026-01-31T12:00:00.000Z", at, "2026-02-01T12:05:00.000Z"]) when(good).thenNothing();
  const old = "2026-01-31T11:59:59.999Z";
  when(old).thenRefused("COMMAND_EXPIRED", { at: old, now: at, hoursMax: 24 });
  const early = "2026-02-01T12:05:00.001Z";
  when(early).thenRefused("COMMAND_EARLY", { at: early, now: at, minutesMax: 5 });
});

test("before there is a ledger a command at the wrong time leaves nothing behind", () => {
  const at = "2026-02-01T12:00:00.000Z";
  const issued = "2026-01-01T12:00:00.000Z";
  given()
    .when("OpenLedger", opening, { by: "sofia", at, issued })
    .thenRefused("COMMAND_EXPIRED", { at: issued, now: at, hoursMax: 24 }, false);
});

test("a command signed for another ledger is refused here, and not recorded", () => {
  until("open")
    .when("DisarmExecution", disarm, { by: "sofia", ledger: uuid(7) })
    .thenRefused("WRONG_LEDGER", { ledger: ledgerId, given: uuid(7) }, false);
});

test("an unknown actor, an unknown key, a forged signature: answered, not recorded", () => {
  const open = until("open");
  open
    .when("DisarmExecution", disarm, { by: signerOf("eve") })
    .thenRefused("PRINCIPAL_UNKNOWN", { actor: "eve" }, false);
  const other = signerOf("olga", 1);
  open
    .when("DisarmExecution", disarm, { by: other })
    .thenRefused("KEY_UNKNOWN", { actor: "olga", keyid: other.keyid, inForce: 1 }, false);
  const { keyid } = signerOf("olga");
  open
    .when("DisarmExecution", disarm, { by: { ...other, keyid } })
    .thenRefused("SIGNATURE_WRONG", { actor: "olga", keyid }, false);
});

test("the key of another principal does not sign for this one", () => {
  const { keyid } = signerOf("sam");
  until("open")
    .when("DisarmExecution", disarm, { by: "sam", actor: "olga" })
    .thenRefused("KEY_UNKNOWN", { actor: "olga", keyid, inForce: 1 }, false);
});

test("whoever is revoked is heard no more; what a revoked human answers for neither", () => {
  const after = until("open").after("RevokePrincipal", { principal: "vera", reason: "Left the room." }, "ada");
  after.when("DisarmExecution", disarm, "vera").thenRefused("PRINCIPAL_REVOKED", { actor: "vera" }, false);
  after
    .when("DisarmExecution", disarm, "lens")
    .thenRefused("RESPONSIBLE_REVOKED", { actor: "lens", responsible: "vera" });
  assert.equal(after.state(principalCategory, "vera").keys, []);
});

const newcomer = {
  principal: "nora",
  kind: "human" as const,
  name: "Nora",
  roles: ["reviewer" as const],
  responsible: "nora",
  key: keyOf("nora"),
};

test("an admin registers a principal and its key; the key is bound to it for ever", () => {
  until("open")
    .when("RegisterPrincipal", { ...newcomer, roles: ["reviewer", "verifier", "reviewer"] }, "ada")
    .thenFacts(
      { stream: "principal-nora", type: "PrincipalRegistered", data: { ...newcomer, roles: ["reviewer", "verifier"] } },
      { stream: `key-${newcomer.key.keyid}`, type: "KeyBound", data: { keyid: newcomer.key.keyid, principal: "nora" } },
    );
});

test("an id is given once, to the revoked too", () => {
  const open = until("open");
  open
    .when("RegisterPrincipal", { ...newcomer, principal: "vera", responsible: "vera" }, "ada")
    .thenRefused("PRINCIPAL_EXISTS", { principal: "vera" });
  open
    .after("RevokePrincipal", { principal: "vera", reason: "Left." }, "ada")
    .when("RegisterPrincipal", { ...newcomer, principal: "vera", responsible: "vera" }, "ada")
    .thenRefused("PRINCIPAL_EXISTS", { principal: "vera" });
});

test("an agent or a service is never sovereign or admin, whoever asks", () => {
  for (const kind of ["agent", "service"] as const)
    for (const role of ["sovereign", "admin"] as const)
      until("open")
        .when("RegisterPrincipal", { ...newcomer, kind, responsible: "sofia", roles: [role, "editor"] }, "sofia")
        .thenRefused("HUMAN_REQUIRED", { principal: "nora", kind });
});

test("only a sovereign makes a sovereign or an admin", () => {
  for (const role of ["sovereign", "admin"] as const) {
    until("open")
      .when("RegisterPrincipal", { ...newcomer, roles: [role] }, "ada")
      .thenRefused("ROLE_REQUIRED", { actor: "ada" });
    assert.is(
      until("open")
        .when("RegisterPrincipal", { ...newcomer, roles: [role] }, "sam")
        .facts().length,
      2,
    );
  }
});

test("a human answers for themselves; an agent's human must be a registered human in force", () => {
  const open = until("open");
  open
    .when("RegisterPrincipal", { ...newcomer, responsible: "ada" }, "ada")
    .thenRefused("RESPONSIBLE_SELF", { responsible: "ada" });
  const agent = { ...newcomer, kind: "agent" as const };
  for (const responsible of ["nobody", "bot", "mill", "nora"])
    open
      .when("RegisterPrincipal", { ...agent, responsible }, "ada")
      .thenRefused("RESPONSIBLE_UNKNOWN", { responsible });
  open
    .after("RevokePrincipal", { principal: "vera", reason: "Left." }, "ada")
    .when("RegisterPrincipal", { ...agent, responsible: "vera" }, "ada")
    .thenRefused("RESPONSIBLE_UNKNOWN", { responsible: "vera" });
});

test("a key is never shared or used again: not another's, not a retired one, not a revoked one's", () => {
  const open = until("open");
  const veras = keyOf("vera");
  const taken = (owner: string, key: typeof veras) => ["KEY_TAKEN", { keyid: key.keyid, owner }] as const;
  open.when("RegisterPrincipal", { ...newcomer, key: veras }, "ada").thenRefused(...taken("vera", veras));
  const rotated = open.after("RotateKey", { principal: "vera", key: keyOf("vera", 1), retires: [veras.keyid] }, "ada");
  rotated.when("RegisterPrincipal", { ...newcomer, key: veras }, "ada").thenRefused(...taken("vera", veras));
  rotated.when("RotateKey", { principal: "vera", key: veras, retires: [] }, "ada").thenRefused(...taken("vera", veras));
  open
    .after("RevokePrincipal", { principal: "vera", reason: "Left." }, "ada")
    .when("RegisterPrincipal", { ...newcomer, key: veras }, "ada")
    .thenRefused(...taken("vera", veras));
});

test("a key's id is derived from the key", () => {
  const key = { ...keyOf("nora"), keyid: "0123456789abcdef" };
  until("open")
    .when("RegisterPrincipal", { ...newcomer, key }, "ada")
    .thenRefused("KEYID_WRONG", { keyid: key.keyid });
});

test("a rotated key signs and the retired one does not; a key left in force does", () => {
  const [old, fresh] = [keyOf("vera"), keyOf("vera", 1)];
  const both = until("open").after("RotateKey", { principal: "vera", key: fresh, retires: [] }, "ada");
  both.when("DisarmExecution", disarm, { by: signerOf("vera", 0) }).thenNothing();
  both.when("DisarmExecution", disarm, { by: signerOf("vera", 1) }).thenNothing();
  both.when("RotateKey", { principal: "vera", key: fresh, retires: [] }, "ada").thenNothing();
  // The old one is retired by naming the new one again: nothing is bound anew.
  const data = { principal: "vera", key: fresh, retires: [old.keyid] };
  both.when("RotateKey", data, "ada").thenFacts({ stream: "principal-vera", type: "KeyRotated", data });
  const one = both.after("RotateKey", data, "ada");
  assert.equal(one.state(principalCategory, "vera").keys, [fresh]);
  one
    .when("DisarmExecution", disarm, { by: signerOf("vera", 0) })
    .thenRefused("KEY_UNKNOWN", { actor: "vera", keyid: old.keyid, inForce: 1 }, false);
  one.when("RotateKey", data, "ada").thenNothing();
});

test("a rotation names a known principal, keys in force, and not one key as both", () => {
  const open = until("open");
  const fresh = keyOf("vera", 1);
  open
    .when("RotateKey", { principal: "nora", key: fresh, retires: [] }, "ada")
    .thenRefused("PRINCIPAL_UNKNOWN", { principal: "nora" });
  open
    .when("RotateKey", { principal: "vera", key: fresh, retires: ["0123456789abcdef"] }, "ada")
    .thenRefused("KEY_UNKNOWN", { keyid: "0123456789abcdef", inForce: 1 });
  open
    .when("RotateKey", { principal: "vera", key: fresh, retires: [fresh.keyid] }, "ada")
    .thenRefused("KEY_KEPT_AND_RETIRED", { principal: "vera", keyid: fresh.keyid });
  open
    .after("RevokePrincipal", { principal: "vera", reason: "Left." }, "ada")
    .when("RotateKey", { principal: "vera", key: fresh, retires: [] }, "ada")
    .thenRefused("PRINCIPAL_REVOKED", { principal: "vera" });
});

test("an admin cannot take over a sovereign or another admin by giving them a key of the admin's own", () => {
  const mine = keyOf("ada", 5);
  for (const principal of ["sofia", "sam"])
    until("open")
      .when("RotateKey", { principal, key: mine, retires: [] }, "ada")
      .thenRefused("ROLE_REQUIRED", { actor: "ada", principal });
  const data = { principal: "ada", key: mine, retires: [keyOf("ada").keyid] };
  const bound = { stream: `key-${mine.keyid}`, type: "KeyBound", data: { keyid: mine.keyid, principal: "ada" } };
  for (const by of ["ada", "sam"] as const)
    until("open").when("RotateKey", data, by).thenFacts({ stream: "principal-ada", type: "KeyRotated", data }, bound);
});

test("nobody revokes themselves; only a sovereign revokes a sovereign; twice says nothing twice", () => {
  const open = until("open");
  const data = { principal: "vera", reason: "Left the room." };
  open.when("RevokePrincipal", data, "ada").thenFacts({ stream: "principal-vera", type: "PrincipalRevoked", data });
  open.after("RevokePrincipal", data, "ada").when("RevokePrincipal", data, "sam").thenNothing();
  open
    .when("RevokePrincipal", { principal: "sam", reason: "I go." }, "sam")
    .thenRefused("REVOKE_SELF", { principal: "sam" });
  open
    .when("RevokePrincipal", { principal: "sam", reason: "Out." }, "ada")
    .thenRefused("ROLE_REQUIRED", { principal: "sam" });
  open
    .when("RevokePrincipal", { principal: "nora", reason: "Who?" }, "ada")
    .thenRefused("PRINCIPAL_UNKNOWN", { principal: "nora" });
  assert.is(open.when("RevokePrincipal", { principal: "sam", reason: "Out." }, "sofia").facts().length, 1);
});

test("a role someone has not is named with the roles they have", () => {
  until("opened")
    .when("AssessTarget", { run }, "ed")
    .thenRefused("ROLE_REQUIRED", { actor: "ed", type: "AssessTarget", needs: "orchestrator", has: "editor" });
});

test.run();
