// Tampering with what is stored: events, their order and number, the head, content, projections, writers. One test per way in.
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nextWriterDigest } from "../../commands/run/records.js";
import { digestOf } from "../../src/events/canonical.js";
import type { FactData } from "../../src/events/facts.js";
import type { StoredEvent } from "../../src/ledger/Store.js";
import { projectFile } from "../support/project.js";
import { withTempDir } from "../support/withTempDir.js";
import { type Attempt, has, next, only, wayIn as register } from "./attempt.js";
import { change, edited, fixHead, type OpenedUp, rangeOf, rechained, renumbered } from "./openedUp.js";

const tampering = suite("tampering");
const wayIn = (name: string, attack: (attempt: Attempt) => Promise<void>) => register(tampering, name, attack);

const stampedAt = (time: string) => (event: StoredEvent) =>
  edited(event, (envelope) => Object.assign(envelope, { time }));

wayIn("nothing at all: the ledger passes", async ({ report }) => {
  const { checks } = await report();
  // No checkpoint was signed, and these stores have no read models.
  assert.equal(
    checks.filter(({ verdict }) => verdict !== "PASS").map(({ name, verdict }) => [name, verdict]),
    [
      ["checkpoints", "NOT_RUN"],
      ["projections", "NOT_RUN"],
      ["database", "NOT_RUN"],
    ],
  );
});

wayIn("a byte of an event, still JSON", async (attempt) => {
  const { ledger } = attempt;
  const position = await attempt.at("ExecutionArmed");
  await change(ledger, position, (event) => ({
    ...event,
    bytes: Buffer.from(Buffer.from(event.bytes).toString().replace("today", "Today")),
  }));
  has(await attempt.findings("root"), { rule: "stored head", field: "root" });
  has(await attempt.findings("state-machine"), { position, field: "data.reason" });
});

const assessedAs = (change: (reason: { message: string; code: string }) => void) => (event: StoredEvent) =>
  edited(event, ({ data }) => change((data["reasons"] as { message: string; code: string }[])[0] as never));

wayIn(
  "the words of an assessment, with chain and head made to fit: passes as another release's, and is said",
  async (attempt) => {
    const { ledger } = attempt;
    const position = await attempt.at("TargetAssessed");
    await change(
      ledger,
      position,
      assessedAs((reason) => Object.assign(reason, { message: "All is well." })),
    );
    await ledger.setEvents(rechained(await ledger.events()));
    await fixHead(ledger);
    const { checks } = await attempt.report();
    assert.ok(checks.every(({ verdict }) => verdict !== "FAIL"));
    const { note } = checks.find(({ name }) => name === "state-machine") ?? {};
    assert.match(
      note ?? "",
      new RegExp(`^said in other words than this release has.*: 1 event at position ${position};`),
    );
    // What is decided is no matter of words.
    await change(
      ledger,
      position,
      assessedAs((reason) => Object.assign(reason, { code: "FINE" })),
    );
    has(await attempt.findings("state-machine"), { position, field: "data.reasons.0.code" });
  },
);

wayIn("an event of a time that is to come", async (attempt) => {
  const position = await attempt.at("DryRunRecorded");
  await change(attempt.ledger, position, stampedAt("9999-12-31T23:59:59.999Z"));
  const found = await attempt.findings("positions", { now: "2026-02-01T00:00:00.000Z" });
  assert.equal(
    found.map(({ rule, field, position: where }) => [rule, field, where]),
    [["time", "time", position]],
  );
  // Without a clock all that follows it is out of order.
  has(await attempt.findings("positions"), { position: position + 1, field: "time", rule: "time" });
});

wayIn("an event of a time long before those it follows", async (attempt) => {
  const position = await attempt.at("DryRunRecorded");
  await change(attempt.ledger, position, stampedAt("2026-01-05T09:00:00.000Z"));
  const found = await attempt.findings("positions");
  assert.equal(
    found.map(({ rule, field, position: where }) => [rule, field, where]),
    [["time", "time", position]],
  );
});

wayIn("a byte of an event that breaks its JSON", async (attempt) => {
  const position = await attempt.at("UnitCut");
  await change(attempt.ledger, position, (event) => ({
    ...event,
    bytes: Uint8Array.from(event.bytes, (byte, i) => (i === 0 ? 0x5b : byte)),
  }));
  has(await attempt.findings("canonical-bytes"), { position, field: "bytes", rule: "RFC 8785" });
  has(await attempt.findings("schema"), { position, rule: "envelope" });
  has(await attempt.findings("chain"), { position: await next(attempt.ledger, position), field: "prev" });
});

wayIn("a byte of an event that breaks its UTF-8", async (attempt) => {
  const position = await attempt.at("UnitCut");
  await change(attempt.ledger, position, (event) => ({
    ...event,
    bytes: Uint8Array.from(event.bytes, (byte, i) => (i === 20 ? 0xff : byte)),
  }));
  has(await attempt.findings("canonical-bytes"), { position, message: "byte 20: not UTF-8" });
});

wayIn("white space in an event", async (attempt) => {
  const position = await attempt.at("RunOpened");
  await change(attempt.ledger, position, (event) => ({
    ...event,
    bytes: Buffer.from(Buffer.from(event.bytes).toString().replace(":", ": ")),
  }));
  has(await attempt.findings("canonical-bytes"), { position, field: "bytes" });
});

wayIn("an event, canonical again, with the head recomputed", async (attempt) => {
  const { ledger } = attempt;
  const position = await attempt.at("RunOpened");
  await change(ledger, position, (event) => edited(event, ({ data }) => Object.assign(data, { mode: "rehearsal" })));
  await fixHead(ledger);
  has(await attempt.findings("chain"), { position: await next(ledger, position), field: "prev" });
  has(await attempt.findings("state-machine"), { position, field: "data.mode" });
});

wayIn("an event, with its stream chained anew and the head recomputed", async (attempt) => {
  const { ledger } = attempt;
  const before = rangeOf(await ledger.events());
  const { root } = await attempt.report();
  const position = await attempt.at("ExecutionArmed");
  await change(ledger, position, (event) => edited(event, ({ data }) => Object.assign(data, { reason: "another" })));
  await ledger.setEvents(rechained(await ledger.events()));
  await fixHead(ledger);
  await only(attempt, ["state-machine"]);
  has(await attempt.findings("state-machine"), { position, field: "data.reason" });
  has(
    await attempt.findings("root", {
      knownHeads: [{ size: before.size, root, from: "the checkpoint of this morning" }],
    }),
    { rule: "known head" },
  );
});

wayIn("an event of unknown shape", async (attempt) => {
  const position = await attempt.at("CutPlanned");
  await change(attempt.ledger, position, (event) => edited(event, ({ data }) => Object.assign(data, { units: -1 })));
  has(await attempt.findings("schema"), { position, field: "data.units", rule: "CutPlanned schema 1" });
});

wayIn("the actor of an event", async (attempt) => {
  const position = await attempt.at("LegBRecorded");
  await change(attempt.ledger, position, (event) =>
    edited(event, (envelope) => {
      envelope.actor = "vera";
    }),
  );
  await fixHead(attempt.ledger);
  has(await attempt.findings("signatures"), { position, field: "actor" });
});

wayIn("the time of an event", async (attempt) => {
  const { ledger } = attempt;
  const position = await attempt.at("ExecutionArmed");
  await change(ledger, position, (event) =>
    edited(event, (envelope) => {
      envelope.time = "2025-01-01T00:00:00.000Z";
    }),
  );
  await ledger.setEvents(rechained(await ledger.events()));
  await fixHead(ledger);
  // A time before what the decision had read; what expires by it is judged by the state machine too.
  has(await attempt.findings("state-machine"), { position });
});

wayIn("a byte of the document", async (attempt) => {
  const { ledger, governed, run } = attempt;
  const { content } = await governed.state(run);
  const kept = await ledger.store.content.get(content);
  if (kept === undefined) throw new Error("no content");
  await ledger.setContent(content, {
    ...kept,
    bytes: Uint8Array.from(kept.bytes, (byte, i) => (i === 100 ? byte + 1 : byte)),
  });
  has(await attempt.findings("content"), {
    position: await attempt.at("DocumentRegistered"),
    field: "data.content",
    rule: "commitment",
  });
});

wayIn("the document itself", async (attempt) => {
  const { content } = await attempt.governed.state(attempt.run);
  await attempt.ledger.setContent(content, null);
  has(await attempt.findings("content"), {
    position: await attempt.at("DocumentRegistered"),
    field: "data.content",
    rule: "missing",
  });
});

wayIn("the plan", async (attempt) => {
  const { plan } = await attempt.governed.state(attempt.run);
  await attempt.ledger.setContent(plan?.planContent ?? "", null);
  has(await attempt.findings("content"), {
    position: await attempt.at("CutPlanned"),
    field: "data.planContent",
    rule: "missing",
  });
});

wayIn("the commitment of a unit, all digests after it made to fit", async (attempt) => {
  const position = await attempt.at("UnitCut");
  await change(attempt.ledger, position, (event) =>
    edited(event, ({ data }) => Object.assign(data, { raw: "ab".repeat(32) })),
  );
  await attempt.ledger.setEvents(rechained(await attempt.ledger.events()));
  await fixHead(attempt.ledger);
  has(await attempt.findings("content"), { position, field: "data.raw", rule: "commitment" });
  has(await attempt.findings("content"), { position: await attempt.at("CutExecuted"), field: "data.draftRoot" });
});

wayIn("a record, its digests and the chain made to fit", async (attempt) => {
  const position = await attempt.at("LegBRecorded");
  await change(attempt.ledger, position, (event) =>
    edited(event, ({ data }) => {
      const written = data as unknown as FactData<"LegBRecorded">;
      const record = { ...written.record, units: 1 };
      const recordDigest = digestOf(record);
      Object.assign(data, {
        record,
        recordDigest,
        writerDigest: nextWriterDigest(undefined, written.writer, recordDigest),
      });
    }),
  );
  await attempt.ledger.setEvents(rechained(await attempt.ledger.events()));
  await fixHead(attempt.ledger);
  has(await attempt.findings("writers"), { position, field: "data.record.units", rule: "writer re-run" });
});

wayIn("two events of different streams, swapped", async (attempt) => {
  const { ledger } = attempt;
  const position = await attempt.at("RequestGate").catch(() => attempt.at("GateRequested"));
  const other = await attempt.at("ExecutionArmed");
  await swap(ledger, position, other);
  await fixHead(ledger);
  has(await attempt.findings("signatures"), { position, field: "command.id" });
  has(await attempt.findings("signatures"), { position: other, field: "command.id" });
  has(await attempt.findings("positions"), { position: other, field: "revision", rule: "dense revisions" });
});

wayIn("two events of one stream, swapped", async (attempt) => {
  const { ledger } = attempt;
  const position = await attempt.at("UnitCut");
  await swap(ledger, position, position + 1);
  await fixHead(ledger);
  has(await attempt.findings("positions"), { position, field: "revision", rule: "dense revisions" });
  has(await attempt.findings("chain"), { position, field: "prev" });
});

async function swap(ledger: OpenedUp, one: number, other: number): Promise<void> {
  const events = await ledger.events();
  await ledger.setEvents(
    events
      .map((event) => ({
        ...event,
        position: event.position === one ? other : event.position === other ? one : event.position,
      }))
      .sort((a, b) => a.position - b.position),
  );
}

wayIn("the last event, the head left alone", async (attempt) => {
  const events = await attempt.ledger.events();
  await attempt.ledger.setEvents(events.slice(0, -1));
  const position = events.length - 1;
  has(await attempt.findings("positions"), { position, field: "position", rule: "dense positions" });
  has(await attempt.findings("root"), { position, field: "root" });
});

wayIn("the last event, the head moved back", async (attempt) => {
  const { ledger } = attempt;
  const { size, root } = await attempt.report();
  await ledger.setEvents((await ledger.events()).slice(0, -1));
  await fixHead(ledger);
  has(await attempt.findings("positions"), {
    position: size - 1,
    field: "position",
    rule: "nothing after the end is missing",
  });
  // The command's row gone too, only somebody outside can tell.
  await ledger.setCommands((await ledger.commands()).slice(0, -1));
  assert.is((await attempt.report()).verdict, "NOT_RUN");
  has(await attempt.findings("root", { knownHeads: [{ size, root, from: "yesterday's replay" }] }), {
    position: size - 1,
    field: "size",
    rule: "known head",
  });
});

wayIn("an event in the middle, leaving a hole", async (attempt) => {
  const position = await attempt.at("GateRuled");
  await attempt.ledger.setEvents((await attempt.ledger.events()).filter((event) => event.position !== position));
  has(await attempt.findings("positions"), { position, field: "position", rule: "dense positions" });
});

wayIn("an event in the middle, those after it moved up", async (attempt) => {
  const { ledger } = attempt;
  const position = await attempt.at("GateRuled");
  const after = await next(ledger, position);
  await ledger.setEvents(renumbered((await ledger.events()).filter((event) => event.position !== position)));
  await fixHead(ledger);
  has(await attempt.findings("signatures"), { position, field: "command.id" });
  has(await attempt.findings("positions"), { position: after - 1, field: "revision", rule: "dense revisions" });
  has(await attempt.findings("chain"), { position: after - 1, field: "prev" });
});

wayIn("a row filed under another stream", async (attempt) => {
  const position = await attempt.at("ExecutionArmed");
  await change(attempt.ledger, position, (event) => ({ ...event, stream: "execution-other" }));
  has(await attempt.findings("positions"), { position, field: "stream", rule: "row and leaf agree" });
});

wayIn("the head", async (attempt) => {
  const events = await attempt.ledger.events();
  await attempt.ledger.setHead(
    rangeOf(events.map((event, i) => (i === 3 ? { ...event, bytes: new Uint8Array(1) } : event))),
  );
  await only(attempt, ["root"]);
});

wayIn("the source of a writer", async (attempt) => {
  await withTempDir(async (folder) => {
    await cp(projectFile("src", "writers"), folder, { recursive: true });
    await only(attempt, [], { writersFolder: folder });
    const file = join(folder, "legB.v1.ts");
    await writeFile(file, `${await readFile(file, "utf8")}\n`);
    const events = await attempt.ledger.events();
    const position = events.findIndex((event) => event.stream === "writer-legB");
    has(await attempt.findings("writers", { writersFolder: folder }), {
      position,
      stream: "writer-legB",
      field: "data.source",
      rule: "writer source",
    });
  });
});

tampering.run();
