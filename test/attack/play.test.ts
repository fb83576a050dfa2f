// The table, attacked: an attack that was not noticed, by somebody else, or before it happened must not pass; and whatever came of it is shown.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { styleOf } from "../../src/cli/output/style.js";
import { widthOf } from "../../src/cli/output/text.js";
import { projectFile } from "../support/project.js";
import { skip } from "../support/skip.js";
import type { Attack } from "./Attack.js";
import { attackTable, exitOf, outcomeOf } from "./attackTable.js";
import { type Bases, openBases } from "./bases.js";
import type { Eye, Saw } from "./Eye.js";
import { type Played, play } from "./play.js";

const test = suite("playing attacks");
const bases = openBases();
const runFile = projectFile("build", "test", "attack", "run.js");

const alarm: Saw = { code: "ALARM", position: 3, rule: "bells", words: "the bell rings" };
/** Sees these, one look after the other. */
function eye(name: string, ...looks: (readonly Saw[])[]): Eye {
  return { name, look: async () => looks.shift() ?? [] };
}

const notices = ["bell: ALARM"];
const blind = [{ eye: "wall", why: "it has no ears" }];
const attackOf = (act: Attack["play"], more: Partial<Attack> = {}): Attack => ({
  id: "test",
  attacker: "somebody",
  done: "something",
  notices,
  blind,
  stores: ["sqlite"],
  play: act,
  ...more,
});
const ringing = () => ({ bell: eye("bell", [], [alarm]), wall: eye("wall", [], []) });

const missed: readonly (readonly [string, Attack, RegExp])[] = [
  [
    "nobody notices",
    attackOf(async ({ untouched, noticed }) => {
      const bell = eye("bell", [], []);
      await untouched(bell);
      await noticed(bell, { code: "ALARM" });
    }),
    /bell was to notice .*ALARM/,
  ],
  [
    "it is noticed with another code",
    attackOf(async ({ untouched, noticed }) => {
      const { bell } = ringing();
      await untouched(bell);
      await noticed(bell, { code: "FIRE" });
    }),
    /bell was to notice .*FIRE.*it saw .*ALARM/,
  ],
  [
    "it is noticed at another place",
    attackOf(async ({ untouched, noticed }) => {
      const { bell } = ringing();
      await untouched(bell);
      await noticed(bell, { code: "ALARM", position: 4 });
    }),
    /bell was to notice/,
  ],
  [
    "something else is noticed too, where it was to be alone",
    attackOf(async ({ untouched, noticed }) => {
      const bell = eye("bell", [], [alarm, { ...alarm, code: "FIRE" }]);
      await untouched(bell);
      await noticed(bell, { code: "ALARM", alone: true });
    }),
    /alone/,
  ],
  [
    "the alarm rings before",
    attackOf(async ({ untouched }) => untouched(eye("bell", [alarm]))),
    /bell found something before the attack/,
  ],
  [
    "nobody looked before",
    attackOf(async ({ noticed, blind: unseen }) => {
      await noticed(eye("bell", [alarm]), { code: "ALARM" });
      await unseen(eye("wall"));
    }),
    /bell was not asked before the attack/,
  ],
  [
    "the blind see",
    attackOf(async ({ untouched, noticed, blind: unseen }) => {
      const { bell } = ringing();
      const wall = eye("wall", [], [alarm]);
      await untouched(bell, wall);
      await noticed(bell, { code: "ALARM" });
      await unseen(wall);
    }),
    /wall was said to be blind to this, and sees/,
  ],
  [
    "the blind were not asked",
    attackOf(async ({ untouched, noticed }) => {
      const { bell, wall } = ringing();
      await untouched(bell, wall);
      await noticed(bell, { code: "ALARM" });
    }),
    /said was wall/,
  ],
  [
    "the table promises more than was seen",
    attackOf(
      async ({ untouched, noticed, blind: unseen }) => {
        const { bell, wall } = ringing();
        await untouched(bell, wall);
        await noticed(bell, { code: "ALARM" });
        await unseen(wall);
      },
      { notices: [...notices, "dog: BARKS"] },
    ),
    /noticed by bell: ALARM; said was bell: ALARM, dog: BARKS/,
  ],
];

for (const [what, attack, why] of missed) {
  test(`MISSED: ${what}`, async () => {
    const played = await play(attack, "sqlite", bases);
    assert.is(played.outcome, "MISSED");
    assert.match(played.why ?? "", why);
  });
}

const heard = attackOf(async ({ untouched, noticed, blind: unseen }) => {
  const { bell, wall } = ringing();
  await untouched(bell, wall);
  await noticed(bell, { code: "ALARM", position: 3, rule: "bells", words: /rings/, alone: true });
  await unseen(wall);
});

test("NOTICED: by whom, where and in which words as was said", async () => {
  const { outcome, why, noticed } = await play(heard, "sqlite", bases);
  assert.equal([outcome, why, noticed], ["NOTICED", null, [{ by: "bell: ALARM", saw: alarm }]]);
});

test("NOT_RUN: what it needs is absent, and that is no pass", async () => {
  const none: Bases = { get: async () => skip("there is no server") };
  const played = await play(heard, "postgres", none);
  assert.equal([played.outcome, played.why], ["NOT_RUN", "there is no server"]);
});

test("the exit code is 0 only if all of it was noticed; what was missed weighs more than what could not be played", () => {
  const row = (...outcomes: Played["outcome"][]) => ({
    number: 1,
    attack: heard,
    played: outcomes.map((outcome): Played => ({ store: "sqlite", outcome, noticed: [], why: null, ms: 1 })),
  });
  assert.is(exitOf([row("NOTICED", "NOTICED")]), 0);
  assert.is(exitOf([row("NOTICED"), row("NOTICED", "NOT_RUN")]), 3);
  assert.is(exitOf([row("NOT_RUN"), row("MISSED", "NOTICED")]), 1);
  assert.is(exitOf([]), 3);
  assert.is(outcomeOf([]), "NOT_RUN");
});

test("the table fits the width, and says of each who noticed, in which words, and who would not have", () => {
  const saw = {
    ...alarm,
    words: `at size 3 the root is ${"ab".repeat(32)}; it was ${"cd".repeat(32)}. Stop writing now.`,
  };
  const rows = [
    {
      number: 7,
      attack: heard,
      played: [{ store: "sqlite", outcome: "NOTICED", noticed: [{ by: "bell: ALARM", saw }], why: null, ms: 1234 }],
    },
    {
      number: 7,
      attack: heard,
      played: [{ store: "postgres", outcome: "NOT_RUN", noticed: [], why: "there is no server", ms: 0 }],
    },
    {
      number: 7,
      attack: heard,
      played: [{ store: "sqlite", outcome: "MISSED", noticed: [], why: "nobody came", ms: 5 }],
    },
  ] as const;
  for (const width of [60, 80, 131, 132, 200]) {
    const lines = attackTable(rows, { style: styleOf(false), width });
    assert.ok(
      lines.slice(0, -2).every((line) => widthOf(line) <= width),
      `${width}`,
    );
    const all = lines.join(" ").replace(/\s+/g, " ");
    for (const words of ["bell: ALARM", "SQLite 1.2 s", "Postgres NOT_RUN", "abababab…", "wall:", "nobody", "MISSED"])
      assert.ok(all.includes(words), `${width}: ${words}\n${lines.join("\n")}`);
    assert.not.ok(all.includes("Stop writing"));
    assert.match(all, /1 of 3 attacks noticed .*1 MISSED; 1 not played.* NOT_RUN on Postgres: there is no server$/);
  }
});

test("npm run attack: one attack as JSON; words that mean nothing are said and end with 2", () => {
  const run = (...words: string[]) => spawnSync(process.execPath, [runFile, ...words], { encoding: "utf8" });
  const { status, stdout, stderr } = run("text-erased", "--store", "sqlite", "--json");
  assert.is(status, 0, stderr);
  const said = JSON.parse(stdout) as { exit: number; attacks: { id: string; played: Played[] }[] };
  assert.equal([said.exit, said.attacks.map(({ id }) => id)], [0, ["text-erased"]]);
  assert.is(said.attacks[0]?.played[0]?.noticed[0]?.saw.code, "content");
  for (const words of [["no-such-attack"], ["--store", "paper"], ["--loud"]]) {
    const bad = run(...words);
    assert.equal([bad.status, /npm run attack -- \[NAME/.test(bad.stderr)], [2, true], words.join(" "));
  }
});

test("the README shows what is said: its attacks, played again", () => {
  const readme = readFileSync(projectFile("README.md"), "utf8");
  const [, words = "", shown = ""] = /^\$ npm run attack -- (.*)\n([\s\S]*?)^```$/m.exec(readme) ?? [];
  const { status, stdout } = spawnSync(process.execPath, [runFile, ...words.split(" ")], { encoding: "utf8" });
  assert.is(status, 0, stdout);
  const settled = (text: string) =>
    text
      .replace(/\b[0-9a-f]{8}…/g, "<digest>")
      .replace(/SQLite [\d.]+ s/g, "<time>")
      .trim();
  assert.is(settled(shown), settled(stdout));
});

test.run();
