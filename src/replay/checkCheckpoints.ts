/**
 * The signed checkpoints, those in the database and those that somebody kept elsewhere: each signed by the log's key in force at its size
 * (or, one that was given, by a key the auditor pins), and the root over the events is the one it signed for. A checkpoint that an
 * incarnation links to is explained, not compared: a sovereign said that the ledger does not lead on from it, for all to see.
 */
import { sha256Hex } from "../events/canonical.js";
import { logKey, streamName } from "../events/streams.js";
import { type Checkpoint, parseCheckpoint } from "../tlog/checkpoint.js";
import { parseNote } from "../tlog/note.js";
import { formatVkey, type NoteKey, parseVkey } from "../tlog/noteKey.js";
import { openCheckpoint } from "../tlog/signedCheckpoint.js";
import { TlogError } from "../tlog/TlogError.js";
import type { Check, Tally } from "./Check.js";
import type { RootWatch } from "./checkRoot.js";
import { readingOf } from "./Leaf.js";

/** A checkpoint to compare, and where it is from, for people. */
export interface KnownCheckpoint {
  readonly note: Uint8Array;
  readonly from: string;
  /** Its place in the ledger's database; null for one that was kept elsewhere. */
  readonly number: number | null;
}

export interface CheckpointMeans {
  readonly stored: readonly { readonly number: number; readonly size: number; readonly note: Uint8Array }[];
  readonly given: readonly { readonly note: Uint8Array; readonly from: string }[];
  /** Keys the auditor pins: one that was given must be signed by one of them, and the log must sign with one. */
  readonly vkeys: readonly NoteKey[];
  readonly watch: RootWatch;
}

interface Parsed extends KnownCheckpoint {
  readonly checkpoint: Checkpoint;
}

export function checkCheckpoints(tally: Tally, { stored, given, vkeys, watch }: CheckpointMeans): Check {
  const find = (rule: string, field: string, message: string, position: number | null = null) =>
    tally.find({ position, stream: null, field, rule, message });
  const known: KnownCheckpoint[] = [
    ...stored.map(({ number, note }) => ({ number, note, from: `checkpoint ${number} of the database` })),
    ...given.map(({ note, from }) => ({ number: null, note, from })),
  ];
  const parsed = known.flatMap((one): Parsed[] => {
    try {
      return [{ ...one, checkpoint: parseCheckpoint(parseNote(one.note).text) }];
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      tally.assert();
      find("checkpoint", "note", `${one.from}: ${error.message}`);
      return [];
    }
  });
  for (const { checkpoint } of parsed) watch.at(checkpoint.size);

  const keys: { key: NoteKey; position: number }[] = [];
  /** Digest of a lost checkpoint → where the incarnation stands, and what the ledger was said to be. */
  const incarnations = new Map<string, { position: number; here: { size: number; root: string } }>();
  let origin: string | null = null;
  let size = 0;
  const logStream = streamName("log", logKey);

  function compare({ note, from, number, checkpoint }: Parsed): void {
    tally.assert();
    const linked = incarnations.get(sha256Hex(note));
    if (linked !== undefined) {
      tally.remark(
        `${from}, of ${checkpoint.size} events, is of a history that is lost: the incarnation at position ${linked.position} says why`,
      );
      return;
    }
    const inForce = keys.findLast(({ position }) => position < checkpoint.size)?.key;
    const trusted = number === null && vkeys.length > 0 ? vkeys : inForce === undefined ? [] : [inForce];
    const opened = openCheckpoint(note, { origin: origin ?? "", keys: trusted });
    if (!opened.ok) {
      find("checkpoint signed by the log", "note", `${from}, of ${checkpoint.size} events: ${opened.why}`);
      return;
    }
    const later = [...incarnations.values()][0];
    const why =
      later === undefined
        ? ""
        : `; the ledger began a new incarnation at position ${later.position}, which links to another checkpoint`;
    if (checkpoint.size > size) {
      find(
        "checkpoint led to",
        "size",
        `the ledger ends at size ${size}; ${from} is of ${checkpoint.size}: ${checkpoint.size - size} events are gone${why}`,
        size,
      );
      return;
    }
    const said = Buffer.from(checkpoint.root).toString("hex");
    const root = watch.root(checkpoint.size);
    if (root !== said) {
      find(
        "checkpoint led to",
        "root",
        `at size ${checkpoint.size} the root is ${root ?? "not to be computed"}; ${from} signed for ${said}${why}`,
      );
    }
  }

  return {
    name: "checkpoints",
    event(leaf) {
      size = leaf.position + 1;
      if (leaf.position === 0) origin = originOf(readingOf(leaf).envelope?.data);
      if (leaf.stream !== logStream) return;
      const { envelope, fault } = readingOf(leaf);
      if (envelope === null || fault !== null) return;
      const data = envelope.data as Record<string, unknown>;
      if (envelope.type === "LogKeyAdopted") {
        try {
          keys.push({ key: parseVkey(String(data["vkey"])), position: leaf.position });
        } catch (error) {
          if (!(error instanceof TlogError)) throw error;
          find("log key", "data.vkey", error.message, leaf.position);
        }
      }
      if (envelope.type === "IncarnationStarted") {
        const here = data["here"] as { size: number; root: string };
        incarnations.set(String(data["digest"]), { position: leaf.position, here });
      }
    },
    lost({ position }) {
      size = position + 1;
    },
    end() {
      for (const one of parsed) compare(one);
      for (const { position, here } of incarnations.values()) {
        // What replay had come past when it met the event can be compared only where a root of that size was kept.
        const root = watch.root(here.size);
        if (root === undefined && here.size <= position) continue;
        tally.assert();
        if (here.size > position || root !== here.root) {
          const message = `it says the ledger was ${here.size} events with root ${here.root}; the root there is ${root ?? "not there yet"}`;
          find("incarnation", "data.here", message, position);
        }
      }
      let last = 0;
      for (const [i, { number, size: of }] of stored.entries()) {
        tally.assert();
        if (number !== i) find("checkpoints dense", "number", `checkpoint ${i} of the database is missing`);
        const before = stored[i - 1];
        if (of <= last && !(before !== undefined && incarnations.has(sha256Hex(before.note))))
          find(
            "checkpoints grow",
            "size",
            `checkpoint ${number} of the database is of ${of} events, the one before of ${last}`,
          );
        const said = parsed.find((one) => one.number === number)?.checkpoint.size;
        if (said !== undefined && said !== of)
          find(
            "checkpoints filed",
            "size",
            `checkpoint ${number} of the database is filed as ${of} events, and says ${said}`,
          );
        last = of;
      }
      const newest = keys.at(-1)?.key;
      if (vkeys.length > 0 && newest !== undefined) {
        tally.assert();
        if (!vkeys.some((key) => formatVkey(key) === formatVkey(newest)))
          find("log key pinned", "vkey", `the log signs with ${formatVkey(newest)}, which is none of the keys given`);
      }
    },
  };
}

function originOf(data: unknown): string | null {
  const origin = (data as { origin?: unknown } | undefined)?.origin;
  return typeof origin === "string" ? origin : null;
}
