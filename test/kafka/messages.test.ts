// What travels over Kafka, without a broker: commands with their contents, answers, events as CloudEvents, dead letters.
import fc from "fast-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commitContent } from "../../src/events/commitment.js";
import { parseEvent } from "../../src/events/envelope.js";
import { commandMessage, contentHeader, readContents } from "../../src/kafka/commandMessage.js";
import { deadHeadersSize, deadMessage } from "../../src/kafka/deadMessage.js";
import { eventMessage, readEventMessage } from "../../src/kafka/eventMessage.js";
import { headerText, headerValues } from "../../src/kafka/RawMessage.js";
import { readResultMessage, resultMessage, resultSizeMax } from "../../src/kafka/resultMessage.js";
import { sizeOf } from "../../src/kafka/sender.js";
import { signCommand } from "../../src/keys/signCommand.js";
import type { Committed, Result } from "../../src/ledger/Decision.js";
import { ledgerId, minute, signerOf, uuid } from "../commands/cast.js";
import { governedLedger } from "../support/governedRun.js";

const messages = suite("kafka messages");

const document = uuid(7);
const frame = { id: uuid(1), ledger: ledgerId, at: minute(0) };
const salt = new Uint8Array(32).fill(9);
const bytes = Buffer.from("Charter\n");
const content = commitContent(salt, bytes);
const registration = (of = content) =>
  signCommand("RegisterDocument", { document, title: "Charter", source: null, content: of }, frame, signerOf("ed"));

messages("a command: keyed by ledger and document, its value the signed bytes, its contents salted headers", () => {
  const envelope = registration();
  const message = commandMessage(envelope, { document, contents: [{ salt, bytes }] });
  assert.is(message.key, `${ledgerId}/${document}`);
  assert.equal(message.value, Buffer.from(envelope));
  assert.equal(message.headers, { [contentHeader]: [Buffer.concat([salt, bytes])] });
  assert.equal(readContents(message.headers, { content }), {
    ok: true,
    contents: [{ salt: Buffer.from(salt), bytes, commitment: content }],
  });
  const about = signCommand("DisarmExecution", { run: null, reason: "x" }, frame, signerOf("rex"));
  assert.equal(commandMessage(about, { document: null }), { key: ledgerId, value: Buffer.from(about), headers: {} });
});

messages("a message that would come back as a dead letter is not made", () => {
  const make =
    (...args: Parameters<typeof commandMessage>) =>
    () =>
      commandMessage(...args);
  assert.throws(make(Buffer.from("{}"), { document }), /not a signed command/);
  assert.throws(make(registration(), { document: uuid(8) }), /not 0{8}-/);
  assert.throws(make(registration(), { document: null }), /is about the document/);
  assert.throws(
    make(registration(), { document, contents: [{ salt, bytes: Buffer.from("other") }] }),
    /names no content/,
  );
});

messages("contents that cannot be, or that the command does not name, are told from each other", () => {
  const read = (...values: (Buffer | string | null)[]) => readContents({ [contentHeader]: values }, { content });
  const good = Buffer.concat([salt, bytes]);
  const code = (outcome: ReturnType<typeof read>) => (outcome.ok ? "ok" : outcome.code);
  assert.is(code(read(good)), "ok");
  assert.is(code(read(Buffer.alloc(31))), "CONTENT_MALFORMED");
  assert.is(code(read(null)), "CONTENT_MALFORMED");
  assert.is(code(read("text")), "CONTENT_MALFORMED");
  assert.is(code(read(good, Buffer.concat([salt, bytes, bytes]))), "CONTENT_NOT_NAMED");
  assert.equal(readContents(undefined, { content }), { ok: true, contents: [] });
  assert.equal(readContents({ other: "x" }, { content }), { ok: true, contents: [] });
});

messages("whatever a content's bytes are, they arrive", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ minLength: 32, maxLength: 32 }), (some, own) => {
      const envelope = registration(commitContent(own, some));
      const { headers } = commandMessage(envelope, { document, contents: [{ salt: own, bytes: some }] });
      const read = readContents(headers, { content: commitContent(own, some) });
      assert.ok(read.ok && Buffer.compare(read.contents[0]!.bytes, some) === 0);
    }),
  );
});

function committed(count: number, from = 0): Committed[] {
  const event = {
    schema: 1,
    type: "CommandAnswered",
    id: uuid(2),
    stream: "answer-x",
    revision: 0,
    prev: null,
    time: minute(1),
    actor: "rex",
    command: { id: uuid(1), digest: "a".repeat(64) },
    cause: null,
    data: { type: "DisarmExecution" },
  };
  return Array.from({ length: count }, (_, n) => ({ position: from + n, event }));
}

messages("an answer arrives as the result it was", () => {
  const refused = { code: "ROLE_REQUIRED", message: "No.", numbers: { a: 1, b: null }, next: "Ask.", position: 4 };
  const results: Result[] = [
    { kind: "committed", events: committed(3) },
    { kind: "duplicate", first: { kind: "committed", events: committed(1) } },
    { kind: "refused", ...refused },
    { kind: "duplicate", first: { kind: "refused", ...refused } },
    { kind: "malformed", at: "message", message: "x", next: "y" },
  ];
  for (const result of results) {
    const answered = {
      ledger: ledgerId,
      command: uuid(1),
      envelope: "b".repeat(64),
      origin: "iu.commands/2/77",
      result,
    };
    const { key, value, headers } = resultMessage(answered);
    assert.is(headers["iu-kind"], result.kind);
    assert.equal(readResultMessage({ key: Buffer.from(key ?? ""), value, headers }), answered);
  }
  assert.throws(() => readResultMessage({ key: null, value: Buffer.from("{"), headers: {} }), /not an answer/);
  assert.throws(() => readResultMessage({ key: null, value: Buffer.from("{}"), headers: {} }), /iu-ledger is missing/);
});

messages("events that would not fit a message are left out, and it says where they stand", () => {
  const events = [...committed(1500, 10), ...committed(1500, 2000)];
  const fits = committed(1000);
  for (const [given, ranges] of [
    [fits, undefined],
    [
      events,
      [
        [10, 1500],
        [2000, 1500],
      ],
    ],
  ] as const) {
    for (const result of [
      { kind: "committed", events: given },
      { kind: "duplicate", first: { kind: "committed", events: given } },
    ] as Result[]) {
      const of = { ledger: "l", command: uuid(1), envelope: "", origin: "", result };
      const { value, headers } = resultMessage(of);
      assert.ok((value?.length ?? 0) <= resultSizeMax);
      assert.equal(readResultMessage({ key: null, value, headers }).result.ranges, ranges);
    }
  }
});

messages(
  "an event is a CloudEvent in binary mode: its attributes by the rules of the standard, its value the leaf",
  async () => {
    const { store, ledger } = await governedLedger();
    const { size } = await store.head();
    for (const stored of await store.read(0, size)) {
      const message = eventMessage(stored, { ledger: ledgerId, origin: "ledger.example/acme" });
      const event = parseEvent(stored.bytes);
      assert.equal(message.value, Buffer.from(stored.bytes));
      assert.is(message.key, event.stream);
      const headers = message.headers as Record<string, string>;
      assert.is(headers["content-type"], "application/json");
      assert.is(headers["ce_specversion"], "1.0");
      for (const required of ["ce_id", "ce_source", "ce_type"]) assert.ok((headers[required] ?? "") !== "", required);
      for (const name of Object.keys(headers)) {
        // CloudEvents 1.0.2, "Naming conventions": lower-case letters and digits, at most 20 of them.
        if (name !== "content-type") assert.match(name, /^ce_[a-z0-9]{1,20}$/);
      }
      // RFC 3986 absolute URIs, RFC 3339 time.
      assert.is(new URL(headers["ce_source"] ?? "").href, "iu-ledger://ledger.example/acme");
      assert.match(headers["ce_dataschema"] ?? "", /^urn:iu-ledger:[A-Za-z]+:\d+$/);
      assert.is(new Date(headers["ce_time"] ?? "").toISOString(), headers["ce_time"]);
      assert.is(headers["ce_partitionkey"], message.key);
      assert.equal(readEventMessage(message), {
        id: event.id,
        source: "iu-ledger://ledger.example/acme",
        type: event.type,
        stream: event.stream,
        position: stored.position,
        bytes: message.value,
      });
    }
    await ledger.close();
    assert.throws(() => readEventMessage({ value: Buffer.from("x"), headers: {} }), /ce_iuposition is missing/);
  },
);

messages("a dead letter is the message it was, and why; twice dead, the newest reason is the last", () => {
  const poison = { code: "MALFORMED", message: "envelope, character 0: no" } as const;
  const first = deadMessage(
    {
      key: Buffer.from("k"),
      value: Buffer.from("v"),
      headers: { trace: Buffer.from("7"), twice: ["a", "b"], nothing: null, some: [null, "x"] },
      offset: "41",
      timestamp: "1767604200000",
    },
    "iu.commands/3/41",
    poison,
  );
  assert.equal([first.key, first.value], [Buffer.from("k"), Buffer.from("v")]);
  assert.equal(headerValues(first.headers, "twice"), ["a", "b"]);
  assert.is(headerText(first.headers, "trace"), "7");
  assert.equal(headerValues(first.headers, "some"), ["", "x"]);
  assert.equal(headerValues(first.headers, "iu-dead-null"), ["nothing", "some"]);
  assert.is(headerText(first.headers, "iu-dead-origin"), "iu.commands/3/41");
  assert.is(headerText(first.headers, "iu-dead-time"), "1767604200000");
  const again = deadMessage(
    { key: null, value: null, headers: first.headers, offset: "1", timestamp: "2" },
    "iu.commands/0/1",
    { code: "NO_VALUE", message: "none" },
  );
  assert.equal([again.key, again.value], [null, null]);
  assert.equal(headerValues(again.headers, "iu-dead-code"), ["MALFORMED", "NO_VALUE"]);
  assert.is(headerText(again.headers, "iu-dead-origin"), "iu.commands/0/1");
});

messages("what a dead letter adds fits the room its topic has more", () => {
  const headers = Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`header-${n}`.padEnd(200, "x"), null]));
  const message = { key: null, value: null, headers, offset: "1", timestamp: "1767604200000" };
  const before = sizeOf({
    key: null,
    value: null,
    headers: Object.fromEntries(Object.keys(headers).map((name) => [name, ""])),
  });
  const dead = deadMessage(message, "t".repeat(249), { code: "MALFORMED", message: "€".repeat(100_000) });
  assert.ok(sizeOf(dead) - before < deadHeadersSize, `${sizeOf(dead) - before}`);
});

messages.run();
