// What several tests of journeys share: a small text, the run it makes, and looking for words whatever the width.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import * as assert from "uvu/assert";
import { type RunState, runCategory } from "../../commands/run/State.js";
import type { JourneyRoom, Shown } from "./journeyRoom.js";

export const rule = { rule: "sovereign" };

export const small = "Article 1. Lamps\n\nThe lamps are lit at dusk.\n\nArticle 2. Ladders\n\nLadders are counted.\n";

export function write(room: JourneyRoom, text: string, name = "rules.txt"): string {
  const path = join(room.folder, name);
  writeFileSync(path, text);
  return path;
}

/** The newest run of the room's only document. */
export async function runOf(room: JourneyRoom): Promise<RunState> {
  return room.look(async (ledger) => {
    const [run] = await ledger.query.runs();
    if (run === undefined) throw new Error("there is no run");
    return structuredClone(await ledger.state(runCategory, run.run)) as RunState;
  });
}

export function contains(shown: Shown, ...texts: readonly string[]): void {
  const all = `${shown.out}${shown.note}`.replace(/\s+/g, " ");
  for (const text of texts) assert.ok(all.includes(text), `“${text}” is not in:\n${shown.out}\n${shown.note}`);
}
