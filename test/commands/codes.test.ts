/** No refusal without a scenario: every code that stands in commands/ is expected, with its numbers, by a test in this folder. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commands } from "../../commands/Command.js";
import { facts } from "../../src/events/facts.js";
import { projectFile } from "../support/project.js";

const test = suite("refusals");

function textOf(folder: string, ending: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

const sources = textOf(projectFile("commands"), ".ts");
const scenarios = textOf(projectFile("test", "commands"), ".test.ts");
/** In capitals and a refusal; not the codes of an assessment's reasons, which refuse nothing. */
const codes = new Set(
  [...sources.matchAll(/\b(?:refused|no)\(\s*"([A-Z][A-Z0-9_]+)"/g)].map((match) => match[1] ?? ""),
);

/** Cannot be brought about with this program: the reason is part of the test. */
const unreachable: Record<string, string> = {
  NOT_LOSSLESS:
    "the cutter is not known to make a plan that loses anything; a plan by anybody else is PLAN_NOT_REPRODUCED before",
};

test("every refusal of commands/ is tried by a scenario", () => {
  assert.ok(codes.size > 60, `${codes.size} codes were found`);
  const untried = [...codes].filter((code) => !(code in unreachable) && !new RegExp(`"${code}"`).test(scenarios));
  assert.equal(untried, []);
  for (const code of Object.keys(unreachable)) assert.ok(codes.has(code), `${code} is no code any more`);
});

test("every command and every fact stands in a scenario or in the story they begin with", () => {
  const told = scenarios + readFileSync(projectFile("test", "commands", "history.ts"), "utf8");
  assert.equal(
    Object.keys(commands).filter((type) => !told.includes(`"${type}"`)),
    [],
  );
  assert.equal(
    Object.keys(facts).filter(
      (type) => type !== "CommandRefused" && type !== "CommandAnswered" && !sources.includes(`"${type}"`),
    ),
    [],
    "a fact that no decision makes",
  );
});

test.run();
