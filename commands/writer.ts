/**
 * Writers in force. Ratifying puts the digest of a writer's source on the ledger; a record is only taken from the newest
 * ratified version, and only if this program carries exactly those bytes (`src/writers/lock.ts`).
 */
import { z } from "zod";
import { asEvent } from "../src/events/decode.js";
import { text, type WriterRef, writerName, writerRef } from "../src/events/fields.js";
import { streamName } from "../src/events/streams.js";
import {
  accepted,
  type Category,
  type Decision,
  nothing,
  type Refused,
  refused,
  type World,
} from "../src/ledger/Decision.js";
import { pinnedWriter } from "../src/writers/lock.js";
import type { CommandsOf } from "./CommandFrame.js";

export const commands = {
  RatifyWriter: writerRef,
  RetireWriter: z.strictObject({ name: writerName, version: z.int().min(1), reason: text }),
};

export interface WriterState {
  /** Ratified and not retired, oldest first; the last is in force. */
  ratified: WriterRef[];
  retired: WriterRef[];
}

export const writerCategory: Category<WriterState> = {
  name: "writer",
  initial: () => ({ ratified: [], retired: [] }),
  evolve(state, envelope) {
    const event = asEvent(envelope);
    switch (event.type) {
      case "WriterRatified":
        state.ratified.push(event.data);
        break;
      case "WriterRetired": {
        const { name, version, source } = event.data;
        state.ratified = state.ratified.filter((one) => one.version !== version);
        state.retired.push({ name, version, source });
        break;
      }
    }
  },
};

/** The writer in force of that name, or why there is none this program may run. */
export function writerInForce(
  name: string,
  world: World,
): { readonly ok: true; readonly writer: WriterRef } | { readonly ok: false; readonly refused: Refused } {
  const writer = world.state(writerCategory, name).ratified.at(-1);
  if (writer === undefined) {
    return {
      ok: false,
      refused: refused(
        "WRITER_NOT_RATIFIED",
        `No version of the writer ${name} is ratified.`,
        { writer: name },
        `Ratify one: iu-ledger writer ratify ${name}`,
      ),
    };
  }
  const pinned = pinnedWriter(writer.name, writer.version);
  if (pinned?.source !== writer.source) {
    return {
      ok: false,
      refused: refused(
        "WRITER_NOT_PINNED",
        `The ledger ratified ${name}.v${writer.version} with source ${writer.source.slice(0, 12)}…; this program has ${pinned === undefined ? "no such writer" : `${pinned.source.slice(0, 12)}…`}.`,
        { writer: name, version: writer.version, ratified: writer.source, here: pinned?.source ?? null },
        "Run the program version that carries the ratified writer.",
      ),
    };
  }
  return { ok: true, writer };
}

export function decideWriter(command: CommandsOf<typeof commands>, world: World): Decision {
  const state = world.state(writerCategory, command.data.name);
  const known = [...state.ratified, ...state.retired].find((one) => one.version === command.data.version);
  if (command.type === "RetireWriter") {
    const { data } = command;
    if (known === undefined) {
      return refused(
        "WRITER_NOT_RATIFIED",
        `${data.name}.v${data.version} was never ratified.`,
        { writer: data.name, version: data.version },
        "iu-ledger writer list",
      );
    }
    if (!state.ratified.includes(known)) return nothing;
    return accepted([
      { stream: streamName("writer", data.name), type: "WriterRetired", data: { ...known, reason: data.reason } },
    ]);
  }
  const { data } = command;
  if (known !== undefined && known.source !== data.source) {
    return refused(
      "WRITER_CHANGED",
      `${data.name}.v${data.version} is on the ledger with another source; a ratified writer never changes.`,
      { writer: data.name, version: data.version, ratified: known.source, given: data.source },
      "Write a new version in a new file and ratify that.",
    );
  }
  if (known !== undefined && state.retired.includes(known)) {
    return refused(
      "WRITER_RETIRED",
      `${data.name}.v${data.version} has been retired.`,
      { writer: data.name, version: data.version },
      "Write a new version in a new file and ratify that.",
    );
  }
  if (known !== undefined) return nothing;
  const newest = state.ratified.at(-1);
  if (newest !== undefined && newest.version >= data.version) {
    return refused(
      "WRITER_OLDER",
      `${data.name}.v${newest.version} is in force; v${data.version} is older.`,
      { writer: data.name, version: data.version, inForce: newest.version },
      "Ratify a newer version, or retire the one in force first.",
    );
  }
  return accepted([{ stream: streamName("writer", data.name), type: "WriterRatified", data }]);
}
