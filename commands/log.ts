/**
 * The log's own key and its incarnations. Checkpoints are signed outside of the ledger, by a program; what they are signed with is
 * decided here, by a sovereign human, so that nobody who merely has the program can put another key in its place. An incarnation says, by a
 * human again, that the ledger goes on although a checkpoint of it was signed that it does not lead on from.
 */
import { z } from "zod";
import { sha256Hex } from "../src/events/canonical.js";
import { asEvent } from "../src/events/decode.js";
import { keyidOf } from "../src/events/dsse.js";
import { digest, text } from "../src/events/fields.js";
import { logKey, streamName } from "../src/events/streams.js";
import { weaknessOf } from "../src/events/weakKey.js";
import {
  accepted,
  type Category,
  type Decision,
  nothing,
  type Refused,
  refused,
  type World,
} from "../src/ledger/Decision.js";
import { type Checkpoint, parseCheckpoint } from "../src/tlog/checkpoint.js";
import { parseNote } from "../src/tlog/note.js";
import { type NoteKey, noteKeyTypes, parseVkey } from "../src/tlog/noteKey.js";
import { TlogError } from "../src/tlog/TlogError.js";
import type { CommandsOf } from "./CommandFrame.js";
import { ledgerCategory, ledgerKey } from "./ledger.js";
import { keyCategory } from "./principal.js";

export const commands = {
  AdoptLogKey: z.strictObject({
    /** The verifier key (C2SP signed-note), named as the ledger's origin. */
    vkey: z.string().min(1).max(400),
  }),
  StartIncarnation: z.strictObject({
    /** The signed checkpoint that the ledger does not lead on from, byte for byte. */
    checkpoint: z.string().min(1).max(20_000),
    /** The ledger as the human who signs this saw it. */
    size: z.int().min(1),
    root: digest,
    reason: text,
  }),
};

export interface LogState {
  /** Every key adopted, in order: a checkpoint of size s is judged by the newest one adopted before position s. */
  keys: { vkey: string; position: number }[];
  /** SHA-256 of the checkpoints that incarnations link to, in order. */
  incarnations: string[];
}

export const logCategory: Category<LogState> = {
  name: "log",
  initial: () => ({ keys: [], incarnations: [] }),
  evolve(state, envelope, position) {
    const event = asEvent(envelope);
    if (event.type === "LogKeyAdopted") state.keys = [...state.keys, { vkey: event.data.vkey, position }];
    if (event.type === "IncarnationStarted") state.incarnations = [...state.incarnations, event.data.digest];
  },
};

export function decideLog(command: CommandsOf<typeof commands>, world: World): Decision {
  return command.type === "AdoptLogKey" ? adopt(command, world) : incarnate(command, world);
}

function adopt({ data: { vkey } }: CommandsOf<typeof commands, "AdoptLogKey">, world: World): Decision {
  const { keys } = world.state(logCategory, logKey);
  const inForce = keys.at(-1)?.vkey ?? null;
  if (vkey === inForce) return nothing;
  const no = keyRefusal(vkey, world);
  if (no !== null) return no;
  if (keys.some((key) => key.vkey === vkey)) {
    return refused(
      "LOG_KEY_RETIRED",
      "This key signed the log before and was replaced; a key that was given up does not come back.",
      { vkey },
      "iu-ledger log key --rotate",
    );
  }
  return accepted([{ stream: streamName("log", logKey), type: "LogKeyAdopted", data: { vkey, replaces: inForce } }]);
}

function keyRefusal(vkey: string, world: World): Refused | null {
  let key: NoteKey;
  try {
    key = parseVkey(vkey);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return refused("LOG_KEY_UNUSABLE", `The key cannot be used: ${error.message}.`, { vkey }, error.next);
  }
  if (key.type !== noteKeyTypes.ed25519) {
    return refused(
      "LOG_KEY_UNUSABLE",
      "The key is one for cosignatures; a log signs with a key of type 0x01.",
      { vkey },
      "Give the log's key, not a witness's.",
    );
  }
  const origin = world.state(ledgerCategory, ledgerKey).origin ?? "";
  if (key.name !== origin) {
    return refused(
      "LOG_KEY_NAME",
      `The key is named ${key.name}; this log is ${origin}.`,
      { name: key.name, origin },
      "A checkpoint's key is named as its origin: make the key for this log.",
    );
  }
  const publicKey = Buffer.from(key.publicKey).toString("base64");
  const weakness = weaknessOf(publicKey);
  if (weakness !== null) {
    return refused("KEY_WEAK", `The key cannot be used: ${weakness}.`, { vkey }, "iu-ledger log key --rotate");
  }
  const owner = world.state(keyCategory, keyidOf(publicKey)).principal;
  if (owner === null) return null;
  return refused(
    "KEY_TAKEN",
    `This key belongs to ${owner}; the log signs with one of its own.`,
    { keyid: keyidOf(publicKey), owner },
    "Make a new key.",
  );
}

function incarnate({ data }: CommandsOf<typeof commands, "StartIncarnation">, world: World): Decision {
  const { incarnations } = world.state(logCategory, logKey);
  const bytes = Buffer.from(data.checkpoint, "utf8");
  const checkpointDigest = sha256Hex(bytes);
  if (incarnations.includes(checkpointDigest)) return nothing;
  let lost: Checkpoint;
  try {
    lost = parseCheckpoint(parseNote(bytes).text);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return refused("CHECKPOINT_UNREADABLE", `The checkpoint cannot be read: ${error.message}.`, {}, error.next);
  }
  const origin = world.state(ledgerCategory, ledgerKey).origin ?? "";
  if (lost.origin !== origin) {
    return refused(
      "CHECKPOINT_OTHER_LOG",
      `The checkpoint is of ${lost.origin}; this log is ${origin}.`,
      { given: lost.origin, origin },
      "Give the checkpoint of this log that it does not lead on from.",
    );
  }
  const lostRoot = Buffer.from(lost.root).toString("hex");
  if (lost.size === data.size && lostRoot === data.root) {
    return refused(
      "NOTHING_LOST",
      `The checkpoint says what the ledger is: size ${data.size} with this root. There is nothing to go on from.`,
      { size: data.size, root: data.root },
      "iu-ledger log checkpoint",
    );
  }
  return accepted([
    {
      stream: streamName("log", logKey),
      type: "IncarnationStarted",
      data: {
        incarnation: incarnations.length + 1,
        checkpoint: data.checkpoint,
        digest: checkpointDigest,
        lost: { size: lost.size, root: lostRoot },
        here: { size: data.size, root: data.root },
        reason: data.reason,
      },
    },
  ]);
}
