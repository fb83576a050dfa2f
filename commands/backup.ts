/**
 * Backups: whom they are encrypted to, and which of them proved themselves. A backup is evidence only once it was restored elsewhere and
 * compared, and only as far as it reaches: to the size it was made at. Must never count one that the people named in force cannot open.
 */
import { z } from "zod";
import { isAgeRecipient } from "../src/events/ageRecipient.js";
import { asEvent } from "../src/events/decode.js";
import { count, digest, principalId } from "../src/events/fields.js";
import { backupKey, streamName } from "../src/events/streams.js";
import { accepted, type Category, type Decision, nothing, refused, type World } from "../src/ledger/Decision.js";
import type { CommandsOf } from "./CommandFrame.js";
import { principalCategory } from "./principal.js";

const recipient = z
  .string()
  .refine(isAgeRecipient, "must be an X25519 recipient of age: age1 and 58 characters, the last six a checksum");

export const commands = {
  PinBackupRecipients: z.strictObject({
    /** Whoever holds one of these identities can open every backup from now on. In place of those before. */
    recipients: z
      .array(z.strictObject({ recipient, holder: principalId }))
      .min(1)
      .max(20)
      .refine(
        (list) => new Set(list.map((one) => one.recipient)).size === list.length,
        "must name each recipient once",
      ),
  }),
  RecordBackup: z.strictObject({
    /** SHA-256 of the encrypted file, and its bytes. */
    file: digest,
    length: z.int().min(1),
    /** The ledger's head as it was restored: the first `size` events and the root over them. */
    size: z.int().min(1),
    root: digest,
    /** Contents restored and found to be what was committed to; and those that were not there to be backed up. */
    contents: count,
    absent: count,
    /** SHA-256 over the digests of the read models built from what was restored. */
    projections: digest,
    /** Whom it is encrypted to, in order of their names. */
    recipients: z.array(recipient).min(1).max(20),
  }),
};

export interface BackupState {
  recipients: { recipient: string; holder: string }[];
  /** Those that no later one outdoes: the later, the smaller. Only what the recipients in force can open. */
  backups: { file: string; size: number; recordedAt: string }[];
}

export const backupCategory: Category<BackupState> = {
  name: "backup",
  initial: () => ({ recipients: [], backups: [] }),
  evolve(state, envelope, position) {
    const event = asEvent(envelope);
    switch (event.type) {
      case "BackupRecipientsPinned":
        state.recipients = event.data.recipients;
        state.backups = [];
        break;
      case "BackupRecorded": {
        const { file, size } = event.data;
        // Nobody can have backed up what was not written yet: such a record opens nothing, and replay names it.
        if (size > position) break;
        state.backups = [...state.backups.filter((one) => one.size > size), { file, size, recordedAt: event.time }];
        break;
      }
    }
  },
};

/** The backups in force. */
export function backupsInForce(world: World): Readonly<BackupState> {
  return world.state(backupCategory, backupKey);
}

/** Until when a backup that was recorded then is good under a policy of so many hours. */
export function goodUntil(recordedAt: string, hours: number): string {
  return new Date(Date.parse(recordedAt) + hours * 3_600_000).toISOString();
}

export function decideBackup(command: CommandsOf<typeof commands>, world: World): Decision {
  return command.type === "PinBackupRecipients" ? pin(command, world) : record(command, world);
}

function pin({ data }: CommandsOf<typeof commands, "PinBackupRecipients">, world: World): Decision {
  const recipients = [...data.recipients].sort((a, b) => (a.recipient < b.recipient ? -1 : 1));
  for (const { holder } of recipients) {
    const principal = world.state(principalCategory, holder);
    if (principal.kind !== "human" || principal.principal === null || principal.revoked) {
      return refused(
        "HOLDER_UNKNOWN",
        `${holder} is no registered human in force, so cannot keep the key of the backups.`,
        { holder },
        "Name the human who keeps it: iu-ledger principal list",
      );
    }
    if (principal.roles.includes("executor")) {
      return refused(
        "HOLDER_EXECUTES",
        `${holder} is an executor; whoever cuts must not keep the key of what a wrong cut is restored from.`,
        { holder },
        "Name a human without that role.",
      );
    }
  }
  const { recipients: before } = backupsInForce(world);
  const same =
    before.length === recipients.length &&
    before.every((one, i) => one.recipient === recipients[i]?.recipient && one.holder === recipients[i]?.holder);
  if (same) return nothing;
  return accepted([{ stream: streamName("backup", backupKey), type: "BackupRecipientsPinned", data: { recipients } }]);
}

function record({ actor, data }: CommandsOf<typeof commands, "RecordBackup">, world: World): Decision {
  const pinned = backupsInForce(world).recipients.map((one) => one.recipient);
  if (pinned.length === 0) {
    return refused(
      "RECIPIENTS_NOT_PINNED",
      "No recipients of backups are pinned on this ledger, so nobody is known to be able to open this one.",
      { file: data.file },
      "A sovereign pins them: iu-ledger backup recipients --to RECIPIENT=HOLDER",
    );
  }
  const given = [...data.recipients].sort();
  if (given.length !== pinned.length || given.some((one, i) => one !== pinned[i])) {
    return refused(
      "RECIPIENTS_DIFFER",
      "The backup is encrypted to others than the recipients pinned on this ledger.",
      { file: data.file, given: given.join(","), pinned: pinned.join(",") },
      "Make another, which is encrypted to those in force: iu-ledger backup create FILE",
    );
  }
  if (world.state(principalCategory, actor).roles.includes("executor")) {
    return refused(
      "VERIFIER_EXECUTES",
      `${actor} is an executor; whoever opens a backup to verify it holds its key, and whoever cuts must not.`,
      { actor },
      "Let an operator without that role verify it.",
    );
  }
  return accepted([
    { stream: streamName("backup", backupKey), type: "BackupRecorded", data: { ...data, recipients: given } },
  ]);
}
