/**
 * Whether a backup is one: it is opened, made a ledger again in a scratch file, replayed, and compared with the ledger it is of: every leaf, the root, every
 * content, the read models built from it. Only then is there something to record. Changes neither; the scratch files are gone afterwards.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CommandData } from "../../commands/Command.js";
import { ledgerCategory, ledgerKey } from "../../commands/ledger.js";
import { digestOf } from "../events/canonical.js";
import { parseEvent } from "../events/envelope.js";
import { streamName } from "../events/streams.js";
import { importFolder } from "../export/importFolder.js";
import type { Manifest } from "../export/manifest.js";
import { contentsIn } from "../export/readFolder.js";
import type { Store } from "../ledger/Store.js";
import { catchUp } from "../projecting/catchUp.js";
import { shadowDigests } from "../projecting/shadow.js";
import { tableDigests } from "../projecting/tableDigests.js";
import { projectionTables } from "../projecting/tables.js";
import { compareDatabase } from "../replay/compareDatabase.js";
import { compareProjections } from "../replay/compareProjections.js";
import { replay } from "../replay/replay.js";
import { openSqliteStore } from "../store/openSqliteStore.js";
import type { LedgerStore } from "../store/openStore.js";
import { BackupError } from "./BackupError.js";
import type { BackupIdentity } from "./identity.js";
import { openBackup } from "./openBackup.js";

export interface VerifyOptions {
  /** The smallest size that will do: more than the position of an event it must hold. */
  readonly sizeMin?: number;
  /** Where the scratch files go. Default: the system's temporary folder. */
  readonly scratch?: string;
  readonly onStep?: (step: "opening" | "restoring" | "replaying" | "comparing") => void;
  readonly onProgress?: (done: number, of: number) => void;
  readonly signal?: AbortSignal;
  /** The auditor's clock. */
  readonly now: string;
}

export interface VerifiedBackup {
  /** What `RecordBackup` says. */
  readonly record: CommandData<"RecordBackup">;
  /** What replay of the restored ledger asserted. */
  readonly assertions: number;
}

/** Verifies a backup against the ledger it is of. Throws {@link BackupError} naming the first thing that is wrong. */
export function verifyBackup(
  path: string,
  identity: BackupIdentity,
  live: Store,
  options: VerifyOptions,
): Promise<VerifiedBackup> {
  return withFolder(options.scratch ?? tmpdir(), async (folder) => {
    const { onStep, onProgress, signal } = options;
    const going = {
      ...(onProgress === undefined ? {} : { onProgress }),
      ...(signal === undefined ? {} : { signal }),
    };
    onStep?.("opening");
    const unpacked = join(folder, "export");
    const opened = await openBackup(path, identity, unpacked, going);
    const { manifest } = opened;
    await assertOurs(manifest, live, options.sizeMin);
    onStep?.("restoring");
    const scratch = await openSqliteStore(join(folder, "scratch.sqlite"), { create: true });
    try {
      await importFolder(unpacked, scratch, going);
      await catchUp(scratch, scratch.sql);
      onStep?.("replaying");
      const assertions = await assertSound(scratch, options.now, signal);
      onStep?.("comparing");
      await compareLeaves(scratch, live, manifest, signal);
      const contents = await compareContents(unpacked, manifest, scratch, live);
      const projections = await compareReadModels(scratch, live, manifest);
      const { file, length, recipients } = opened;
      const { size, root } = manifest;
      return {
        record: { file, length, size, root, ...contents, projections, recipients: [...recipients].sort() },
        assertions,
      };
    } finally {
      await scratch.close();
    }
  });
}

async function withFolder<T>(parent: string, use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(parent, "iu-ledger-backup-"));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Sees that the backup is of this ledger, reaches far enough, and not further than the ledger does. */
async function assertOurs(manifest: Manifest, live: Store, sizeMin = 1): Promise<void> {
  const [first] = await live.readStream(streamName(ledgerCategory.name, ledgerKey), 0, 1);
  const ledger = first === undefined ? null : (parseEvent(first.bytes).data["ledger"] as string);
  if (ledger !== manifest.ledger) {
    throw new BackupError(
      "BACKUP_OTHER_LEDGER",
      `the backup is of the ledger ${manifest.ledger}; this is ${ledger ?? "none"}`,
      "Name the ledger it is of with --ledger.",
      { numbers: { backup: manifest.ledger, ledger } },
    );
  }
  const { size } = await live.head();
  if (manifest.size > size) {
    throw new BackupError(
      "BACKUP_AHEAD",
      `the backup holds ${manifest.size} events; this ledger has ${size}: it was rolled back, or is an older copy`,
      "Write nothing to it. Find out which is the true one; the backup can be restored elsewhere: iu-ledger backup restore FILE --to PLACE --identity FILE",
      { numbers: { backup: manifest.size, size } },
    );
  }
  if (manifest.size < sizeMin) {
    throw new BackupError(
      "BACKUP_BEHIND",
      `the backup holds ${manifest.size} events; it must hold ${sizeMin} at least`,
      "Make a newer one: iu-ledger backup create FILE",
      { numbers: { backup: manifest.size, sizeMin } },
    );
  }
}

/** Replays what was restored; answers how much was asserted. */
async function assertSound(scratch: LedgerStore, now: string, signal?: AbortSignal): Promise<number> {
  const { sql } = scratch;
  const report = await replay(scratch, {
    now,
    database: compareDatabase(sql),
    projections: compareProjections(scratch, sql),
    ...(signal === undefined ? {} : { signal }),
  });
  if (report.verdict !== "PASS") {
    const failed = report.checks.find(({ findings, verdict }) => findings.length > 0 || verdict === "FAIL");
    const finding = failed?.findings[0];
    const why = finding === undefined ? `the verdict is ${report.verdict}` : `${failed?.name}: ${finding.message}`;
    throw new BackupError(
      "BACKUP_UNSOUND",
      `the ledger restored from the backup does not pass replay: ${why}`,
      "Replay the ledger itself: if it does not pass either, look for the last backup of when it did: iu-ledger replay",
      { numbers: { position: finding?.position ?? null, size: report.size } },
    );
  }
  return report.checks.reduce((sum, { assertions }) => sum + assertions, 0);
}

const pageSize = 2_000;

async function compareLeaves(scratch: Store, live: Store, { size }: Manifest, signal?: AbortSignal): Promise<void> {
  for (let from = 0; from < size; from += pageSize) {
    signal?.throwIfAborted();
    const count = Math.min(pageSize, size - from);
    const [restored, ours] = await Promise.all([scratch.read(from, count), live.read(from, count)]);
    const at = restored.findIndex(({ bytes }, i) => Buffer.compare(bytes, ours[i]?.bytes ?? new Uint8Array()) !== 0);
    if (at >= 0) {
      throw new BackupError(
        "BACKUP_FORKED",
        `at position ${from + at} the backup has another event than this ledger`,
        "One of the two was rewritten: compare both with a checkpoint that was kept elsewhere: iu-ledger replay --expect SIZE:ROOT",
        { numbers: { position: from + at } },
      );
    }
  }
}

/** Every content the ledger has is in the backup, byte for byte; what is in neither was judged by replay. */
async function compareContents(
  folder: string,
  manifest: Manifest,
  scratch: Store,
  live: Store,
): Promise<{ readonly contents: number; readonly absent: number }> {
  let contents = 0;
  let absent = 0;
  for await (const { commitment, length, position } of contentsIn(folder, manifest)) {
    const ours = await live.content.get(commitment);
    const restored = await scratch.content.get(commitment);
    if (length !== null && restored !== undefined) contents++;
    else absent++;
    if (ours === undefined) continue;
    const same =
      restored !== undefined &&
      Buffer.compare(restored.bytes, ours.bytes) === 0 &&
      Buffer.compare(restored.salt, ours.salt) === 0;
    if (!same) {
      throw new BackupError(
        "BACKUP_INCOMPLETE",
        `the content ${commitment.slice(0, 12)}…, named at position ${position}, is on the ledger and ${restored === undefined ? "not in the backup" : "another one in the backup"}`,
        "Make a new backup: iu-ledger backup create FILE",
        { numbers: { content: commitment, position } },
      );
    }
  }
  return { contents, absent };
}

/** The read models of what was restored, and of the ledger at that size; answers the digest over both. */
async function compareReadModels(scratch: LedgerStore, live: Store, { size }: Manifest): Promise<string> {
  const restored = await tableDigests(scratch.sql, projectionTables);
  // What was erased since the backup was made is in the restored read models, rightly.
  const then: Store = {
    ...live,
    content: {
      ...live.content,
      get: async (commitment) => (await live.content.get(commitment)) ?? scratch.content.get(commitment),
    },
  };
  const { tables } = await shadowDigests(then, { until: size });
  const differs = Object.keys(tables).filter((table) => tables[table]?.digest !== restored[table]?.digest);
  if (differs.length > 0) {
    throw new BackupError(
      "BACKUP_UNSOUND",
      `the read models of what was restored are not those of this ledger at ${size} events: ${differs.join(", ")}`,
      "Rebuild the read models of this ledger and verify again: iu-ledger rebuild",
      { numbers: { size } },
    );
  }
  return digestOf(tables);
}
