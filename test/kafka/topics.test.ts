// Which topics would lose or block messages: each rule with a topic that breaks it; and those made here break none.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type Purpose, settingsOf, topicDefaults, topicNames, unfit } from "../../src/kafka/topics.js";

const topics = suite("kafka topics");

const all: readonly Purpose[] = ["commands", "results", "dead", "events"];
const of = { replicas: 1, commandSizeMax: topicDefaults.messageSizeMax };

topics("the names, by their prefix", () => {
  assert.equal(topicNames("iu"), {
    commands: "iu.commands",
    results: "iu.results",
    dead: "iu.commands.dead",
    events: "iu.events",
  });
});

topics("what is made here is fit", () => {
  for (const messageSizeMax of [65_536, topicDefaults.messageSizeMax, 64 * 1024 * 1024]) {
    const options = { ...topicDefaults, messageSizeMax };
    for (const purpose of all)
      assert.is(
        unfit(purpose, settingsOf(purpose, options), { replicas: 1, commandSizeMax: messageSizeMax }),
        null,
        purpose,
      );
  }
});

const wrong: readonly [string, readonly Purpose[], Record<string, string>, string][] = [
  ["compaction", ["commands", "dead", "events"], { "cleanup.policy": "compact,delete" }, "cleanup.policy"],
  ["an unclean election", all, { "unclean.leader.election.enable": "true" }, "unclean.leader.election.enable"],
  ["more copies asked for than there are", all, { "min.insync.replicas": "2" }, "min.insync.replicas"],
  ["a codec of the sender's choice", ["commands"], { "compression.type": "producer" }, "compression.type"],
  ["commands kept for an hour", ["commands"], { "retention.ms": "3600000" }, "retention.ms"],
  ["no room", all, { "max.message.bytes": "1000" }, "max.message.bytes"],
  [
    "dead letters with less room than commands",
    ["dead"],
    { "max.message.bytes": String(of.commandSizeMax) },
    "max.message.bytes",
  ],
];

for (const [what, purposes, settings, setting] of wrong) {
  topics(`${what}: refused with the setting, what it is and what it must be`, () => {
    for (const purpose of all) {
      const found = unfit(purpose, { ...settingsOf(purpose, topicDefaults), ...settings }, of);
      if (!purposes.includes(purpose)) continue;
      assert.is(found?.setting, setting, purpose);
      assert.is(found?.is, settings[setting]);
      assert.ok((found?.must ?? "") !== "" && (found?.why ?? "") !== "");
    }
  });
}

topics("answers may be compacted: the newest of a command is enough", () => {
  const settings = { ...settingsOf("results", topicDefaults), "cleanup.policy": "compact" };
  assert.is(unfit("results", settings, of), null);
});

topics("a topic whose settings cannot be read is not taken for fit", () => {
  for (const purpose of all) assert.ok(unfit(purpose, {}, of) !== null, purpose);
});

topics.run();
