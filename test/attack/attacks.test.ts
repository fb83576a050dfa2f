// Every attack of the threat table, played on a SQLite ledger; on Postgres they are in attacks.slow.test.ts. `npm run attack` shows the same as a table.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { attacks } from "./attacks.js";
import { openBases } from "./bases.js";
import { play } from "./play.js";

const test = suite("attacks");
const bases = openBases();

for (const attack of attacks.filter(({ stores }) => stores.includes("sqlite"))) {
  test(`${attack.id}: ${attack.attacker}: ${attack.done}`, async () => {
    const { outcome, why } = await play(attack, "sqlite", bases);
    assert.is(outcome, "NOTICED", why ?? "");
  });
}

test("each has a name of its own, somebody who notices, and somebody who does not", () => {
  assert.is(new Set(attacks.map(({ id }) => id)).size, attacks.length);
  const [control, ...others] = attacks;
  assert.is(control?.notices.length, 0);
  assert.ok(others.every(({ notices, blind, stores }) => notices.length > 0 && blind.length > 0 && stores.length > 0));
});

test.run();
