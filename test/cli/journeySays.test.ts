// What a journey says is so: nothing is announced that was refused, nothing is signed in a person's name unsaid, a ruling shows what it does.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { runCategory } from "../../commands/run/State.js";
import { type JourneyRoom, type Shown, withJourneyRoom } from "./journeyRoom.js";

const says = suite("journey: what it says is so");

const rules = "House rules\n\nArticle 1. Lamps\n\nLamps are lit at dusk.\n\nArticle 2. Boats\n\nBoats keep right.\n";

function write({ folder }: JourneyRoom, text: string): string {
  const file = join(folder, "rules.txt");
  writeFileSync(file, text);
  return file;
}

function all({ out, note }: Shown): string {
  return out + note;
}

says("a file that changed under a run that has cut: the way out is compensation, and it works", () =>
  withJourneyRoom(async (room) => {
    const file = write(room, rules);
    await room.go(file, { rule: "sovereign" }, { interruptAt: "The document is cut" });
    const stopped = await room.go(file, { rule: "sovereign" }, { interruptAt: "Leg B" });
    assert.is(stopped.exit, 130, all(stopped));
    write(room, `${rules}\nArticle 3. Cats\n\nThere is one.\n`);
    const shown = await room.go(file);
    assert.is(shown.exit, 1);
    assert.match(shown.note, "code RUN_OPEN");
    assert.match(shown.note, /iu-ledger run compensate [0-9a-f]{8} --reason 'the text has changed' --execute/);
    assert.not.match(all(shown), "The document is revised");
    await room.look(async (ledger, key) => {
      const [row] = await ledger.query.runs({});
      const run = row?.run ?? "";
      const reason = "the text has changed";
      assert.is((await ledger.submit("PlanCompensation", { run, reason }, key("editor"))).kind, "committed");
      assert.is((await ledger.submit("Compensate", { run }, key("orchestrator"))).kind, "committed");
      assert.is((await ledger.state(runCategory, run)).phase, "compensated");
    });
  }),
);

says("Ctrl-C before the document is registered shows no commitment of it", () =>
  withJourneyRoom(async (room) => {
    const shown = await room.go(write(room, rules), {}, { interruptAt: "The document is registered" });
    assert.is(shown.exit, 130);
    assert.not.match(shown.out, "commitment");
  }),
);

says("the review is asked for on a terminal; where nobody was asked it says so", () =>
  withJourneyRoom(async (room) => {
    const file = write(room, rules);
    const waits = await room.go(file, {}, { answers: ["approve", "Read.", "yes", "no"] });
    assert.is(waits.exit, 1);
    assert.match(waits.note, "code REVIEW_WAITS");
    assert.match(all(waits), "unit list --run");
    const unasked = await room.go(file, { rule: "sovereign" });
    assert.is(unasked.exit, 0, all(unasked));
    assert.match(unasked.out.replace(/\s+/g, " "), "Nobody was asked: the journey signs the review");
  }),
);

says("a gate shows in words what its ruling does", () =>
  withJourneyRoom(async (room) => {
    const file = write(room, rules);
    const first = await room.go(file, { rule: "sovereign" });
    assert.match(first.out, "3 units, all new");
    write(room, rules.replace("keep right", "keep to the left, always").replace("Boats\n", "Ships\n"));
    const second = await room.go(file, { rule: "sovereign" });
    assert.match(second.out, /units +3 units: 1 amended, 2 unchanged/);
    assert.match(second.out, /amended +art_2 +Ships/);
    assert.match(second.out, /open +1 row: proposed/);
    assert.match(second.out, /\$ npx iu-ledger unit list --run /);
  }),
);

says.run();
