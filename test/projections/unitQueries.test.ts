// What a reader gets to see of the units of a told story: versions, lifecycles, texts that are proven, identities, differences.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { Found } from "../../projections/find.js";
import { lifecycleCounts, lifecycleOfVersion } from "../../projections/lifecycle/queries.js";
import { listIdentities, showUnit } from "../../projections/unit/queries.js";
import {
  listRepeals,
  listUnits,
  listUnitTexts,
  unitAt,
  unitDiff,
  unitHistory,
} from "../../projections/unit_version/queries.js";
import { openSqlite } from "../../src/database/sqlite.js";
import { catchUp } from "../../src/projecting/catchUp.js";
import { memoryStore } from "../../src/store/memoryStore.js";
import { id, scribe } from "../projecting/scribe.js";
import { ids, tellStory } from "../projecting/story.js";

const queries = suite("queries of units");

const store = memoryStore();
const s = scribe(store);
await tellStory(s);
const sql = await openSqlite(":memory:");
await catchUp(store, sql);
const content = store.content.get;
const { charter, first, second } = ids;

function the<T>(found: Found<T>): T {
  if (found.kind !== "found") throw new Error(`found ${JSON.stringify(found)}`);
  return found.value;
}

queries("unit versions: lifecycle after enacting, superseding and reverting; titles from the plan", async () => {
  assert.equal(
    (await listUnits(sql, { document: charter })).map((one) => [
      one.run,
      one.index,
      one.address,
      one.title,
      one.lifecycle,
    ]),
    [
      [second, 0, "doc", null, "reverted"],
      [second, 1, "art_1", "Of art_1", "reverted"],
      [second, 2, "art_2", "Of art_2", "reverted"],
      [first, 0, "doc", null, "enacted"],
      [first, 1, "art_1", "Of art_1", "enacted"],
      [first, 2, "art_2", "Of art_2", "enacted"],
      [first, 3, "art_3", "Of art_3", "enacted"],
    ],
  );
  const [resolved] = await listUnits(sql, { run: second, address: "art_2" });
  assert.equal([resolved?.unit, resolved?.transition], [id(0xa02), { class: "amend", from: [id(0xa02)], open: false }]);
  assert.equal(await lifecycleCounts(sql, first), { draft: 0, reviewed: 0, enacted: 4, superseded: 0, reverted: 0 });
  assert.equal(
    (await lifecycleOfVersion(sql, first, 1)).map((one) => one.state),
    ["draft", "reviewed", "enacted", "superseded", "enacted"],
  );
  assert.equal(
    (await lifecycleOfVersion(sql, second, 1)).map((one) => [one.state, one.actor]),
    [
      ["draft", "agent"],
      ["reviewed", "cleo"],
      ["enacted", "bob"],
      ["reverted", "agent"],
    ],
  );
  assert.equal((await listUnits(sql, { open: true })).length, 0);
  assert.equal((await listUnits(sql, { lifecycle: "enacted", limit: 2 })).length, 2);
  assert.equal(
    (await listRepeals(sql, second)).map((one) => [one.unit, one.class, one.open]),
    [[id(0xa03), "repeal", false]],
  );
});

queries("texts are slices of the content, proven against the commitment on the ledger", async () => {
  assert.equal(
    (await listUnitTexts(sql, content, { run: first })).map((one) => [one.text, one.textStatus]),
    [
      ["Điều 1. One 😀\nTwo\nThree", "proven"],
      ["Điều 1. One 😀", "proven"],
      ["Two", "proven"],
      ["Three", "proven"],
    ],
  );
  const erased = await unitAt(sql, async () => undefined, first, "art_1");
  assert.equal([erased?.text, erased?.textStatus], [null, "missing"]);
  const damaged = await unitAt(
    sql,
    async (commitment) => {
      const there = await content(commitment);
      return there && { salt: there.salt, bytes: there.bytes.map((byte, i) => (i === 3 ? byte ^ 1 : byte)) };
    },
    first,
    "art_1",
  );
  assert.equal([damaged?.text, damaged?.textStatus], [null, "damaged"]);
});

queries("units: who speaks for it now, all its versions, the difference between two", async () => {
  const units = await listIdentities(sql, { document: charter });
  assert.equal(
    units.map((one) => [one.unit, one.address, one.lifecycle, one.run, one.firstRun, one.lastRun, one.versions]),
    [
      [id(0xa00), "doc", "enacted", first, first, second, 2],
      [id(0xa01), "art_1", "enacted", first, first, second, 2],
      [id(0xa02), "art_2", "enacted", first, first, second, 2],
      [id(0xa03), "art_3", "enacted", first, first, first, 1],
    ],
    "the unit that was proposed and not resolved to is no unit",
  );
  const unit = the(await showUnit(sql, content, id(0xa02)));
  assert.is(unit.current.text, "Two");
  assert.equal(
    unit.history.map((one) => [one.run === first ? 1 : 2, one.state]),
    [
      [1, "draft"],
      [1, "reviewed"],
      [1, "enacted"],
      [2, "draft"],
      [2, "reviewed"],
      [1, "superseded"],
      [2, "enacted"],
      [2, "reverted"],
      [1, "enacted"],
    ],
  );
  assert.equal(
    the(await unitHistory(sql, content, id(0xa02))).map((one) => one.text),
    ["Two", "Two, amended"],
  );
  const diff = the(await unitDiff(sql, content, id(0xa02)));
  assert.equal([diff?.from.text, diff?.to.text], ["Two", "Two, amended"]);
  const back = the(await unitDiff(sql, content, id(0xa02), { from: second, to: first }));
  assert.equal([back?.from.text, back?.to.text], ["Two, amended", "Two"]);
  assert.is(the(await unitDiff(sql, content, id(0xa03))), null);
});

queries.run();
