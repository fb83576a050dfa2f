/** What was in force around the run: policy, writers, people, the log's key and newest checkpoint, the newest backup and grant audit. */
import { sha256Hex } from "../events/canonical.js";
import { parseVkey } from "../tlog/noteKey.js";
import { openCheckpoint } from "../tlog/signedCheckpoint.js";
import { TlogError } from "../tlog/TlogError.js";
import type { LedgerRead } from "./readLedger.js";
import type { Precheck } from "./Statement.js";

/** A checkpoint as it was signed, and what it says its size is. */
export interface GivenCheckpoint {
  readonly note: Uint8Array;
  readonly size: number;
}

export function precheckOf(read: LedgerRead, checkpoint: GivenCheckpoint | null): Precheck {
  const { past } = read;
  const actors = new Set<string>();
  for (const { event } of read.events) {
    actors.add(event.actor);
    const answers = past.principals.get(event.actor)?.responsible;
    if (answers !== undefined) actors.add(answers);
  }
  const backup = past.backups.at(-1);
  return {
    policy: { digest: past.policy.digest, position: past.policy.position, policy: past.policy.policy },
    writers: [...past.writers.values()].flat().sort((a, b) => a.position - b.position),
    people: [...actors].sort().flatMap((principal) => {
      const known = past.principals.get(principal);
      if (known === undefined) return [];
      const { kind, name, roles, responsible, revoked } = known;
      return { principal, kind, name, roles: [...roles], responsible, revoked };
    }),
    logKey: past.logKeys.at(-1)?.vkey ?? null,
    incarnations: past.incarnations,
    checkpoint: checkpoint === null ? null : judged(read, checkpoint),
    backup:
      backup === undefined
        ? null
        : {
            position: backup.position,
            at: backup.time,
            file: backup.data.file,
            size: backup.data.size,
            root: backup.data.root,
          },
    grantAudit:
      past.audit === null
        ? null
        : {
            position: past.audit.position,
            at: past.audit.data.at,
            verdict: past.audit.data.verdict,
            report: past.audit.data.report,
            counts: past.audit.data.counts,
          },
  };
}

/** Whether it is signed by the log's key in force at its size and says the root that the events give there. */
function judged({ past, ledger, rootAt }: LedgerRead, { note, size }: GivenCheckpoint): Precheck["checkpoint"] {
  const vkey = past.logKeys.findLast(({ position }) => position < size)?.vkey;
  const opened =
    vkey === undefined
      ? ({ ok: false, why: "no key of the log was adopted before it" } as const)
      : open(note, ledger?.origin ?? "", vkey);
  const root = opened.ok ? Buffer.from(opened.checkpoint.root).toString("hex") : (rootAt ?? "");
  const why = !opened.ok
    ? opened.why
    : opened.checkpoint.size !== size
      ? "it is of another size than the database says"
      : root !== rootAt
        ? "the events give another root at its size"
        : null;
  return {
    size,
    root: /^[0-9a-f]{64}$/.test(root) ? root : "0".repeat(64),
    note: sha256Hex(note),
    verdict: why === null ? "PASS" : "FAIL",
    why: (why ?? "signed by the log's key in force, and its root is that of the events").toWellFormed(),
  };
}

function open(note: Uint8Array, origin: string, vkey: string): ReturnType<typeof openCheckpoint> {
  try {
    return openCheckpoint(note, { origin, keys: [parseVkey(vkey)] });
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return { ok: false, why: error.message };
  }
}
