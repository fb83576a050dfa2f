// The worker against a real broker: what is sent is answered once on the ledger, whatever happens to messages, workers and broker.
import { randomUUID } from "node:crypto";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCategory } from "../../commands/run/State.js";
import { planCut } from "../../src/documents/planCut.js";
import { sha256Hex } from "../../src/events/canonical.js";
import { parseEvent } from "../../src/events/envelope.js";
import { commandMessage } from "../../src/kafka/commandMessage.js";
import { headerText } from "../../src/kafka/RawMessage.js";
import { readResultMessage } from "../../src/kafka/resultMessage.js";
import type { Store } from "../../src/ledger/Store.js";
import { untouched } from "../commands/history.js";
import { postgresCluster } from "../support/postgresCluster.js";
import { type KafkaRoom, until, withKafkaRoom } from "./withKafkaRoom.js";

const worker = suite("kafka worker");

/** How often each command stands on the ledger, by its id. */
async function eventsByCommand(store: Store): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  const { size } = await store.head();
  for (let at = 0; at < size; at += 1000) {
    for (const { bytes } of await store.read(at, 1000)) {
      const { command, type } = parseEvent(bytes);
      found.set(command.id, [...(found.get(command.id) ?? []), type]);
    }
  }
  return found;
}

function registration(room: KafkaRoom, text = "Charter\n\nArticle 1. One.\n") {
  const document = randomUUID();
  const content = room.salted(Buffer.from(text));
  const data = { document, title: "Charter", source: null, content: content.commitment };
  const { id, envelope } = room.sign("RegisterDocument", data, "erin");
  return { id, envelope, document, content, message: commandMessage(envelope, { document, contents: [content] }) };
}

worker("a command with its content, poison of every kind, untrusted messages, redelivery of all of them", () =>
  withKafkaRoom({ on: "sqlite" }, async (room) => {
    const { ledger, topics, admin, sign, send, answer } = room;
    const first = await room.start("worker");
    const good = registration(room);
    await send(good.message);
    const result = await answer(good.id);
    assert.is(result.kind, "committed");
    assert.equal(Buffer.from((await ledger.content(good.content.commitment))?.bytes ?? []), good.content.bytes);

    // Untrusted: another signature, another ledger, nobody's key, nobody's content.
    const tampered = registration(room);
    const opened = JSON.parse(Buffer.from(tampered.envelope).toString("utf8"));
    const other = JSON.parse(Buffer.from(good.envelope).toString("utf8"));
    opened.signatures[0].sig = other.signatures[0].sig;
    await send({ ...tampered.message, value: Buffer.from(JSON.stringify(opened)) });
    const elsewhere = sign("DisarmExecution", { run: null, reason: "x" }, "otto", "another-ledger");
    await send(commandMessage(elsewhere.envelope, { document: null }));
    const no = await answer(tampered.id);
    assert.is(no.kind === "refused" && no.code, "SIGNATURE_WRONG");
    assert.is(await ledger.content(tampered.content.commitment), undefined, "nobody may fill the content store");
    const wrong = await answer(elsewhere.id);
    assert.is(wrong.kind === "refused" && wrong.code, "WRONG_LEDGER");

    // No commands at all.
    const spare = registration(room);
    const strange = room.salted(Buffer.from("another text"));
    const poison = [
      { key: null, value: null, headers: {} },
      { key: "k", value: Buffer.from("hello"), headers: { trace: "7", empty: "" } },
      { key: "k", value: Buffer.alloc(200_000, 0x7b), headers: {} },
      { ...spare.message, headers: { "iu-content": Buffer.from("short") } },
      { ...spare.message, headers: { "iu-content": Buffer.concat([strange.salt, strange.bytes]) } },
    ];
    for (const one of poison) await send(one);
    await until(async () => (await room.readAll(topics.dead)).length === poison.length);
    const dead = await room.readAll(topics.dead);
    const codes = dead.map(({ headers }) => headerText(headers, "iu-dead-code")).sort();
    assert.equal(codes, ["CONTENT_MALFORMED", "CONTENT_NOT_NAMED", "MALFORMED", "MALFORMED", "NO_VALUE"]);
    const hello = dead.find(({ value }) => value?.toString() === "hello");
    assert.is(hello?.key?.toString(), "k");
    assert.is(headerText(hello?.headers, "trace"), "7");
    assert.match(headerText(hello?.headers, "iu-dead-reason") ?? "", "envelope, character");
    const told = await answer(spare.id);
    assert.is(told.kind, "malformed", "who can be told is told");

    // All of it once more, from the beginning, by another worker.
    const before = await eventsByCommand(ledger.store);
    const { size } = await ledger.store.head();
    first.child.kill("SIGTERM");
    assert.is((await first.ended).code, 143);
    const answered = (await room.readAll(topics.results)).length;
    const group = `iu-worker.${room.ledgerId}`;
    await admin.resetOffsets({ groupId: group, topic: topics.commands, earliest: true });
    const second = await room.start("worker");
    const sent = 3 + poison.length;
    await until(async () => (await room.readAll(topics.results)).length >= answered * 2);
    await until(async () => (await room.readAll(topics.dead)).length >= poison.length * 2);
    assert.is((await ledger.store.head()).size, size, "nothing is recorded twice");
    assert.equal(await eventsByCommand(ledger.store), before);
    assert.is([...before.values()].flat().filter((type) => type === "DeadLetterRecorded").length, poison.length);
    const again = (await room.readAll(topics.results))
      .map(readResultMessage)
      .filter(({ command }) => command === good.id);
    assert.equal(
      again.map(({ result: { kind } }) => kind),
      ["committed", "duplicate"],
    );
    assert.is(again[0]?.envelope, sha256Hex(good.envelope));
    second.child.kill("SIGTERM");
    const { out } = await second.ended;
    assert.match(out, '"event":"stopped"');
    const committed = await admin.fetchOffsets({ groupId: group, topics: [topics.commands] });
    const done = committed[0]?.partitions.reduce((sum, { offset }) => sum + Math.max(0, Number(offset)), 0);
    assert.is(done, sent, "every message was let go, one past the last");
    assert.is((await ledger.replay()).verdict, "PASS");
  }),
);

worker("a document of 1 MB, registered and cut over Kafka", () =>
  withKafkaRoom({ on: "sqlite" }, async (room) => {
    const { ledger, ask, salted } = room;
    await room.start("worker");
    const text = ["Statute of the Long Shelf", ""];
    for (let article = 1; text.join("\n").length < 1_050_000; article += 200)
      for (let n = article; n < article + 200; n++)
        text.push(`Article ${n}. ${"The shelf is kept in order by whoever took from it. ".repeat(7)}`, "");
    const content = salted(Buffer.from(text.join("\n")));
    assert.ok(content.bytes.length > 1_000_000);
    const [document, run] = [randomUUID(), randomUUID()];
    const about = { document };
    const did = async (answering: ReturnType<typeof ask>) => {
      const result = await answering;
      assert.is(result.kind, "committed", JSON.stringify(result).slice(0, 400));
      return result;
    };
    const data = { document, title: "Long", source: null, content: content.commitment };
    await did(ask("RegisterDocument", data, "erin", { document, contents: [content] }));
    await did(ask("OpenRun", { run, document, mode: "live" }, "otto", about));
    await did(ask("AssessTarget", { run }, "otto", about));
    const plan = planCut(content.bytes, {});
    if (!plan.ok) throw new Error(plan.message);
    const planContent = salted(plan.bytes);
    const planned = { run, plan: plan.digest, planContent: planContent.commitment };
    await did(ask("PlanCut", planned, "otto", { document, contents: [planContent] }));
    await did(ask("DryRun", { run, nonMutation: untouched }, "otto", about));
    await did(ask("RequestGate", { run, kind: "SG_1" }, "otto", about));
    const gate = (await ledger.state(runCategory, run)).gates[0];
    assert.ok(gate !== undefined);
    const ruling = { run, gate: gate.gate, subject: gate.subject, acknowledge: [], reason: "Read in full." };
    await did(ask("RuleGate", { ...ruling, outcome: "approved" }, "alice", about));
    const armedUntil = new Date(Date.now() + 3_600_000).toISOString();
    await did(ask("ArmExecution", { run, until: armedUntil, reason: "The cut is due." }, "alice", about));
    const cut = await did(ask("ExecuteCut", { run }, "otto", about));
    const units = (await ledger.state(runCategory, run)).units.length;
    assert.is(units, plan.plan.units.length);
    assert.ok(units > 2000);
    // Too many events for a message: it says where they stand.
    assert.equal(cut.kind === "committed" && cut.events, []);
    assert.ok((cut.ranges ?? []).reduce((sum, [, count]) => sum + count, 0) > units);
  }),
);

worker("the broker restarts in the middle: every command is answered, once on the ledger", () =>
  withKafkaRoom({ on: "sqlite" }, async (room) => {
    const running = await room.start("worker");
    const commands = Array.from({ length: 600 }, (_, n) => {
      const { id, envelope } = room.sign("DisarmExecution", { run: null, reason: `number ${n}` }, "otto");
      return { id, message: commandMessage(envelope, { document: `d${n % 40}` }) };
    });
    await room.send(...commands.slice(0, 300).map(({ message }) => message));
    await running.until('"event":"answered"');
    await room.broker.stop();
    await room.broker.start();
    await room.send(...commands.slice(300).map(({ message }) => message));
    for (const { id } of commands) assert.is((await room.answer(id)).kind === "malformed", false);
    const recorded = await eventsByCommand(room.ledger.store);
    for (const { id } of commands) assert.equal(recorded.get(id), ["CommandAnswered"]);
    running.child.kill("SIGTERM");
    assert.is((await running.ended).code, 143);
  }),
);

worker(
  "a ledger that cannot be reached: the partition waits, nothing is taken for poison, and all is answered after",
  () =>
    withKafkaRoom({ on: "postgres" }, async (room) => {
      const running = await room.start("worker");
      const cluster = await postgresCluster();
      await cluster.stop("immediate");
      const commands = Array.from({ length: 40 }, (_, n) => {
        const { id, envelope } = room.sign("DisarmExecution", { run: null, reason: `number ${n}` }, "otto");
        return { id, message: commandMessage(envelope, { document: `d${n % 7}` }) };
      });
      await room.send(
        { key: "k", value: Buffer.from("poison"), headers: {} },
        ...commands.map(({ message }) => message),
      );
      await running.until('"event":"paused"');
      assert.equal(await room.readAll(room.topics.dead), []);
      await cluster.start();
      for (const { id } of commands) assert.is((await room.answer(id)).kind, "committed");
      await until(async () => (await room.readAll(room.topics.dead)).length === 1);
      running.child.kill("SIGTERM");
      const { out, code } = await running.ended;
      assert.is(code, 143);
      assert.match(out, '"code":"UNAVAILABLE"');
      assert.match(out, '"event":"resumed"');
    }),
);

worker("10,000 commands, three workers, one of them killed in the middle: each once on the ledger, each answered", () =>
  withKafkaRoom({ on: "postgres" }, async (room) => {
    const total = 10_000;
    const first = await room.start("worker");
    const commands = Array.from({ length: total }, (_, n) => {
      // Documents in between, some registered twice: a refusal is an answer too.
      const document = n % 50 === 1 ? randomUUID() : null;
      if (document !== null) {
        const { id, message } = registration(room, `Charter ${n}\n`);
        return { id, message };
      }
      const { id, envelope } = room.sign("DisarmExecution", { run: null, reason: `number ${n}` }, "otto");
      return { id, message: commandMessage(envelope, { document: `d${n % 200}` }) };
    });
    const sending = (async () => {
      for (let at = 0; at < total; at += 250)
        await room.send(...commands.slice(at, at + 250).map(({ message }) => message));
    })();
    await first.until('"event":"answered"');
    const second = await room.start("worker");
    const third = await room.start("worker");
    await third.until('"event":"answered"');
    second.child.kill("SIGKILL");
    await second.ended;
    await sending;
    await until(async () => {
      const answered = new Set((await room.readAll(room.topics.results)).map(({ key }) => key?.toString()));
      return commands.every(({ id }) => answered.has(id));
    });
    const recorded = await eventsByCommand(room.ledger.store);
    for (const { id } of commands) {
      const events = recorded.get(id) ?? [];
      assert.ok(
        events.length === 1 && ["CommandAnswered", "DocumentRegistered"].includes(events[0] ?? ""),
        events.join(),
      );
    }
    const kinds = new Map<string, number>();
    for (const message of await room.readAll(room.topics.results)) {
      const { result, ledger } = readResultMessage(message);
      assert.is(ledger, room.ledgerId);
      kinds.set(result.kind, (kinds.get(result.kind) ?? 0) + 1);
    }
    assert.equal(
      [...kinds.keys()].filter((kind) => kind !== "committed" && kind !== "duplicate"),
      [],
    );
    first.child.kill("SIGTERM");
    third.child.kill("SIGINT");
    assert.equal([(await first.ended).code, (await third.ended).code], [143, 130]);
    assert.is((await room.readAll(room.topics.dead)).length, 0);
  }),
);

worker.run();
