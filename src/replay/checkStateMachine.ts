/**
 * The state machine: every command is decided again, by the same code, on the states as they were and at the time it was decided, part by
 * part; what comes out must be the events on the ledger, field by field. So every event was allowed when it was written, and every
 * refusal was one.
 */

import type { Command } from "../../commands/Command.js";
import { refusedType } from "../ledger/answers.js";
import { consider, type Draft } from "../ledger/consider.js";
import type { Decide } from "../ledger/Decision.js";
import type { ReadCommand } from "../ledger/readCommand.js";
import type { Content } from "../ledger/Store.js";
import { at, type Check, type Tally } from "./Check.js";
import { differences, wordsDiffer } from "./differences.js";
import { type History, Unfoldable } from "./history.js";
import { type Leaf, readingOf } from "./Leaf.js";
import { notReadBack } from "./notReadBack.js";
import { isFault, type Part, type Parts } from "./parts.js";
import { places } from "./places.js";
import { isLost, type ReadAhead } from "./readLeaves.js";
import type { Redactions } from "./redactions.js";
import { wrongWithoutText } from "./withoutText.js";

/** No decision writes more in one part: a chunk is 500. A row that says so has been written by something else. */
const partCountMax = 5_000;

export function checkStateMachine(
  tally: Tally,
  means: {
    decide: Decide;
    parts: Parts;
    history: History;
    redactions: Redactions;
    leaves: ReadAhead;
    size: number;
  },
): Check {
  const { decide, parts, history, redactions, leaves, size } = means;
  const otherWords = places();
  const redacted = places();

  async function begin(part: Part, first: Leaf): Promise<void> {
    if (part.count <= 0) {
      tally.assert();
      tally.find(at(first, null, "one decision", `a part of command ${part.spoken.id} claims to have no events`));
      return;
    }
    const reach = Math.min(part.count, size - part.position);
    if (reach > partCountMax) {
      tally.assert();
      tally.find(at(first, null, "one decision", `one part of command ${part.spoken.id} claims ${part.count} events`));
      return;
    }
    const read = await leaves(part.position, part.position + reach);
    const written = read.filter((one): one is Leaf => !isLost(one));
    const command = part.spoken.read();
    const again = isFault(command)
      ? `command ${part.spoken.id}: its envelope cannot be read`
      : await decideAgain(part, command, first, written);
    if (again === "redacted") {
      redacted.add(first.position);
      return;
    }
    tally.assert();
    if (typeof again === "string") {
      tally.find(at(first, null, "decided again", again));
      return;
    }
    report(part, first, written, again);
  }

  /**
   * The draft that is what was written, or the one there is with all content present; `redacted` where that hangs on text that has been
   * erased with authority since; or why there is none.
   */
  async function decideAgain(
    part: Part,
    command: ReadCommand,
    first: Leaf,
    written: readonly Leaf[],
  ): Promise<Draft | string> {
    const time = readingOf(first).envelope?.time ?? "";
    const attempt = async (absent: readonly string[]) => {
      const contents = new Map<string, Content | undefined>(absent.map((commitment) => [commitment, undefined]));
      const job = { ...command, part: part.index, folds: new Map(), contents };
      const draft = await consider(job, { decide, loader: history.loader, clock: () => time, parse: notReadBack });
      return { draft, asked: [...contents.keys()] };
    };
    try {
      const { draft, asked } = await attempt([]);
      if (isWritten(draft, written)) return draft;
      // Content comes and goes beside the ledger: what is here now may not have been there then.
      for (const absent of subsets(asked)) {
        const other = await attempt(absent);
        if (isWritten(other.draft, written)) return other.draft;
      }
      const erased: string[] = [];
      for (const commitment of asked) if ((await redactions.find(commitment)) !== null) erased.push(commitment);
      if (erased.length === 0) return draft;
      const wrong = wrongWithoutText(command.signed.command as Command, (await attempt(erased)).draft, written);
      return wrong === null ? "redacted" : `its text is redacted with authority, and even so: ${wrong}`;
    } catch (error) {
      const { id, type } = command.signed.command;
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof Unfoldable) return `${type} ${id} cannot be decided again: ${error.stream}: ${message}`;
      if (error instanceof Error && "ambiguous" in error) throw error;
      return `${type} ${id} cannot be decided on what is on the ledger: ${message}`;
    }
  }

  function report(part: Part, first: Leaf, written: readonly Leaf[], { decision, events, append }: Draft): void {
    const read = part.spoken.read();
    const { type, actor } = isFault(read) ? { type: "?", actor: "?" } : read.signed.command;
    const was = readingOf(first).envelope;
    const wasRefused = was?.type === refusedType;
    if (decision.kind === "refused" && !(wasRefused && was.data["code"] === decision.code)) {
      const instead = wasRefused ? `the refusal ${was.data["code"]}` : `${was?.type ?? "something unreadable"}`;
      tally.find(
        at(
          first,
          "type",
          decision.code,
          `${type} by ${actor} is refused here: ${decision.message} The ledger has ${instead}.`,
        ),
      );
      return;
    }
    if (decision.kind === "accepted" && wasRefused) {
      const message = `${type} by ${actor} is accepted here; the ledger says it was refused (${was.data["code"]})`;
      tally.find(at(first, "type", "decided again", message));
      return;
    }
    for (const leaf of written) {
      const drafted = events[leaf.position - part.position];
      tally.assert();
      if (drafted === undefined) {
        const message = `${type} by ${actor} decides ${events.length} events here; this one is beyond them`;
        tally.find(at(leaf, "type", "decided again", message));
        continue;
      }
      if (wordsDiffer(drafted.bytes, leaf.bytes)) otherWords.add(leaf.position);
      for (const { field, expected, actual } of differences(drafted.bytes, leaf.bytes)) {
        tally.find(
          at(leaf, field, "decided again", `${type} by ${actor} decides ${expected}; the ledger has ${actual}`),
        );
      }
    }
    if (events.length > part.count) {
      const message = `${type} by ${actor} decides ${events.length} events here; the ledger has ${part.count} of them`;
      tally.find(at(written.at(-1) ?? first, null, "decided again", message));
    } else if (append.command.last !== part.last) {
      const message = part.last
        ? "has more to say; the ledger says it was done"
        : "is done here; the ledger says more was to come";
      tally.find(at(written.at(-1) ?? first, null, "decided again", `${type} by ${actor} ${message}`));
    }
  }

  return {
    name: "state-machine",
    async event(leaf) {
      for (const part of parts.beginning) await begin(part, leaf);
      if (parts.current === undefined) {
        tally.assert();
        tally.find(at(leaf, "command", "decided again", "no stored command says it decided this event"));
      }
    },
    end() {
      // Words are of a release, and no part of what is decided; and nobody is to read changed ones unaware.
      if (otherWords.count > 0)
        tally.remark(
          `said in other words than this release has, with codes, numbers and verdicts as decided again: ${otherWords.said("event", "events")}; another release wrote them, or somebody who has the store: a checkpoint of that time would tell`,
        );
      if (redacted.count > 0)
        tally.remark(
          `decided on text that is redacted with authority, so not decided again: ${redacted.said("part of a command", "parts of commands")}`,
        );
    },
  };
}

function isWritten({ events, append }: Draft, written: readonly Leaf[]): boolean {
  if (events.length !== written.length) return false;
  const same = events.every(({ bytes }, i) => differences(bytes, (written[i] as Leaf).bytes).length === 0);
  return same && append.entries.length === written.length;
}

/** The non-empty subsets of a few names, small ones first; of many names only the single ones and all of them. */
function subsets(names: readonly string[]): string[][] {
  if (names.length === 0) return [];
  if (names.length > 3) return [...names.map((name) => [name]), [...names]];
  const all: string[][] = [];
  for (let bits = 1; bits < 2 ** names.length; bits++)
    all.push(names.filter((_, i) => Math.floor(bits / 2 ** i) % 2 === 1));
  return all.sort((a, b) => a.length - b.length);
}
