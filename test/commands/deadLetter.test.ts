/** Dead letters: recorded once, by an operator, with nothing of the message but its place, length and digest. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseCommand } from "../../commands/Command.js";
import { deadLetterKey } from "../../commands/deadLetter.js";
import { ledgerId, minute, uuid } from "./cast.js";
import { until } from "./history.js";

const test = suite("dead letters");
const open = until("open");
const letter = { topic: "iu.commands", partition: 3, offset: 41, digest: "5a".repeat(32), size: 7, code: "MALFORMED" };
const stream = `deadletter-${deadLetterKey(letter)}`;

test("a dead letter is recorded, once, whoever finds it again", () => {
  open.when("RecordDeadLetter", letter, "otto").thenFacts({ stream, type: "DeadLetterRecorded", data: letter });
  open.after("RecordDeadLetter", letter, "otto").when("RecordDeadLetter", letter, "otto").thenNothing();
  open
    .after("RecordDeadLetter", letter, "otto")
    .when("RecordDeadLetter", { ...letter, code: "CONTENT_NOT_NAMED" }, "otto")
    .thenNothing();
});

test("another place or other bytes are another letter", () => {
  const others = [
    { ...letter, topic: "iu.other" },
    { ...letter, partition: 4 },
    { ...letter, offset: 42 },
    { ...letter, digest: "5b".repeat(32) },
  ];
  const keys = new Set([letter, ...others].map(deadLetterKey));
  assert.is(keys.size, 5);
  const here = open.after("RecordDeadLetter", letter, "otto");
  for (const other of others) assert.is(here.when("RecordDeadLetter", other, "otto").facts().length, 1);
});

test("only an operator records one", () => {
  open
    .when("RecordDeadLetter", letter, "rex")
    .thenRefused("ROLE_REQUIRED", { actor: "rex", type: "RecordDeadLetter", needs: "operator", has: "executor" });
});

test("there is no room in it for words of the message", () => {
  const command = (data: object) => ({
    schema: 1,
    id: uuid(1),
    type: "RecordDeadLetter",
    ledger: ledgerId,
    actor: "otto",
    at: minute(0),
    cause: null,
    data,
  });
  assert.ok(parseCommand(command(letter)).ok);
  for (const wrong of [
    { ...letter, code: "Drop all tables, please" },
    { ...letter, code: "A".repeat(42) },
    { ...letter, topic: "a b" },
    { ...letter, topic: "a".repeat(250) },
    { ...letter, offset: -1 },
    { ...letter, digest: "x" },
    { ...letter, value: "…" },
  ])
    assert.not.ok(parseCommand(command(wrong)).ok, JSON.stringify(wrong));
});

test.run();
