/** Attackers who change the program: its sources, what is built of them, or the records it wrote. */
import { cpSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { nextWriterDigest } from "../../../commands/run/records.js";
import type { run } from "../../../src/cli/run.js";
import { digestOf } from "../../../src/events/canonical.js";
import type { FactData } from "../../../src/events/facts.js";
import { projectFile } from "../../support/project.js";
import { type Attack, everyStore } from "../Attack.js";
import { doing, type Say, speaking } from "../base.js";
import type { Eye } from "../Eye.js";
import { answering, replaying, sawOf } from "../eyes.js";
import { eventOf, lastOf, rewriteEvent } from "../Hands.js";
import type { Room } from "../room.js";

export const softwareAttacks: readonly Attack[] = [
  {
    id: "writer-source-swapped",
    attacker: "can write the folder the program is installed in",
    done: "changes one line in the source of the ratified writer of leg B",
    notices: ["replay, there: writers"],
    blind: [
      { eye: "replay, another installation", why: "nothing has been written with it yet: the ledger is as it was" },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { eyes, untouched, noticed, blind, path } = room;
      const there = replaying(await installed(room, "program"), "replay, there");
      const elsewhere = { ...eyes.replay, name: "replay, another installation" };
      await untouched(there, elsewhere);
      change(path("program", "src", "writers", "legB.v1.ts"), "units: live.units.length", "$& - 1");
      await noticed(there, { code: "writers", alone: true });
      await blind(elsewhere);
    },
  },
  {
    id: "writer-swapped",
    attacker: "can write the folder the program is installed in",
    done: "changes the built writer, not its source, for one run: its leg B says one unit too few",
    notices: ["replay, another installation: writers"],
    blind: [
      { eye: "replay, there", why: "it runs the changed writer again, and gets what it wrote" },
      { eye: "run verify", why: "Verify recomputes the cut from text and ledger; leg B it names by its digest" },
    ],
    stores: ["sqlite"],
    async play(room) {
      const { eyes, done, facts, hands, untouched, noticed, blind } = room;
      const there = (say: Say) => replaying(say, "replay, there");
      const elsewhere = { ...eyes.replay, name: "replay, another installation" };
      const verify = verifying(room);
      await cutWaiting(room, done);
      const cut = await hands.copy();
      await done("run", "leg-b", facts.waiting, "--as", "orchestrator");
      await untouched(verify, there(await installed(room, "as-it-was")), elsewhere);
      await hands.putBack(cut);
      const changed = await installed(room, "changed", (folder) =>
        change(
          join(folder, "build", "src", "writers", "legB.v1.js"),
          "units: live.units.length",
          `$& - (live.run === "${facts.waiting}" ? 1 : 0)`,
        ),
      );
      await doing(changed)("run", "leg-b", facts.waiting, "--as", "orchestrator");
      await blind(there(changed));
      await noticed(elsewhere, { code: "writers", rule: "writer re-run" });
      await blind(verify);
    },
  },
  {
    id: "cutter-swapped",
    attacker: "can write the folder the program is installed in",
    done: "changes the built cutter: after SG_1 each unit loses its last byte as it is cut; and takes out the comparison with what was approved",
    notices: ["run verify: commitments", "replay, another installation: state-machine"],
    blind: [{ eye: "log checkpoint", why: "the log grew as it should; what the units commit to is not its question" }],
    stores: ["sqlite"],
    async play(room) {
      const { eyes, done, facts, hands, untouched, noticed, blind } = room;
      const elsewhere = { ...eyes.replay, name: "replay, another installation" };
      const verify = verifying(room);
      await untouched(eyes.signing);
      const approved = await hands.copy();
      await cutWaiting(room, done);
      await done("run", "leg-b", facts.waiting, "--as", "orchestrator");
      await untouched(verify, elsewhere);
      await hands.putBack(approved);
      const changed = await installed(room, "changed", (folder) => {
        const run = join(folder, "build", "commands", "run");
        change(
          join(run, "cutFacts.js"),
          "commitUnit(content.salt, content.bytes.subarray(unit.span.start, unit.span.end",
          "$& - 1",
        );
        change(join(run, "cut.js"), "approved !== cut.draftRoot", "false");
      });
      await cutWaiting(room, doing(changed));
      await doing(changed)("run", "leg-b", facts.waiting, "--as", "orchestrator");
      await blind(eyes.signing);
      await noticed(verify, { code: "commitments" });
      await noticed(elsewhere, { code: "state-machine" });
    },
  },
  {
    id: "digest-swapped",
    attacker: "can write the database",
    done: "ratifies a writer of their own: its digest in place of leg B's, where it was ratified; chain and tree made to fit",
    notices: ["replay: state-machine", "replay: writers", "log checkpoint: REWRITTEN"],
    blind: [{ eye: "rebuild", why: "read models are made of what the events say, true or not" }],
    stores: everyStore,
    async play(room) {
      const { eyes, hands, say, untouched, noticed, blind } = room;
      const rebuild = answering("rebuild", () => say("rebuild"));
      await untouched(eyes.replay, eyes.signing, rebuild);
      const events = (await hands.events()).map(({ bytes }) => eventOf(bytes));
      const position = events.findIndex(({ type, data }) => type === "WriterRatified" && data["name"] === "legB");
      await rewriteEvent(hands, position, ({ data }) => Object.assign(data, { source: "ab".repeat(32) }));
      await blind(rebuild);
      await noticed(eyes.replay, { code: "state-machine", position });
      await noticed(eyes.replay, { code: "writers" });
      await noticed(eyes.signing, { code: "REWRITTEN" });
    },
  },
  {
    id: "record-rewritten",
    attacker: "can write the database",
    done: "rewrites the record of leg B with another approver; record digest, writer digest, chain and tree made to fit",
    notices: ["replay: writers", "log checkpoint: REWRITTEN"],
    blind: [{ eye: "rebuild", why: "read models are made of what the events say, true or not" }],
    stores: everyStore,
    async play(room) {
      const { eyes, hands, say, untouched, noticed, blind } = room;
      const rebuild = answering("rebuild", () => say("rebuild"));
      await untouched(eyes.replay, eyes.signing, rebuild);
      const position = await lastOf(hands, "LegBRecorded");
      await rewriteEvent(hands, position, ({ data }) => {
        const said = data as unknown as FactData<"LegBRecorded">;
        const record = { ...said.record, approvedBy: "sovereign" };
        const recordDigest = digestOf(record);
        Object.assign(data, {
          record,
          recordDigest,
          writerDigest: nextWriterDigest(undefined, said.writer, recordDigest),
        });
      });
      await blind(rebuild);
      await noticed(eyes.replay, { code: "writers", position });
      await noticed(eyes.signing, { code: "REWRITTEN" });
    },
  },
];

/** Takes the waiting run through SG_1 and its cut. */
async function cutWaiting({ facts }: Room, done: Say): Promise<void> {
  const { waiting, gate, subject } = facts;
  await done("gate", "rule", waiting, gate, "--approve", "--reason", "read", "--subject", subject, "--as", "second");
  await done("switch", "arm", waiting, "--reason", "due", "--as", "sovereign");
  await done("run", "cut", waiting, "--as", "orchestrator");
}

/** `run verify`: each rule of the record that failed. */
function verifying({ say, facts }: Room): Eye {
  return {
    name: "run verify",
    async look() {
      const { exit, error, json } = await say("run", "verify", facts.waiting, "--as", "verifier");
      if (error !== null) return [sawOf(error)];
      const events = json["events"] as { type: string; position: number; data: Record<string, unknown> }[];
      const verified = events.find(({ type }) => type === "VerifyRecorded");
      if (verified === undefined) throw new Error(`no Verify: ${JSON.stringify(json)}`);
      const { checks } = verified.data["record"] as {
        checks: { rule: string; failures: number; first: string | null }[];
      };
      const failed = checks.filter(({ failures }) => failures > 0);
      if ((exit === 0) !== (failed.length === 0)) throw new Error(`run verify ended ${exit}: ${JSON.stringify(json)}`);
      const { position } = verified;
      return failed.map(({ rule, first }) => ({ code: rule, position, rule, words: first ?? "" }));
    },
  };
}

/** Another installation of the program, in the room, as a command line on the room's ledger; `alter` changes it before it is first started. */
async function installed(room: Room, name: string, alter: (folder: string) => void = () => undefined): Promise<Say> {
  const folder = room.path(name);
  for (const part of [
    "package.json",
    "src",
    "commands",
    "projections",
    "build/src",
    "build/commands",
    "build/projections",
  ])
    cpSync(projectFile(part), join(folder, part), { recursive: true });
  symlinkSync(realpathSync(projectFile("node_modules")), join(folder, "node_modules"), "dir");
  alter(folder);
  const program = (await import(pathToFileURL(join(folder, "build", "src", "cli", "run.js")).href)) as {
    run: typeof run;
  };
  return speaking(room, { clock: room.clock, drawn: `${name} `, run: program.run }).say;
}

/** Changes one place of a file. */
function change(file: string, from: string, to: string): void {
  const text = readFileSync(file, "utf8");
  if (text.split(from).length !== 2) throw new Error(`${file} does not say ${from} once`);
  writeFileSync(file, text.replace(from, to));
}
