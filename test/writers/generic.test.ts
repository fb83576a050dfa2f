/** The number of units comes from the live state: no count and no id of a particular run stands in the code that every run goes through. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "../support/project.js";
import { blankNonCode } from "../support/tidy/blankNonCode.js";

const test = suite("the generic path");

/** Numbers a writer may hold, and what for. None of them counts units. */
const allowed: Readonly<Record<string, string>> = {
  "0": "the first index, an empty count",
  "1": "the next index, schema 1",
  "2": "a binary tree",
  "200": "characters of a failure's message",
  "512": "bytes of a unit's head in which its label is looked for first",
};

const writers = readdirSync(projectFile("src", "writers")).filter((name) => /\.v\d+\.ts$/.test(name));
for (const name of writers) {
  test(`${name} holds no number that could be a count`, () => {
    const code = blankNonCode(readFileSync(projectFile("src", "writers", name), "utf8"));
    const numbers = [...code.matchAll(/(?<![\w.])\d[\d_]*(?:\.\d+)?\b/g)].map(([number]) => number);
    assert.equal(
      numbers.filter((number) => !(number in allowed)),
      [],
    );
  });
}

test("no id and no digest of a particular run stands in commands/, src/writers/ or src/documents/ but in the writers' lock", () => {
  const found: string[] = [];
  for (const folder of ["commands", "src/writers", "src/documents", "src/ledger"]) {
    for (const name of readdirSync(projectFile(folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".ts") || name === "lock.ts") continue;
      const text = readFileSync(join(projectFile(folder), name), "utf8");
      const ids = text.match(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[0-9a-f]{64}\b/gi) ?? [];
      found.push(...ids.map((id) => `${folder}/${name}: ${id}`));
    }
  }
  assert.equal(found, []);
});

test.run();
