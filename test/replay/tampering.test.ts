// Tampering, one test per way in, each on a copy in memory and on SQLite with its triggers dropped. Each names the check, the rule, the
// position and the field that must be found; other checks may find the same thing too, and mostly do.
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { nextWriterDigest } from "../../commands/run/records.js";
import { canonicalBytes, digestOf, sha256Hex } from "../../src/events/canonical.js";
import { type Envelope, leafHash } from "../../src/events/envelope.js";
import type { FactData } from "../../src/events/facts.js";
import { uuidV5 } from "../../src/events/uuid.js";
import type { StoredEvent } from "../../src/ledger/Store.js";
import type { CheckName, Finding, ReplayReport } from "../../src/replay/Check.js";
import { type ReplayOptions, replay } from "../../src/replay/replay.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { type GovernedLedger, governedRun } from "../support/governedRun.js";
import { projectFile } from "../support/project.js";
import { withTempDir } from "../support/withTempDir.js";
import {
  change,
  edited,
  fixHead,
  type OpenedUp,
  openedUpInMemory,
  openedUpSqlite,
  parsed,
  rangeOf,
  rechained,
  renumbered,
} from "./openedUp.js";

const tampering = suite("tampering");

interface Attempt {
  readonly governed: GovernedLedger;
  readonly ledger: OpenedUp;
  readonly run: string;
  /** Position of the first event of a type. */
  at(type: string): Promise<number>;
  /** Replays and answers the findings of one check; the whole must have failed. */
  findings(check: CheckName, options?: ReplayOptions): Promise<readonly Finding[]>;
  report(options?: ReplayOptions): Promise<ReplayReport>;
}

/** Registers one way in, to be tried on both stores. */
function wayIn(name: string, attack: (attempt: Attempt) => Promise<void>): void {
  tampering(`memory: ${name}`, async () => {
    const governed = await governedRun({ until: "verified" });
    await attack(attemptOn(governed, await openedUpInMemory(governed.store), governed.runId));
  });
  tampering(`sqlite: ${name}`, () =>
    withSqliteFile(async (file) => {
      const store = await file.open();
      const governed = await governedRun({ store, until: "verified" });
      await attack(attemptOn(governed, await openedUpSqlite(store), governed.runId));
    }),
  );
}

function attemptOn(governed: GovernedLedger, ledger: OpenedUp, run: string): Attempt {
  const report = (options: ReplayOptions = {}) => replay(ledger.store, options);
  return {
    governed,
    ledger,
    run,
    report,
    async at(type) {
      const found = (await ledger.events()).find((event) => parsed(event).type === type);
      if (found === undefined) throw new Error(`no ${type} on this ledger`);
      return found.position;
    },
    async findings(check, options) {
      const whole = await report(options);
      assert.is(whole.verdict, "FAIL");
      return whole.checks.find(({ name }) => name === check)?.findings ?? [];
    },
  };
}

/** One of the findings is at that place, against that rule. */
function has(findings: readonly Finding[], expected: Partial<Finding>): void {
  const found = findings.some((finding) =>
    Object.entries(expected).every(([key, value]) => finding[key as keyof Finding] === value),
  );
  assert.ok(found, `expected ${JSON.stringify(expected)} among ${JSON.stringify(findings, null, 1)}`);
}

async function only(attempt: Attempt, failed: readonly CheckName[], options?: ReplayOptions): Promise<void> {
  const { checks } = await attempt.report(options);
  assert.equal(
    checks.filter(({ verdict }) => verdict === "FAIL").map(({ name }) => name),
    failed,
  );
}

/** The next event of the same stream. */
async function next(ledger: OpenedUp, position: number): Promise<number> {
  const events = await ledger.events();
  const { stream } = events[position] as StoredEvent;
  return (events.find((event) => event.stream === stream && event.position > position) as StoredEvent).position;
}

wayIn("nothing at all: the ledger passes", async ({ report }) => {
  const { checks } = await report();
  assert.equal(
    checks.map(({ verdict }) => verdict),
    [...Array<string>(9).fill("PASS"), "NOT_RUN"],
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

wayIn("a signature, forged", async (attempt) => {
  const position = await attempt.at("DocumentRegistered");
  await setEnvelope(attempt.ledger, position, forged);
  has(await attempt.findings("signatures"), { position, field: "command.digest", rule: "SIGNATURE_WRONG" });
  has(await attempt.findings("signatures"), { position, field: "command.digest", rule: "signed envelope" });
});

wayIn("a signature, forged, with the event and the chain made to fit", async (attempt) => {
  const position = await attempt.at("DocumentRegistered");
  await setEnvelope(attempt.ledger, position, forged, true);
  await only(attempt, ["signatures", "state-machine"]);
  has(await attempt.findings("signatures"), { position, field: "command.digest", rule: "SIGNATURE_WRONG" });
});

wayIn("an envelope, replaced by another of the same actor", async (attempt) => {
  const { ledger, governed } = attempt;
  const position = await attempt.at("DocumentRegistered");
  const { data } = parsed((await ledger.events())[position] as StoredEvent);
  const other = governed.sign(
    "RegisterDocument",
    { document: governed.newId(), title: "Another", source: null, content: data["content"] as string },
    "carl",
  );
  await setEnvelope(ledger, position, () => other);
  has(await attempt.findings("signatures"), { position, field: "command.id", rule: "signed envelope" });
  has(await attempt.findings("signatures"), { position, field: "command.digest" });
});

wayIn("a command's row, taken away", async (attempt) => {
  const position = await attempt.at("GateRuled");
  const commands = await attempt.ledger.commands();
  await attempt.ledger.setCommands(commands.filter(({ parts }) => parts[0]?.position !== position));
  has(await attempt.findings("signatures"), { position, field: "command", rule: "signed command" });
});

wayIn("a ruling by an agent with its real key, everything else in order", async (attempt) => {
  const { governed, ledger, run } = attempt;
  await governed.done("ReviewRun", { run, note: "fine" }, "rhea").catch(() => undefined);
  const ruling = {
    run,
    gate: "SG_1/1",
    outcome: "approved" as const,
    subject: "00".repeat(32),
    acknowledge: [],
    reason: "trust me",
  };
  const envelope = governed.sign("RuleGate", ruling, "otto");
  const { acknowledge: _, ...said } = ruling;
  const data = { ...said, kind: "SG_1", acknowledged: [], expires: "2026-12-31T00:00:00.000Z", ruledBy: "otto" };
  const position = await forge(ledger, envelope, "otto", [{ stream: `run-${run}`, type: "GateRuled", data }]);
  has(await attempt.findings("signatures"), { position, stream: `run-${run}`, field: "actor", rule: "HUMAN_REQUIRED" });
  has(await attempt.findings("state-machine"), { position, rule: "HUMAN_REQUIRED" });
  for (const fine of ["canonical-bytes", "schema", "positions", "chain", "root"] as const)
    assert.equal(await attempt.findings(fine), []);
});

wayIn("an enactment by the right human before its time", async (attempt) => {
  const { governed, ledger, run } = attempt;
  const envelope = governed.sign("EnactRun", { run }, "ada");
  const position = await forge(ledger, envelope, "ada", [
    { stream: `run-${run}`, type: "RunEnacted", data: { run, gate: "SG_2/1", units: 3 } },
  ]);
  assert.equal(await attempt.findings("signatures"), []);
  has(await attempt.findings("state-machine"), { position, field: "type", rule: "WRONG_PHASE" });
});

wayIn("a command of somebody whose role was taken away before", async (attempt) => {
  const { governed, ledger, run } = attempt;
  const revoke = governed.sign("RevokePrincipal", { principal: "rhea", reason: "left" }, "ada");
  await forge(ledger, revoke, "ada", [
    { stream: "principal-rhea", type: "PrincipalRevoked", data: { principal: "rhea", reason: "left" } },
  ]);
  const review = governed.sign("ReviewRun", { run, note: "still here" }, "rhea");
  const position = await forge(ledger, review, "rhea", [
    { stream: `run-${run}`, type: "RunReviewed", data: { run, note: "still here" } },
  ]);
  const findings = await attempt.findings("signatures");
  has(findings, { position, field: "actor", rule: "PRINCIPAL_REVOKED" });
  assert.is(findings.length, 1);
});

wayIn("a ledger that another sovereign opened", async (attempt) => {
  const { keyid } = attempt.governed.signers.ada;
  await only(attempt, [], { rootKeyid: keyid });
  has(await attempt.findings("signatures", { rootKeyid: "0123456789abcdef" }), { position: 0, rule: "root key" });
});

/** Appends events of a command as the engine would, without asking anybody. Answers the position of the first. */
async function forge(
  ledger: OpenedUp,
  envelope: Uint8Array,
  actor: string,
  facts: readonly { stream: string; type: string; data: Record<string, unknown> }[],
): Promise<number> {
  const events = [...(await ledger.events())];
  const position = events.length;
  const { payload } = JSON.parse(Buffer.from(envelope).toString()) as { payload: string };
  const { id } = JSON.parse(Buffer.from(payload, "base64").toString()) as { id: string };
  const { time } = parsed(events.at(-1) as StoredEvent);
  for (const [index, { stream, type, data }] of facts.entries()) {
    const before = events.filter((event) => event.stream === stream).at(-1);
    const event: Envelope = {
      schema: 1,
      type,
      id: uuidV5(id, `0/${index}`),
      stream,
      revision: (before?.revision ?? -1) + 1,
      prev: before === undefined ? null : leafHash(before.bytes),
      time,
      actor,
      command: { id, digest: sha256Hex(envelope) },
      cause: null,
      data,
    };
    events.push({ position: events.length, stream, revision: event.revision, bytes: canonicalBytes(event) });
  }
  await ledger.setEvents(events);
  await ledger.setCommands([
    ...(await ledger.commands()),
    { id, envelope, parts: [{ position, count: facts.length, last: true }] },
  ]);
  await fixHead(ledger);
  return position;
}

/** Puts another envelope in the place of the one that wrote the event at a position; `fit`: and lets everything name it. */
async function setEnvelope(
  ledger: OpenedUp,
  position: number,
  replace: (envelope: Uint8Array) => Uint8Array,
  fit = false,
): Promise<void> {
  const commands = await ledger.commands();
  const command = commands.find(({ parts }) => parts[0]?.position === position);
  if (command === undefined) throw new Error("no command there");
  const envelope = replace(command.envelope);
  await ledger.setCommands(commands.map((one) => (one === command ? { ...one, envelope } : one)));
  if (!fit) return;
  await change(ledger, position, (event) =>
    edited(event, (inside) => {
      inside.command.digest = sha256Hex(envelope);
    }),
  );
  await ledger.setEvents(rechained(await ledger.events()));
  await fixHead(ledger);
}

function forged(envelope: Uint8Array): Uint8Array {
  const dsse = JSON.parse(Buffer.from(envelope).toString()) as { signatures: { sig: string }[] };
  const [first] = dsse.signatures as [{ sig: string }];
  const signature = Buffer.from(first.sig, "base64");
  signature[10] = (signature[10] ?? 0) ^ 1;
  first.sig = signature.toString("base64");
  return canonicalBytes(dsse);
}

tampering.run();
