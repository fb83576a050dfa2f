// A batch: the offset moves over what is acknowledged, in order and without a gap; trouble, a rebalance and a stop lose nothing.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { KafkaError } from "../../src/kafka/KafkaError.js";
import type { IncomingMessage, OutgoingMessage } from "../../src/kafka/RawMessage.js";
import { topicNames } from "../../src/kafka/topics.js";
import { type Batch, type WorkNews, type WorkPlace, workBatch } from "../../src/kafka/workBatch.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { StoreError } from "../../src/ledger/Store.js";
import { ledgerId, minute, signerOf, uuid } from "../commands/cast.js";

const batches = suite("kafka batch");

/** Messages with offsets from 100 on; the key is what `keys` says. */
function messagesOf(keys: string): IncomingMessage[] {
  return [...keys].map((key, n) => {
    const frame = { id: uuid(n + 1), ledger: ledgerId, at: minute(0) };
    const value = Buffer.from(signCommand("DisarmExecution", { run: null, reason: `n${n}` }, frame, signerOf("rex")));
    return { key: Buffer.from(key), value, headers: {}, offset: String(100 + n), timestamp: "0" };
  });
}

interface Stage {
  readonly place: WorkPlace;
  readonly batch: Batch;
  /** Ids of commands that were submitted, in order. */
  readonly submitted: string[];
  readonly sent: { topic: string; message: OutgoingMessage }[];
  readonly commits: string[];
  readonly news: WorkNews[];
}

function stage(
  keys: string,
  options: {
    submit?: (n: number, count: number) => Promise<unknown>;
    send?: (topic: string) => Promise<unknown>;
    heartbeat?: () => Promise<void>;
    stopped?: () => boolean;
  } = {},
): Stage {
  const submitted: string[] = [];
  const sent: Stage["sent"] = [];
  const commits: string[] = [];
  const news: WorkNews[] = [];
  const counts = new Map<number, number>();
  const messages = messagesOf(keys);
  return {
    submitted,
    sent,
    commits,
    news,
    place: {
      ledgerId,
      signer: signerOf("otto"),
      topics: topicNames("iu"),
      onNews: (one) => news.push(one),
      sender: {
        async send(topic, message) {
          await options.send?.(topic);
          sent.push({ topic, message });
          return { partition: 0, offset: 0n };
        },
      },
      ledger: {
        store: { command: async () => undefined, content: undefined as never },
        considerEnvelope: () => Promise.reject(new Error("not asked")),
        state: () => Promise.reject(new Error("not asked")),
        newId: () => uuid(99),
        consider: () => Promise.reject(new Error("not asked")),
        submit: () => Promise.reject(new Error("not asked")),
        async submitEnvelope(envelope) {
          const n = messages.findIndex(({ value }) => value !== null && Buffer.compare(value, envelope) === 0);
          const count = (counts.get(n) ?? 0) + 1;
          counts.set(n, count);
          await new Promise((resolve) => setTimeout(resolve, 1));
          const other = await options.submit?.(n, count);
          if (other !== undefined) return other as never;
          submitted.push(String(100 + n));
          return { kind: "committed", events: [] };
        },
      },
    },
    batch: {
      topic: "iu.commands",
      partition: 2,
      messages,
      stopped: options.stopped ?? (() => false),
      heartbeat: options.heartbeat ?? (async () => undefined),
      commit: async (offset) => void commits.push(offset),
    },
  };
}

const unknown = { kind: "unknown", message: "?", next: "Again." };

batches("all is answered, then let go: the answers come before the commit", async () => {
  let sentAtCommit = -1;
  const here = stage("abcab");
  const batch: Batch = {
    ...here.batch,
    async commit(offset) {
      sentAtCommit = here.sent.length;
      await here.batch.commit(offset);
    },
  };
  assert.equal(await workBatch(here.place, batch, new Set()), { waits: null });
  assert.equal(here.commits, ["104"]);
  assert.is(sentAtCommit, 5);
  assert.equal(new Set(here.sent.map(({ topic }) => topic)), new Set(["iu.results"]));
  assert.is(here.sent[0]?.message.headers["iu-origin"], "iu.commands/2/100");
  for (const [first, second] of [
    ["100", "103"],
    ["101", "104"],
  ] as const)
    assert.ok(here.submitted.indexOf(first) < here.submitted.indexOf(second), "one key is worked through in order");
});

batches("more than a window: let go window by window", async () => {
  const here = stage("x".repeat(3) + "abcdefgh".repeat(40));
  await workBatch(here.place, here.batch, new Set());
  assert.ok(here.commits.length > 1);
  assert.is(here.commits.at(-1), String(100 + 323 - 1));
  assert.equal(
    here.commits.map(Number),
    [...here.commits].map(Number).sort((a, b) => a - b),
  );
});

batches(
  "trouble in the middle: only what stands before it is let go, its key waits, others are not done twice",
  async () => {
    const here = stage("abacad", { submit: async (n, count) => (n === 2 && count === 1 ? unknown : undefined) });
    const ahead = new Set<string>();
    const outcome = await workBatch(here.place, here.batch, ahead);
    assert.is(outcome.waits?.offset, "102");
    assert.is(outcome.waits?.trouble.code, "UNKNOWN_OUTCOME");
    assert.equal(here.commits, ["101"]);
    assert.not.ok(here.submitted.includes("104"), "the same key does not overtake");
    assert.equal([...ahead].sort(), ["103", "105"]);
    // Delivered again, from the first that was not let go.
    const rest = { ...here.batch, messages: here.batch.messages.slice(2) };
    assert.equal(await workBatch(here.place, rest, ahead), { waits: null });
    assert.equal(here.commits, ["101", "105"]);
    assert.equal(here.submitted.slice().sort(), ["100", "101", "102", "103", "104", "105"]);
    assert.is(ahead.size, 0);
  },
);

batches("an answer that cannot be sent waits like any trouble: nothing is let go without its answer", async () => {
  let broken = true;
  const gone = new KafkaError("BROKER_UNAVAILABLE", "gone", { next: "Look." });
  const here = stage("ab", { send: async () => (broken ? Promise.reject(gone) : undefined) });
  const outcome = await workBatch(here.place, here.batch, new Set());
  assert.is(outcome.waits?.trouble.code, "BROKER_UNAVAILABLE");
  assert.equal(here.commits, []);
  broken = false;
  await workBatch(here.place, here.batch, new Set());
  assert.equal(here.commits, ["101"]);
});

batches(
  "what will not pass ends it: a damaged ledger, a broker that loses messages; a mistake of ours only waits",
  async () => {
    for (const error of [
      new StoreError("CORRUPT", "no", { next: "Replay." }),
      new KafkaError("BROKER_LOST_MESSAGES", "no", { next: "Look." }),
    ]) {
      const here = stage("ab", { submit: async (n) => (n === 1 ? Promise.reject(error) : undefined) });
      assert.is(await workBatch(here.place, here.batch, new Set()).catch((thrown) => thrown), error);
      assert.equal(here.commits, []);
    }
    const here = stage("ab", { submit: async (n) => (n === 1 ? Promise.reject(new TypeError("oh")) : undefined) });
    const outcome = await workBatch(here.place, here.batch, new Set());
    assert.equal([outcome.waits?.offset, outcome.waits?.trouble.code], ["101", "UNEXPECTED"]);
    assert.equal(here.commits, ["100"]);
  },
);

batches(
  "a rebalance: what was begun is finished and let go, nothing new is begun, and the client is told",
  async () => {
    const lost = Object.assign(new Error("rebalance"), { name: "KafkaJSProtocolError" });
    const here = stage("a".repeat(6), {
      // Long enough for a heartbeat between two.
      submit: () => new Promise((resolve) => setTimeout(resolve, 700)),
      heartbeat: () => Promise.reject(lost),
    });
    const error = await workBatch(here.place, here.batch, new Set()).catch((thrown) => thrown);
    assert.is(error, lost);
    assert.ok(here.submitted.length > 0 && here.submitted.length < 6, String(here.submitted.length));
    assert.equal(here.commits, [here.submitted.at(-1)]);
  },
);

batches("told to stop: what is in hand is finished and let go, the rest is left", async () => {
  let stop = false;
  const here = stage("aaaa", {
    stopped: () => stop,
    submit: async (n) => {
      stop = n === 1;
    },
  });
  assert.equal(await workBatch(here.place, here.batch, new Set()), { waits: null });
  assert.equal(here.commits, ["101"]);
  assert.equal(here.submitted, ["100", "101"]);
});

batches.run();
