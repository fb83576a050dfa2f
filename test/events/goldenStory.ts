/**
 * A story in which every type of event happens at least once, told by real commands with fixed keys, clock, salts and ids. From it the
 * golden history was written down; later it only shows which types are still missing there.
 */

import type { CommandData, CommandType } from "../../commands/Command.js";
import { parseCommand } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { redactionSubject } from "../../commands/redaction.js";
import { runCategory } from "../../commands/run/State.js";
import type { Envelope } from "../../src/events/envelope.js";
import { parseEvent } from "../../src/events/envelope.js";
import { publicKeyOf, type Signer } from "../../src/keys/Signer.js";
import { signCommand } from "../../src/keys/signCommand.js";
import { createLedger } from "../../src/ledger/createLedger.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { formatVkey, noteKeyTypes, noteSigner } from "../../src/tlog/noteKey.js";
import { signCheckpoint } from "../../src/tlog/signedCheckpoint.js";
import { writersLock } from "../../src/writers/lock.js";
import {
  charter,
  charter2,
  document,
  ledgerId,
  minute,
  type Name,
  names,
  recipientA,
  registrations,
  roomPolicy,
  run,
  run2,
  run3,
  signerOf,
  type Text,
  uuid,
} from "../commands/cast.js";
import { planned, untouched } from "../commands/history.js";
import { auditReport, provenReport, storedReport } from "../commands/reports.js";

/** The events of the story, as the engine stored them. */
export async function goldenStory(): Promise<Uint8Array[]> {
  const store = memoryStore();
  let ticks = 0;
  let ids = 0x9000;
  const ledger = createLedger({
    store,
    decide,
    parseCommand,
    clock: () => minute(ticks++),
    pause: async () => undefined,
  });

  async function say<T extends CommandType>(
    type: T,
    data: CommandData<T>,
    by: Name | Signer,
    answer = "committed",
  ): Promise<void> {
    const frame = { id: uuid(ids++), ledger: ledgerId, at: minute(ticks) };
    const result = await ledger.submit(signCommand(type, data, frame, typeof by === "string" ? signerOf(by) : by));
    if (result.kind !== answer) throw new Error(`${type}: ${JSON.stringify(result)}`);
  }
  const put = (...texts: Text[]) =>
    Promise.all(texts.map(({ commitment, salt, bytes }) => store.content.put(commitment, { salt, bytes })));
  const state = (id: string) => ledger.state(runCategory, id);

  async function gate(id: string, kind: "SG_1" | "SG_2" | "SG_C"): Promise<void> {
    await say("RequestGate", { run: id, kind }, "olga");
    const { gates } = await state(id);
    const { gate: name, subject } = gates.at(-1) ?? { gate: "", subject: "" };
    await say(
      "RuleGate",
      { run: id, gate: name, outcome: "approved", subject, acknowledge: [], reason: "Read." },
      "sam",
    );
  }
  async function plannedFor(id: string, text: Text): Promise<void> {
    const { plan, planContent, stored } = planned(text);
    await put(text, stored);
    await say("OpenRun", { run: id, document, mode: "live" }, "olga");
    await say("AssessTarget", { run: id }, "olga");
    await say("PlanCut", { run: id, plan, planContent }, "olga");
  }
  async function cutAndVerified(id: string): Promise<void> {
    await say("DryRun", { run: id, nonMutation: untouched }, "olga");
    await gate(id, "SG_1");
    await say("ArmExecution", { run: id, until: minute(ticks + 120), reason: "The cut is due." }, "sam");
    await say("ExecuteCut", { run: id }, "rex");
    await say("DisarmExecution", { run: null, reason: "The cut is done." }, "rex");
    await say("RecordLegB", { run: id }, "wanda");
    await say("RecordVerify", { run: id }, "lens");
  }
  async function enacted(id: string): Promise<void> {
    await say("ReviewRun", { run: id, note: "Complete and right." }, "rita");
    await gate(id, "SG_2");
    await say("EnactRun", { run: id }, "sam");
  }

  const key = (name: string, n = 0) => publicKeyOf(signerOf(name, n).privateKey);
  const sovereign = { principal: "sofia", name: "Sofia Maar", key: key("sofia") };
  await say(
    "OpenLedger",
    {
      name: "The reading room",
      origin: "ledger.example/reading-room",
      sovereign,
      policy: roomPolicy,
      writers: [...writersLock],
    },
    "sofia",
  );
  for (const name of names) {
    if (name === "sofia") continue;
    const { kind, roles, responsible = name } = registrations[name];
    await say(
      "RegisterPrincipal",
      { principal: name, kind, name: `${name} of the room`, roles: [...roles], responsible, key: key(name) },
      "sofia",
    );
  }
  await say("RotateKey", { principal: "otto", key: key("otto", 1), retires: [key("otto").keyid] }, "ada");
  await say("RevokePrincipal", { principal: "mill", reason: "No longer needed." }, "ada");
  await say("RatifyWriter", { name: "sketch", version: 1, source: "12".repeat(32) }, "sam");
  await say("RetireWriter", { name: "sketch", version: 1, reason: "Never used." }, "sam");

  await put(charter);
  await say("RegisterDocument", { document, title: "Charter", source: null, content: charter.commitment }, "ed");
  await plannedFor(run, charter);
  await say("ExecuteCut", { run }, "rex", "refused");
  await cutAndVerified(run);
  await enacted(run);

  await put(charter2);
  await say("ReviseDocument", { document, content: charter2.commitment }, "ed");
  await say("OpenRun", { run: run3, document, mode: "live" }, "olga");
  await say("HoldRun", { run: run3, reason: "One moment." }, "bot");
  await say("ReleaseHold", { run: run3, reason: "Looked into." }, "rita");
  await say("AbandonRun", { run: run3, reason: "Not today." }, "olga");

  await plannedFor(run2, charter2);
  await cutAndVerified(run2);
  const { units, repeals } = await state(run2);
  const rows = [
    ...units
      .filter(({ transition }) => transition.open)
      .map(({ address, transition, unit }) => ({ row: address, class: transition.class, unit })),
    ...repeals.map(({ unit }) => ({ row: unit, class: "repeal" as const, unit })),
  ];
  await say("ResolveTransition", { run: run2, rows, reason: "Read side by side." }, "rita");
  await enacted(run2);
  await say("PlanCompensation", { run: run2, reason: "The mice object." }, "ada");
  await gate(run2, "SG_C");
  await say("Compensate", { run: run2 }, "rex");
  await say("RecordCompensationB", { run: run2 }, "wanda");
  await say("VerifyCompensation", { run: run2 }, "vera");

  await say("DisarmExecution", { run: null, reason: "To be sure." }, "rex");

  await say("PinBackupRecipients", { recipients: [{ recipient: recipientA, holder: "otto" }] }, "sam");
  const head = await store.head();
  const restored = { contents: 4, absent: 0, projections: "ef".repeat(32), recipients: [recipientA] };
  await say("RecordBackup", { file: "ab".repeat(32), length: 4096, ...head, ...restored }, signerOf("otto", 1));
  const audit = storedReport(auditReport(minute(ticks)));
  const proof = storedReport(provenReport(minute(ticks)));
  await put(audit.stored, proof.stored);
  await say("RecordGrantAudit", audit.named, signerOf("otto", 1));
  await say("RecordProof", { run, ...proof.named }, signerOf("otto", 1));
  const redaction = uuid(0xeda);
  const asked = { redaction, contents: [charter2.commitment], reason: "A court said so." };
  await say("RequestRedaction", asked, "ed");
  await say(
    "RuleRedaction",
    { redaction, outcome: "approved", subject: redactionSubject(asked), reason: "It did." },
    "sam",
  );
  await say("RedactContent", { redaction }, signerOf("otto", 1));
  const letter = {
    topic: "iu.commands",
    partition: 3,
    offset: 41,
    digest: "5a".repeat(32),
    size: 7,
    code: "MALFORMED",
  };
  await say("RecordDeadLetter", letter, signerOf("otto", 1));

  const origin = "ledger.example/reading-room";
  const logSigner = noteSigner(origin, noteKeyTypes.ed25519, signerOf("log").privateKey);
  await say("AdoptLogKey", { vkey: formatVkey(logSigner) }, "sam");
  const lost = signCheckpoint({ origin, size: 1000, root: Buffer.alloc(32, 7) }, logSigner);
  await say(
    "StartIncarnation",
    { checkpoint: Buffer.from(lost).toString(), ...(await store.head()), reason: "Restored from a backup." },
    "sam",
  );

  const { size } = await store.head();
  const stored = await store.read(0, size);
  await ledger.close();
  return stored.map(({ bytes }) => bytes);
}

/** The first event of each type and schema, in order. */
export function firstOfEach(events: readonly Uint8Array[]): { readonly key: string; readonly bytes: Uint8Array }[] {
  const seen = new Set<string>();
  return events.flatMap((bytes) => {
    const key = keyOf(parseEvent(bytes));
    if (seen.has(key)) return [];
    seen.add(key);
    return [{ key, bytes }];
  });
}

/** Type and schema. */
export function keyOf({ type, schema }: Envelope): string {
  return `${type}/${schema}`;
}
