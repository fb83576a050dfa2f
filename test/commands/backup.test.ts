/** Backups: whom they are for, what a record of one must say, and which one lets a run be cut. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { backupCategory } from "../../commands/backup.js";
import type { CommandData } from "../../commands/Command.js";
import { runCategory } from "../../commands/run/State.js";
import { isAgeRecipient } from "../../src/events/ageRecipient.js";
import { recipientA, recipientB, roomPolicy, run } from "./cast.js";
import { approved, armed, until, untouched } from "./history.js";
import type { Situation } from "./scenario.js";

const test = suite("backups");
const pins = { recipients: [{ recipient: recipientA, holder: "otto" }] };
const strict = { ...roomPolicy, backupHoursMax: 6 };

/** A record of a backup of the whole situation. */
function recordOf(here: Situation, changes: Partial<CommandData<"RecordBackup">> = {}): CommandData<"RecordBackup"> {
  return {
    file: "ab".repeat(32),
    length: 4096,
    size: here.events.length,
    root: "cd".repeat(32),
    contents: 2,
    absent: 0,
    projections: "ef".repeat(32),
    recipients: [recipientA],
    ...changes,
  };
}

test("recipients are pinned with the humans who keep their keys, in place of those before, in order", () => {
  const here = until("open");
  const both = [
    { recipient: recipientA, holder: "otto" },
    { recipient: recipientB, holder: "ada" },
  ].sort((a, b) => (a.recipient < b.recipient ? -1 : 1));
  here.when("PinBackupRecipients", { recipients: [...both].reverse() }, "sam").thenFacts({
    stream: "backup-ledger",
    type: "BackupRecipientsPinned",
    data: { recipients: both },
  });
  here
    .after("PinBackupRecipients", { recipients: both }, "sam")
    .when("PinBackupRecipients", { recipients: both }, "sofia")
    .thenNothing();
});

test("a key of backups is kept by a human in force who does not cut", () => {
  const here = until("open");
  const kept = (holder: string) => ({ recipients: [{ recipient: recipientA, holder }] });
  here.when("PinBackupRecipients", kept("rex"), "sam").thenRefused("HOLDER_EXECUTES", { holder: "rex" });
  here.when("PinBackupRecipients", kept("nobody"), "sam").thenRefused("HOLDER_UNKNOWN", { holder: "nobody" });
  here.when("PinBackupRecipients", kept("lens"), "sam").thenRefused("HOLDER_UNKNOWN", { holder: "lens" });
  here
    .after("RevokePrincipal", { principal: "otto", reason: "Gone." }, "ada")
    .when("PinBackupRecipients", kept("otto"), "sam")
    .thenRefused("HOLDER_UNKNOWN", { holder: "otto" });
});

test("a record needs pinned recipients, names exactly those, and is not an executor's", () => {
  const here = until("open");
  here.when("RecordBackup", recordOf(here), "otto").thenRefused("RECIPIENTS_NOT_PINNED", { file: "ab".repeat(32) });
  const pinned = here.after("PinBackupRecipients", pins, "sam");
  const data = recordOf(pinned);
  pinned.when("RecordBackup", data, "otto").thenFacts({ stream: "backup-ledger", type: "BackupRecorded", data });
  pinned.when("RecordBackup", recordOf(pinned, { recipients: [recipientB] }), "otto").thenRefused("RECIPIENTS_DIFFER", {
    file: data.file,
    given: recipientB,
    pinned: recipientA,
  });
  const operating = pinned.and({
    stream: "principal-rex",
    type: "PrincipalRegistered",
    data: { ...pinned.events.find(({ stream }) => stream === "principal-rex")?.data, roles: ["executor", "operator"] },
  });
  operating.when("RecordBackup", recordOf(operating), "rex").thenRefused("VERIFIER_EXECUTES", { actor: "rex" });
});

test("the newest of each size is kept; new recipients end them all; what could not be known yet counts for nothing", () => {
  const pinned = until("open").after("PinBackupRecipients", pins, "sam");
  const sizes = (here: Situation) => here.state(backupCategory, "ledger").backups.map(({ size }) => size);
  const third = pinned
    .after("RecordBackup", recordOf(pinned, { size: 9 }), "otto")
    .after("RecordBackup", recordOf(pinned, { size: 4 }), "otto");
  assert.equal(sizes(third), [9, 4]);
  assert.equal(sizes(third.after("RecordBackup", recordOf(pinned, { size: 9, file: "00".repeat(32) }), "otto")), [9]);
  assert.equal(
    sizes(third.after("PinBackupRecipients", { recipients: [{ recipient: recipientB, holder: "otto" }] }, "sam")),
    [],
  );
  const future = third.after("RecordBackup", recordOf(pinned, { size: third.events.length + 1 }), "otto");
  assert.equal(sizes(future), [9, 4]);
  assert.equal(sizes(third.after("RecordBackup", recordOf(pinned, { size: third.events.length }), "otto")), [
    third.events.length,
  ]);
});

/** Approved and armed under a policy that asks for backups; nothing recorded. */
function asked(): Situation {
  const here = until("assessed")
    .after("AdoptPolicy", { policy: strict }, "sofia")
    .after("PinBackupRecipients", pins, "sam");
  const { plan, planContent } = until("planned").state(runCategory, run).plan ?? { plan: "", planContent: "" };
  const stored = until("planned").contents.get(planContent);
  assert.ok(stored !== undefined);
  return approved(
    here
      .with(stored)
      .after("PlanCut", { run, plan, planContent }, "olga")
      .after("DryRun", { run, nonMutation: untouched }, "olga"),
    run,
    "SG_1",
  );
}

test("a backup lets a run be cut if it holds all of the run up to the ruling; its own record and the arming are not asked for", () => {
  const here = asked();
  const { settledAt } = here.state(runCategory, run);
  assert.is(settledAt, here.events.length - 1, "the ruling is the run's newest event");
  armed(here, run).when("ExecuteCut", { run }, "rex").thenRefused("BACKUP_REQUIRED", { run, backupHoursMax: 6 });
  const behind = here.after("RecordBackup", recordOf(here, { size: settledAt }), "otto");
  armed(behind, run)
    .when("ExecuteCut", { run }, "rex")
    .thenRefused("BACKUP_BEHIND", { run, backupHoursMax: 6, size: settledAt, position: settledAt });
  const recorded = here.after("RecordBackup", recordOf(here), "otto");
  assert.ok(armed(recorded, run).when("ExecuteCut", { run }, "rex").facts().length > 0);
  // A later one of less does not take the first away; other people's events meanwhile ask for nothing.
  const busy = armed(recorded, run)
    .after("RecordBackup", recordOf(here, { size: 3 }), "otto")
    .after(
      "RotateKey",
      {
        principal: "otto",
        key: here.events.find((one) => one.stream === "principal-otto")?.data["key"] as never,
        retires: [],
      },
      "ada",
    );
  assert.ok(busy.when("ExecuteCut", { run }, "rex").facts().length > 0);
});

test("a backup counts for the policy's hours, to the millisecond", () => {
  const recorded = asked();
  const here = armed(recorded.after("RecordBackup", recordOf(recorded), "otto"), run, 24);
  const recordedAt = here.state(backupCategory, "ledger").backups[0]?.recordedAt ?? "";
  const end = Date.parse(recordedAt) + 6 * 3_600_000;
  const at = (ms: number) => new Date(ms).toISOString();
  assert.ok(here.when("ExecuteCut", { run }, { by: "rex", at: at(end - 1) }).facts().length > 0);
  here
    .when("ExecuteCut", { run }, { by: "rex", at: at(end) })
    .thenRefused("BACKUP_OLD", { run, backupHoursMax: 6, recordedAt, now: at(end) });
});

test("a hold and its release are events of the run: the backup must hold them too", () => {
  const first = asked();
  const held = first
    .after("RecordBackup", recordOf(first), "otto")
    .after("HoldRun", { run, reason: "One moment." }, "bot")
    .after("ReleaseHold", { run, reason: "Looked into." }, "rita");
  const { settledAt } = held.state(runCategory, run);
  armed(held, run)
    .when("ExecuteCut", { run }, "rex")
    .thenRefused("BACKUP_BEHIND", { run, backupHoursMax: 6, size: first.events.length, position: settledAt });
});

test("while the cut is under way what the backup must hold stays what it was", () => {
  assert.is(until("cut").state(runCategory, run).settledAt, until("armed").state(runCategory, run).settledAt);
});

test("an assessment says whether a backup in time is recorded", () => {
  const pinned = until("opened")
    .after("AdoptPolicy", { policy: strict }, "sofia")
    .after("PinBackupRecipients", pins, "sam");
  const verdict = (here: Situation, at = here.now) =>
    here.when("AssessTarget", { run }, { by: "olga", at }).facts()[0]?.data["verdict"];
  assert.is(verdict(pinned), "unsafe");
  const recorded = pinned.after("RecordBackup", recordOf(pinned), "otto");
  assert.is(verdict(recorded), "safe");
  assert.is(verdict(recorded, new Date(Date.parse(recorded.now) + 6 * 3_600_000).toISOString()), "unsafe");
});

test("a recipient with a letter wrong, of another kind, or written otherwise is none", () => {
  assert.ok(isAgeRecipient(recipientA));
  for (let at = 0; at < recipientA.length; at++) {
    const other = recipientA[at] === "q" ? "p" : "q";
    assert.not.ok(isAgeRecipient(recipientA.slice(0, at) + other + recipientA.slice(at + 1)), `letter ${at}`);
  }
  for (const text of ["", "age1", recipientA.toUpperCase(), ` ${recipientA}`, recipientA.replace("age1", "age2")])
    assert.not.ok(isAgeRecipient(text), text);
});

test.run();
