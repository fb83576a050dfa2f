/** Asking twice is asking once, also through the library, which signs anew each time it is asked. */
import { randomUUID } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { generateSigner, openLedger, publicKeyOf } from "../../src/app.js";
import { embeddedPolicy } from "../../src/events/fields.js";
import { withTempDir } from "../support/withTempDir.js";

const test = suite("submitting again");

test("the same id and intent gets the first answer, one after another or at once; another intent does not", async () => {
  await withTempDir(async (folder) => {
    const ledger = await openLedger(`${folder}/ledger.sqlite`, { create: true });
    try {
      const alice = generateSigner("alice");
      await ledger.init({ name: "Acme", origin: "ledger.example/acme", sovereign: { name: "Alice", signer: alice } });
      const adopt = (id: string, gateHours: number) =>
        ledger.submit("AdoptPolicy", { policy: { ...embeddedPolicy, gateHours } }, alice, { id });

      const id = randomUUID();
      assert.is((await adopt(id, 12)).kind, "committed");
      assert.is((await adopt(id, 12)).kind, "duplicate");
      const other = await adopt(id, 13);
      assert.is(other.kind === "refused" && other.code, "COMMAND_ID_REUSED");

      const atOnce = randomUUID();
      const kinds = (await Promise.all([adopt(atOnce, 14), adopt(atOnce, 14), adopt(atOnce, 14)])).map(
        ({ kind }) => kind,
      );
      assert.equal(kinds.sort(), ["committed", "duplicate", "duplicate"]);
    } finally {
      await ledger.close();
    }
  });
});

test("events are followed as types, from the first on", async () => {
  await withTempDir(async (folder) => {
    const ledger = await openLedger(`${folder}/ledger.sqlite`, { create: true });
    try {
      const alice = generateSigner("alice");
      await ledger.init({ name: "Acme", origin: "ledger.example/acme", sovereign: { name: "Alice", signer: alice } });
      for await (const { position, event } of ledger.follow(1, AbortSignal.timeout(60_000))) {
        assert.is(position, 1);
        assert.ok(event.type === "PrincipalRegistered" && event.data.key.keyid === publicKeyOf(alice.privateKey).keyid);
        break;
      }
    } finally {
      await ledger.close();
    }
  });
});

test.run();
