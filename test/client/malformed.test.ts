/** Data that cannot be signed as it is comes from a person's input: it is answered, not thrown. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { generateSigner, openLedger } from "../../src/app.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("submitting what cannot be signed");

test("half a character, a fraction or a missing value is malformed, with the field; nothing is written", async () => {
  await withTempDir(async (folder) => {
    const ledger = await openLedger(`${folder}/ledger.sqlite`, { create: true });
    try {
      const alice = generateSigner("alice");
      const init = (name: string) =>
        ledger.init({ name, origin: "ledger.example/acme", sovereign: { name: "Alice", signer: alice } });
      assert.is((await init("Acme \ud800")).kind, "malformed");
      assert.is((await init("Acme")).kind, "committed");
      const { size } = await ledger.store.head();
      const policy = { ...embeddedPolicy, gateHours: 1.5 };
      const malformed = (at: string, message: string) => ({
        kind: "malformed",
        at,
        message,
        next: "Correct that field and sign again.",
      });
      const fraction = malformed(
        "command.data.policy.gateHours",
        "1.5 is not a safe integer; the ledger stores no other numbers",
      );
      assert.equal(await ledger.submit("AdoptPolicy", { policy }, alice), fraction);
      assert.equal(await ledger.consider("AdoptPolicy", { policy }, alice), fraction);
      assert.equal(
        await ledger.submit("DisarmExecution", { run: null, reason: "half \udc00" }, alice),
        malformed("command.data.reason", "a lone surrogate has no UTF-8 form"),
      );
      assert.is((await ledger.store.head()).size, size);
    } finally {
      await ledger.close();
    }
  });
});

test.run();
