// Dead letters on the ledger: once each, by whichever worker, in spite of what was refused before; and never a flood of refusals.
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type GovernedLedger, generateSigner, openLedger, publicKeyOf, type Signer } from "../../src/app.js";
import type { Role } from "../../src/events/fields.js";
import type { IncomingMessage } from "../../src/kafka/RawMessage.js";
import { recordDeadLetter } from "../../src/kafka/recordDeadLetter.js";
import { withTempDir } from "../support/withTempDir.js";

const recording = suite("kafka: dead letters");

const place = { topic: "iu.commands", partition: 1 };
const poison = { code: "MALFORMED", message: "no" } as const;
const message = (offset: number, value = "hello"): IncomingMessage => ({
  key: null,
  value: Buffer.from(value),
  offset: String(offset),
  timestamp: "0",
});

async function withLedger(
  use: (room: {
    ledger: GovernedLedger;
    alice: Signer;
    register(name: string, role: Role): Promise<Signer>;
    types(): Promise<string[]>;
  }) => Promise<void>,
): Promise<void> {
  await withTempDir(async (dir) => {
    const ledger = await openLedger(join(dir, "ledger.sqlite"), { create: true });
    const alice = generateSigner("alice");
    await ledger.init({ name: "Room", origin: "ledger.example/room", sovereign: { name: "Alice", signer: alice } });
    const register = async (name: string, role: Role) => {
      const signer = generateSigner(name);
      const data = { principal: name, kind: "service" as const, name, roles: [role], responsible: "alice" };
      await ledger.submit("RegisterPrincipal", { ...data, key: publicKeyOf(signer.privateKey) }, alice);
      return signer;
    };
    const types = async () => {
      const end = new AbortController();
      const found: string[] = [];
      const { size } = await ledger.store.head();
      for await (const { event, position } of ledger.follow(0, end.signal)) {
        found.push(event.type);
        if (position === size - 1) break;
      }
      return found.filter((type) => /DeadLetter|Command/.test(type));
    };
    try {
      await use({ ledger, alice, register, types });
    } finally {
      await ledger.close();
    }
  });
}

recording("once, however often it is found again by the same worker", () =>
  withLedger(async ({ ledger, register, types }) => {
    const worker = await register("worker", "operator");
    for (let times = 0; times < 3; times++)
      assert.is(await recordDeadLetter(ledger, worker, place, message(7), poison), null);
    assert.equal(await types(), ["DeadLetterRecorded"]);
    await recordDeadLetter(ledger, worker, place, message(8), poison);
    await recordDeadLetter(ledger, worker, place, message(7, "other bytes at the same place"), poison);
    assert.equal(await types(), ["DeadLetterRecorded", "DeadLetterRecorded", "DeadLetterRecorded"]);
  }),
);

recording("found again by another worker: that it was so already, said once for each", () =>
  withLedger(async ({ ledger, register, types }) => {
    const [one, two] = [await register("one", "operator"), await register("two", "operator")];
    await recordDeadLetter(ledger, one, place, message(7), poison);
    for (let times = 0; times < 3; times++)
      assert.is(await recordDeadLetter(ledger, two, place, message(7), poison), null);
    assert.equal(await types(), ["DeadLetterRecorded", "CommandAnswered"]);
  }),
);

recording("two workers at once: recorded once", () =>
  withLedger(async ({ ledger, register, types }) => {
    const [one, two] = [await register("one", "operator"), await register("two", "operator")];
    const answers = await Promise.all(
      [one, two, one, two].map((signer) => recordDeadLetter(ledger, signer, place, message(7), poison)),
    );
    assert.equal(answers, [null, null, null, null]);
    assert.is((await types()).filter((type) => type === "DeadLetterRecorded").length, 1);
  }),
);

recording("a worker without the right waits, and leaves nothing behind at each try; with it, it goes on", () =>
  withLedger(async ({ ledger, register, types }) => {
    const editor = await register("worker", "editor");
    for (let times = 0; times < 3; times++) {
      const trouble = await recordDeadLetter(ledger, editor, place, message(7), poison);
      assert.is(trouble?.code, "DEAD_LETTER_NOT_RECORDED");
      assert.match(trouble?.message ?? "", "needs the role operator");
    }
    assert.equal(await types(), []);
    assert.is(await recordDeadLetter(ledger, await register("other", "operator"), place, message(7), poison), null);
    assert.equal(await types(), ["DeadLetterRecorded"]);
  }),
);

recording("an id that was used up by a refusal does not stand in the way", () =>
  withLedger(async ({ ledger, register, types }) => {
    const worker = await register("worker", "operator");
    // Refused once between the look and the write: another command took the id.
    let calls = 0;
    const first = await recordDeadLetter(
      {
        newId: () => ledger.newId(),
        consider: ledger.consider,
        submit: ((type, data, signer, options) =>
          calls++ === 0
            ? ledger.submit("RatifyWriter", { name: "x", version: 1, source: "0".repeat(64) }, signer, options)
            : ledger.submit(type, data, signer, options)) as typeof ledger.submit,
      },
      worker,
      place,
      message(7),
      poison,
    );
    assert.is(first, null);
    assert.equal(await types(), ["CommandRefused", "DeadLetterRecorded"]);
    assert.is(await recordDeadLetter(ledger, worker, place, message(7), poison), null);
    assert.is((await types()).filter((type) => type === "DeadLetterRecorded").length, 1);
  }),
);

recording.run();
