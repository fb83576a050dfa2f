/**
 * Signatures: every event belongs to a stored command, names the SHA-256 of exactly that signed envelope, and says the actor who
 * signed; the signature is by a key of that actor that was in force at that position; and the actor had the role then. The first
 * key is the ledger's own word for itself: an auditor who knows it pins it.
 */
import { authorise } from "../../commands/authorise.js";
import type { Command, CommandOf } from "../../commands/Command.js";
import { decide } from "../../commands/decide.js";
import { refusedType } from "../ledger/answers.js";
import { consider } from "../ledger/consider.js";
import { accepted, type Decide, type Refused } from "../ledger/Decision.js";
import { at, type Check, type Tally } from "./Check.js";
import { type History, Unfoldable } from "./history.js";
import { type Leaf, readingOf } from "./Leaf.js";
import { notReadBack } from "./notReadBack.js";
import { isFault, type Part, type Parts } from "./parts.js";

export interface SignaturesOptions {
  /** The id of the key the ledger must have been opened with, where the auditor knows it from elsewhere. */
  readonly rootKeyid?: string | undefined;
}

export function checkSignatures(
  tally: Tally,
  { parts, history }: { parts: Parts; history: History },
  options: SignaturesOptions,
): Check {
  function findUnreadable(): void {
    for (const { position, message } of parts.takeUnreadable()) {
      tally.find({ position, stream: null, field: "command", rule: "stored command", message });
    }
  }

  async function begin(part: Part, leaf: Leaf): Promise<void> {
    const { spoken } = part;
    tally.assert();
    const read = spoken.read();
    if (isFault(read)) {
      tally.find(at(leaf, read.field, "signed envelope", `command ${spoken.id}: ${read.message}`));
      return;
    }
    const { signed, digest, envelope } = read;
    if (signed.command.id !== spoken.id) {
      tally.find(
        at(
          leaf,
          "command.id",
          "signed envelope",
          `stored as command ${spoken.id}; what was signed is ${signed.command.id}`,
        ),
      );
    }
    tally.assert();
    const job = { signed, digest, envelope, part: part.index, folds: new Map(), contents: new Map() };
    let refusal: Refused | null;
    try {
      const { decision } = await consider(job, {
        decide: authority,
        loader: history.loader,
        clock: () => endOfTime,
        parse: notReadBack,
      });
      refusal = decision.kind === "refused" ? decision : null;
    } catch (error) {
      if (!(error instanceof Unfoldable)) throw error;
      const message = `who ${signed.command.actor} was cannot be told: ${error.stream}: ${error.message}`;
      tally.find(at(leaf, "actor", "principal in force", message));
      return;
    }
    if (refusal !== null && !isThatRefusal(leaf, refusal)) {
      const { type, actor } = signed.command;
      const field = refusal.code === "SIGNATURE_WRONG" ? "command.digest" : "actor";
      tally.find(at(leaf, field, refusal.code, `${type} by ${actor}: ${refusal.message}`));
    }
    if (signed.command.type === "OpenLedger" && options.rootKeyid !== undefined && leaf.position === 0) {
      tally.assert();
      const { keyid } = (signed.command as CommandOf<"OpenLedger">).data.sovereign.key;
      if (keyid !== options.rootKeyid) {
        const message = `the ledger was opened with the key ${keyid}; the key known for it is ${options.rootKeyid}`;
        tally.find(at(leaf, "command.digest", "root key", message));
      }
    }
  }

  function compare(leaf: Leaf): void {
    const { envelope } = readingOf(leaf);
    const part = parts.current;
    tally.assert();
    if (part === undefined) {
      tally.find(at(leaf, "command", "signed command", "no stored command says it wrote this event"));
      return;
    }
    const read = part.spoken.read();
    if (envelope === null || isFault(read)) return;
    const { signed, digest } = read;
    tally.assert(2);
    if (envelope.command.id !== part.spoken.id) {
      const message = `the event names command ${envelope.command.id}; the store says ${part.spoken.id} wrote it`;
      tally.find(at(leaf, "command.id", "signed command", message));
    } else if (envelope.command.digest !== digest) {
      const message = `the event names the envelope ${envelope.command.digest}; the stored one is ${digest}`;
      tally.find(at(leaf, "command.digest", "signed envelope", message));
    }
    if (envelope.actor !== signed.command.actor) {
      const message = `the event says ${envelope.actor}; the command was signed as ${signed.command.actor}`;
      tally.find(at(leaf, "actor", "actor signed", message));
    }
  }

  return {
    name: "signatures",
    async event(leaf) {
      findUnreadable();
      for (const part of parts.beginning) await begin(part, leaf);
      compare(leaf);
    },
    end: findUnreadable,
  };
}

/** Who may says nothing about when: no clock of any stream is later than this. */
const endOfTime = "9999-12-31T23:59:59.999Z";

/** Only the part of `decide` that says who may; the first command brings the key it is judged by. */
const authority: Decide = (signed, world) => {
  const { type, at } = signed.command as Command;
  if (type === "OpenLedger") return decide(signed, { ...world, now: at });
  return authorise(signed, world) ?? accepted([]);
};

/** A refusal that is on record as that refusal is as it should be. */
function isThatRefusal(leaf: Leaf, refusal: Refused): boolean {
  const { envelope } = readingOf(leaf);
  return refusal.record && envelope?.type === refusedType && envelope.data["code"] === refusal.code;
}
