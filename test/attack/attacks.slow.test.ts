// Every attack that is for Postgres, on a ledger there.
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { skip } from "../support/skip.js";
import { attacks } from "./attacks.js";
import { openBases } from "./bases.js";
import { play } from "./play.js";

const test = suite("attacks on Postgres");
const bases = openBases();

for (const attack of attacks.filter(({ stores }) => stores.includes("postgres"))) {
  test(`${attack.id}: ${attack.attacker}: ${attack.done}`, async () => {
    const { outcome, why } = await play(attack, "postgres", bases);
    if (outcome === "NOT_RUN") skip(why ?? "the means are absent");
    assert.is(outcome, "NOTICED", why ?? "");
  });
}

test.run();
