// Which contents are named: found by the names of fields, wherever they stand, in every event and command there is.
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { commands } from "../../commands/Command.js";
import { contentsNamed } from "../../src/events/contentsNamed.js";
import { facts } from "../../src/events/facts.js";
import { projectFile } from "../support/project.js";

const test = suite("contents named");
const one = "1".repeat(64);
const two = "2".repeat(64);
const three = "3".repeat(64);

test("in any depth, in lists, by the ends of names; and no other digest", () => {
  assert.equal(contentsNamed({ data: { content: one, plan: two, report: { reportContent: three } } }), [one, three]);
  assert.equal(contentsNamed([{ contents: [one, two] }, { planContent: two }]), [one, two, two]);
  for (const value of [null, 5, one, [one], { contentDigest: one }, { content: "short" }, { content: { digest: one } }])
    assert.equal(contentsNamed(value), [], JSON.stringify(value));
});

test("a field of a fact or a command that has to do with content is one that is found, or no commitment", () => {
  const odd = new Set<string>();
  for (const schema of [...Object.values(facts), ...Object.values(commands)]) {
    for (const name of Object.keys((schema as { shape?: Record<string, unknown> }).shape ?? {})) {
      if (/content/i.test(name) && contentsNamed({ [name]: one }).length === 0) odd.add(name);
    }
  }
  assert.equal([...odd], []);
});

test("the golden history's documents, plans and reports are found", () => {
  const lines = readFileSync(projectFile("test", "events", "golden", "events.ndjson"), "utf8")
    .trim()
    .split("\n");
  const naming = new Map<string, number>();
  for (const line of lines) {
    const { type, data } = JSON.parse(line) as { type: string; data: unknown };
    const count = contentsNamed(data).length;
    if (count > 0) naming.set(type, count);
  }
  for (const type of [
    "DocumentRegistered",
    "DocumentRevised",
    "RunOpened",
    "CutPlanned",
    "ContentRedacted",
    "RedactionRequested",
  ])
    assert.ok(naming.has(type), `${type} names none`);
});

test.run();
