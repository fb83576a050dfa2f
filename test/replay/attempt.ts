/**
 * One attempt on a ledger, and how a test says what replay must find. Every way in is tried on a copy in memory and on SQLite with its
 * triggers dropped. Other checks may find the same thing too, and mostly do: a test names the one that must.
 */
import type { suite } from "uvu";
import * as assert from "uvu/assert";
import { canonicalBytes, sha256Hex } from "../../src/events/canonical.js";
import { type Envelope, leafHash } from "../../src/events/envelope.js";
import { uuidV5 } from "../../src/events/uuid.js";
import type { StoredEvent } from "../../src/ledger/Store.js";
import type { CheckName, Finding, ReplayReport } from "../../src/replay/Check.js";
import { type ReplayOptions, replay } from "../../src/replay/replay.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { type GovernedLedger, governedRun } from "../support/governedRun.js";
import {
  change,
  edited,
  fixHead,
  type OpenedUp,
  openedUpInMemory,
  openedUpSqlite,
  parsed,
  rechained,
} from "./openedUp.js";

export interface Attempt {
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
export function wayIn(
  tampering: ReturnType<typeof suite>,
  name: string,
  attack: (attempt: Attempt) => Promise<void>,
): void {
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
export function has(findings: readonly Finding[], expected: Partial<Finding>): void {
  const found = findings.some((finding) =>
    Object.entries(expected).every(([key, value]) => finding[key as keyof Finding] === value),
  );
  assert.ok(found, `expected ${JSON.stringify(expected)} among ${JSON.stringify(findings, null, 1)}`);
}

/** Exactly these checks fail. */
export async function only(attempt: Attempt, failed: readonly CheckName[], options?: ReplayOptions): Promise<void> {
  const { checks } = await attempt.report(options);
  assert.equal(
    checks.filter(({ verdict }) => verdict === "FAIL").map(({ name }) => name),
    failed,
  );
}

/** The next event of the same stream. */
export async function next(ledger: OpenedUp, position: number): Promise<number> {
  const events = await ledger.events();
  const { stream } = events[position] as StoredEvent;
  return (events.find((event) => event.stream === stream && event.position > position) as StoredEvent).position;
}

/** Appends events of a command as the engine would, without asking anybody. Answers the position of the first. */
export async function forge(
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
export async function setEnvelope(
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

/** The envelope with one bit of its signature changed. */
export function forged(envelope: Uint8Array): Uint8Array {
  const dsse = JSON.parse(Buffer.from(envelope).toString()) as { signatures: { sig: string }[] };
  const [first] = dsse.signatures as [{ sig: string }];
  const signature = Buffer.from(first.sig, "base64");
  signature[10] = (signature[10] ?? 0) ^ 1;
  first.sig = signature.toString("base64");
  return canonicalBytes(dsse);
}
