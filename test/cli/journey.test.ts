// The journey, told in the test's own process: on the sample, and on documents of one's own with and without somebody to ask.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { documentCategory } from "../../commands/document.js";
import { runCategory } from "../../commands/run/State.js";
import { openLedger } from "../../src/app.js";
import { projectFile } from "../support/project.js";
import { withJourneyRoom } from "./journeyRoom.js";
import { contains, rule, runOf, small, write } from "./journeyTexts.js";

const sample = suite("journey: the sample");
const own = suite("journey: a document of one's own");

/** A small statute whose second article 1 blocks until it is acknowledged. */
const repeated =
  "Article 1. Lamps\n\nThe lamps are lit at dusk.\n\nArticle 1. Oil\n\nOil is kept dry.\n\nArticle 2. Ladders\n\nLadders are counted.\n";

sample("goes all the way, and every number it shows is the ledger's", async () => {
  await withJourneyRoom(async (room) => {
    const shown = await room.go(undefined);
    assert.is(shown.exit, 0, shown.note);
    assert.is(shown.note, "");
    contains(
      shown,
      "The document is registered",
      "The target is assessed",
      "chp_I__art_3__cl_2__pt_a",
      "every one of the",
      "✗ HUMAN_REQUIRED",
      "✗ EXECUTION_DISARMED",
      "Leg B",
      "Verify: another human's key",
      "SG_2: may this come into force?",
      "Compensation A",
      "Compensation B",
      "✓ PASS:",
      "nothing is in force",
    );
    const path = join(room.folder, ".iu-ledger", "journey-1", "ledger.sqlite");
    const ledger = await openLedger(path);
    try {
      const { size, root } = await ledger.store.head();
      const [run] = await ledger.query.runs();
      contains(
        shown,
        `${size} events, root ${root.slice(0, 12)}`,
        `UnitCut ×${run?.units}`,
        `UnitReverted ×${run?.units}`,
      );
      assert.is(run?.phase, "reverted");
      // Every event was shown where it stands, once, in order.
      const places = [...shown.out.matchAll(/^ {4}\+ #(\d+)(?:–(\d+))? /gm)].map(([, from, to]) => [
        Number(from),
        Number(to ?? from),
      ]);
      assert.equal(
        places.map(([from]) => from),
        [0, ...places.slice(0, -1).map(([, to]) => (to ?? 0) + 1)],
      );
      assert.is(places.at(-1)?.[1], size - 1);
    } finally {
      await ledger.close();
    }
  });
});

sample("a second one takes a new folder and leaves the first as it is", async () => {
  await withJourneyRoom(async (room) => {
    await room.go(undefined);
    const first = join(room.folder, ".iu-ledger", "journey-1", "ledger.sqlite");
    const headOf = async () => {
      const ledger = await openLedger(first);
      try {
        return await ledger.store.head();
      } finally {
        await ledger.close();
      }
    };
    const before = await headOf();
    const shown = await room.go(undefined);
    assert.is(shown.exit, 0, shown.note);
    assert.ok(existsSync(join(room.folder, ".iu-ledger", "journey-2", "ledger.sqlite")));
    assert.equal(await headOf(), before);
  });
});

sample("fits 80 columns, but for commands to copy", async () => {
  await withJourneyRoom(async (room) => {
    const { out } = await room.go(undefined, {}, { width: 80 });
    const long = out
      .split("\n")
      .filter((line) => [...line].length > 80 && !/^\s*\$ |^(?:ledger|keys|document) /.test(line));
    assert.equal(long, []);
  });
});

own("without anybody to ask it stops at each gate, and says exactly how to go on", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, repeated);
    const first = await room.go(file);
    assert.is(first.exit, 1);
    const { run, gates, plan } = await runOf(room);
    const finding = plan?.findings.blocking[0]?.id ?? "";
    const gate = gates[0];
    contains(
      first,
      finding,
      `npx iu-ledger gate rule ${run.slice(0, 8)} SG_1/1 --approve --acknowledge ${finding}`,
      `--subject ${gate?.subject}`,
      `npx iu-ledger switch arm ${run.slice(0, 8)}`,
      `npm start -- ${file}`,
      "code GATE_NOT_RULED",
    );
    assert.is(first.asked.length, 0);
    // Again: the same gate, still waiting; nothing is requested twice.
    const again = await room.go(file);
    assert.is(again.exit, 1);
    contains(again, "SG_1/1 waits for a sovereign human");
    await room.look(async (ledger, key) => {
      const ruling = { run, outcome: "approved", reason: "read" } as const;
      await ledger.submit(
        "RuleGate",
        { ...ruling, gate: "SG_1/1", subject: gate?.subject ?? "", acknowledge: [finding] },
        key("sovereign"),
      );
    });
    const armed = await room.go(file);
    assert.is(armed.exit, 1);
    contains(armed, "code EXECUTION_DISARMED");
    await room.look(async (ledger, key) => {
      const until = new Date(Date.now() + 600_000).toISOString();
      await ledger.submit("ArmExecution", { run, until, reason: "approved" }, key("sovereign"));
    });
    const cut = await room.go(file);
    assert.is(cut.exit, 1);
    contains(cut, "SG_2/1 waits for a sovereign human", `npx iu-ledger run enact ${run.slice(0, 8)}`);
    await room.look(async (ledger, key) => {
      const subject = (await ledger.state(runCategory, run)).gates[1]?.subject ?? "";
      const ruling = { run, outcome: "approved", reason: "read" } as const;
      await ledger.submit("RuleGate", { ...ruling, gate: "SG_2/1", subject, acknowledge: [] }, key("sovereign"));
    });
    const waiting = await room.go(file);
    assert.is(waiting.exit, 1);
    contains(waiting, "waits for a sovereign human to enact it");
    await room.look(async (ledger, key) => {
      await ledger.submit("EnactRun", { run }, key("sovereign"));
    });
    const done = await room.go(file);
    assert.is(done.exit, 0, done.note);
    contains(done, "This revision is in force already", "revision 0 is in force, 4 units", "✓ PASS");
  });
});

own("asks a person on a terminal, takes only whole words, and cuts what was approved", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, repeated);
    const shown = await room.go(
      file,
      {},
      {
        answers: ["yes please", "approve", "yes", "Read twice.", "yes", "yes", "approve", "Fits the resolution."],
      },
    );
    assert.is(shown.exit, 0, shown.note);
    assert.is(shown.asked.length, 8);
    contains(shown, "You rule as sovereign (human)", "Please type approve or reject.", "is in force, 4 units");
    const { gates, phase } = await runOf(room);
    assert.is(phase, "enacted");
    assert.equal(
      gates.map(({ ruling }) => ruling?.reason),
      ["Read twice.", "Fits the resolution."],
    );
    assert.is(gates[0]?.ruling?.acknowledged.length, 1);
  });
});

own("takes no answer for no: nothing is ruled, and the run waits", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, repeated);
    for (const answers of [[""], ["approve", "no"], ["approve", "yes", ""], []]) {
      const shown = await room.go(file, {}, { answers });
      assert.is(shown.exit, 1);
      assert.is((await runOf(room)).gates[0]?.ruling, null);
    }
    const rejected = await room.go(file, {}, { answers: ["reject", "Article 1 stands twice."] });
    assert.is(rejected.exit, 1);
    contains(rejected, "code GATE_REJECTED", "Article 1 stands twice.");
    // A rejection stands: going on does not ask again behind the sovereign's back.
    const after = await room.go(file, {}, { answers: ["approve", "yes", "but now"] });
    assert.is(after.exit, 1);
    assert.is(after.asked.length, 0);
    contains(after, "code GATE_REJECTED");
  });
});

own("--rule says aloud that nobody was asked, and what it acknowledged", async () => {
  await withJourneyRoom(async (room) => {
    const shown = await room.go(write(room, repeated), rule);
    assert.is(shown.exit, 0, shown.note);
    const { plan } = await runOf(room);
    contains(
      shown,
      "--rule sovereign: approved by sovereign (human), and nobody was asked",
      `Acknowledged by it: ${plan?.findings.blocking[0]?.id}`,
    );
  });
});

own("--compensate takes the enacted version back; without it nothing is", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, small);
    await room.go(file, rule);
    assert.is((await runOf(room)).phase, "enacted");
    const shown = await room.go(file, { ...rule, compensate: true });
    assert.is(shown.exit, 0, shown.note);
    assert.is((await runOf(room)).phase, "reverted");
    contains(shown, "SG_C", "nothing is in force");
    // What was reverted stays so until somebody asks for another run.
    assert.is((await room.go(file, rule)).exit, 0);
    assert.is((await runOf(room)).phase, "reverted");
    const anew = await room.go(file, { ...rule, again: true });
    assert.is(anew.exit, 0, anew.note);
    assert.is((await runOf(room)).phase, "enacted");
  });
});

own(
  "interrupted in the final replay, the advised command replays: nothing is cut, enacted or taken back twice",
  async () => {
    await withJourneyRoom(async (room) => {
      const file = join(room.folder, "rules.md");
      writeFileSync(file, "# Rules\n\n## Article 1\n\nOne.\n");
      const words = { rule: "sovereign", compensate: true };
      const first = await room.go(file, words, { interruptAt: "Replay: the whole ledger" });
      assert.is(first.exit, 130);
      const size = await room.look(async (ledger) => (await ledger.store.head()).size);
      const again = await room.go(file, words);
      assert.is(again.exit, 0, again.note);
      contains(again, "taken back already", "--again", "✓ PASS:");
      assert.is(await room.look(async (ledger) => (await ledger.store.head()).size), size);
      const anew = await room.go(file, { ...words, again: true });
      assert.is(anew.exit, 0, anew.note);
      contains(anew, "A run is opened", "✓ PASS:");
      await room.look(async (ledger) => {
        const runs = await ledger.query.runs();
        assert.equal(
          runs.map(({ phase }) => phase),
          ["reverted", "reverted"],
        );
      });
      // Another text of it is another matter.
      writeFileSync(file, "# Rules\n\n## Article 1\n\nTwo.\n");
      contains(await room.go(file, words), "The document is revised", "A run is opened");
    });
  },
);

own("a changed file is a revision: what is certain is mapped, the rest is proposed to a human", async () => {
  await withJourneyRoom(async (room) => {
    const text = (name: string) => readFileSync(projectFile("samples", name), "utf8");
    const file = write(room, text("charter.md"), "charter.md");
    assert.is((await room.go(file, rule)).exit, 0);
    write(room, text("charter-rev2.md"), "charter.md");
    const asked = await room.go(file, {}, { answers: ["approve", "Read.", "yes", "no"] });
    assert.is(asked.exit, 1);
    contains(
      asked,
      "The document is revised",
      "A human decides at SG_1.",
      "could not be told by digest",
      "code TRANSITION_OPEN",
    );
    const ruled = await room.go(file, rule);
    assert.is(ruled.exit, 0, ruled.note);
    contains(
      ruled,
      "taken as proposed, and nobody was asked",
      "in the place of those of run",
      "revision 1 is in force",
    );
    await room.look(async (ledger) => {
      const [document] = await ledger.query.documents();
      const { enacted } = await ledger.state(documentCategory, document?.document ?? "");
      assert.is(enacted.length, 2);
    });
  });
});

own("the file may not change under an open run", async () => {
  await withJourneyRoom(async (room) => {
    const file = write(room, small);
    await room.go(file);
    write(room, `${small}\nArticle 3. Cats\n\nThere is one.\n`);
    const shown = await room.go(file);
    assert.is(shown.exit, 1);
    contains(shown, "code RUN_OPEN", "npx iu-ledger run abandon");
  });
});

sample.run();
own.run();
