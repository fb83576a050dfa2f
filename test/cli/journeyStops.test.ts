// Where a journey stops, and what it says there: a HOLD, Ctrl-C, a text that cannot be cut, a sovereign whose key is elsewhere.
import { existsSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { JourneyWords } from "../../src/cli/journey/journey.js";
import { withJourneyRoom } from "./journeyRoom.js";
import { contains, rule, runOf, small, write } from "./journeyTexts.js";

const stops = suite("journey: where it stops");

stops("a held run: the evidence and who may release it", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, small);
    await room.go(file);
    const { run } = await runOf(room);
    await room.look(async (ledger, key) => {
      await ledger.submit("HoldRun", { run, reason: "the annex is missing" }, key("verifier"));
    });
    const shown = await room.go(file, rule);
    assert.is(shown.exit, 1);
    contains(shown, "on HOLD", "the annex is missing", "code RUN_HELD", `npx iu-ledger run release ${run.slice(0, 8)}`);
  });
});

stops("Ctrl-C, wherever it comes: it says where it stands, exits 130, and the next one goes on", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, small);
    const moments = [
      "KeyBound ×",
      "DocumentRegistered",
      "RunOpened",
      "CutPlanned",
      "GateRuled",
      "ExecutionArmed",
      "LegBRecorded",
      "RunReviewed",
    ];
    for (const interruptAt of moments) {
      const shown = await room.go(file, rule, { interruptAt });
      assert.is(shown.exit, 130, `${interruptAt}: ${shown.note}`);
      contains(shown, "Stopping after this append", `Go on with: npm start -- ${file} --rule sovereign`);
    }
    const done = await room.go(file, rule);
    assert.is(done.exit, 0, done.note);
    contains(done, "revision 0 is in force, 3 units", "✓ PASS");
  });
});

stops("what cannot be cut is refused before there is a ledger", async () => {
  await withJourneyRoom(async (room) => {
    const path = join(room.folder, "bad.txt");
    const refusals: [Uint8Array, string, number, JourneyWords][] = [
      [Buffer.from("abc\xff", "latin1"), "byte 3 is not UTF-8", 1, {}],
      [Buffer.from("ab\0"), "byte 2 is a NUL", 1, {}],
      [new Uint8Array(), "empty", 1, {}],
      [Buffer.from(small), "no grammar", 2, { grammar: "latin" }],
    ];
    for (const [bytes, message, exit, words] of refusals) {
      writeFileSync(path, bytes);
      const shown = await room.go(path, words);
      assert.is(shown.exit, exit, shown.note);
      contains(shown, message);
    }
    const missing = await room.go(join(room.folder, "nothing.txt"));
    assert.is(missing.exit, 3);
    contains(missing, "There is no file");
    assert.is((await room.go(undefined, rule)).exit, 2);
    assert.not.ok(existsSync(room.ledger));
  });
});

stops("where the sovereign's key is elsewhere, everything else goes on, and the gates are left to them", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, small);
    await room.go(file);
    const { run, gates } = await runOf(room);
    await room.look(async (ledger, key) => {
      const ruling = { run, gate: "SG_1/1", outcome: "approved", acknowledge: [], reason: "read" } as const;
      const subject = gates[0]?.subject ?? "";
      await ledger.submit("RuleGate", { ...ruling, acknowledge: [], subject }, key("sovereign"));
      const until = new Date(Date.now() + 600_000).toISOString();
      await ledger.submit("ArmExecution", { run, until, reason: "approved" }, key("sovereign"));
    });
    renameSync(join(room.folder, ".iu-ledger", "keys", "sovereign.pem"), join(room.folder, "sovereign.pem"));
    for (const answers of [undefined, ["approve", "I would"]]) {
      const shown = await room.go(file, {}, answers === undefined ? {} : { answers });
      assert.is(shown.exit, 1);
      assert.is(shown.asked.length, 0);
      contains(shown, "SG_2/1 waits for a sovereign human", "--keys FOLDER", "npx iu-ledger run enact");
    }
    const { phase, gates: after } = await runOf(room);
    assert.is(phase, "reviewed");
    assert.is(after[1]?.ruling, null);
    renameSync(join(room.folder, "sovereign.pem"), join(room.folder, ".iu-ledger", "keys", "sovereign.pem"));
    assert.is((await room.go(file, rule)).exit, 0);
  });
});

stops("--rule names a local sovereign, or nothing is done", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, small);
    for (const who of ["editor", "nobody"]) {
      const shown = await room.go(file, { rule: who });
      assert.is(shown.exit, 1);
      contains(shown, "code RULER_UNFIT", "There is sovereign (human)");
    }
  });
});

stops.run();
