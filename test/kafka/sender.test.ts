// The way out: one awaited send at a time for each partition, in order, and offsets that rise. The broker is played by a promise.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KafkaError } from "../../src/kafka/KafkaError.js";
import type { OutgoingMessage } from "../../src/kafka/RawMessage.js";
import { sender } from "../../src/kafka/sender.js";

const sending = suite("kafka sender");

const message = (key: string, size = 1): OutgoingMessage => ({ key, value: Buffer.alloc(size), headers: {} });
const partitionOf = (_: string, { key }: OutgoingMessage) => Number(String(key)[0]);

/** A broker that keeps logs, and says how many sends to a partition were ever under way at once. */
function broker() {
  const logs = new Map<string, string[]>();
  const under = new Map<string, number>();
  let most = 0;
  const sends: number[] = [];
  return {
    logs,
    sends,
    most: () => most,
    async produce(topic: string, partition: number, messages: readonly OutgoingMessage[]): Promise<string> {
      const name = `${topic}/${partition}`;
      const now = (under.get(name) ?? 0) + 1;
      under.set(name, now);
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 2));
      const log = logs.get(name) ?? [];
      const base = log.length;
      logs.set(name, [...log, ...messages.map(({ key }) => String(key))]);
      sends.push(messages.length);
      under.set(name, now - 1);
      return String(base);
    },
  };
}

sending("one send at a time for each partition, in the order given, of all that waits", async () => {
  const { produce, logs, most, sends } = broker();
  const out = sender({ produce, partitionOf });
  const keys = Array.from({ length: 90 }, (_, n) => `${n % 3}-${n}`);
  const places = await Promise.all(keys.map((key) => out.send("t", message(key))));
  assert.is(most(), 1);
  assert.ok(sends.length < 10, "what waits goes together");
  for (const partition of [0, 1, 2]) {
    assert.equal(
      logs.get(`t/${partition}`),
      keys.filter((key) => key.startsWith(`${partition}-`)),
    );
  }
  assert.equal(
    places.map(({ partition, offset }) => logs.get(`t/${partition}`)?.[Number(offset)]),
    keys,
  );
});

sending("a send is bounded in bytes and in count; one message larger than that goes alone", async () => {
  const { produce, sends } = broker();
  const out = sender({ produce, partitionOf, batchBytesMax: 1000, batchCountMax: 3 });
  const sizes = [10, 10, 10, 10, 700, 700, 5000, 10];
  await Promise.all(sizes.map((size) => out.send("t", message("0", size))));
  assert.equal(sends, [3, 2, 1, 1, 1]);
});

sending("what waits behind a failure is not sent past it; the next attempt may go on", async () => {
  const { produce, logs } = broker();
  let fail = true;
  const out = sender({
    partitionOf,
    batchCountMax: 1,
    produce: (...args) => (fail ? Promise.reject(new Error("gone")) : produce(...args)),
  });
  const settled = await Promise.allSettled(["0a", "0b", "0c"].map((key) => out.send("t", message(key))));
  assert.equal(
    settled.map(({ status }) => status),
    ["rejected", "rejected", "rejected"],
  );
  fail = false;
  await out.send("t", message("0d"));
  assert.equal(logs.get("t/0"), ["0d"]);
});

sending("an offset that does not rise: messages were lost, and nothing more is sent anywhere", async () => {
  const given = ["40", "43", "12"];
  let sent = 0;
  const out = sender({
    partitionOf,
    batchCountMax: 2,
    produce: () => Promise.resolve(given[sent++] ?? "99"),
  });
  await Promise.all([out.send("t", message("0a")), out.send("t", message("0b"))]);
  await out.send("t", message("0c"));
  const lost = await out.send("t", message("0d")).catch((error: unknown) => error);
  assert.ok(lost instanceof KafkaError);
  assert.is(lost.code, "BROKER_LOST_MESSAGES");
  assert.equal(lost.numbers, { topic: "t", partition: 0, given: "12", expected: "44" });
  const elsewhere = await out.send("u", message("1a")).catch((error: unknown) => error);
  assert.is(elsewhere, lost);
  assert.is(sent, 3);
});

sending("the same offset twice, and -1, do not rise", async () => {
  for (const wrong of ["7", "-1"]) {
    const given = ["7", wrong];
    const out = sender({ partitionOf, produce: () => Promise.resolve(given.shift() ?? "") });
    await out.send("t", message("0a"));
    const error = await out.send("t", message("0b")).catch((thrown: unknown) => thrown);
    assert.ok(error instanceof KafkaError && error.code === "BROKER_LOST_MESSAGES", wrong);
  }
});

sending.run();
