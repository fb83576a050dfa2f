// Style as a test: what the house has decided about its files, checked on all of them. Each rule is first shown a file that
// breaks it, so that a rule that has gone blind is noticed. Must never list exceptions: a rule with exceptions is another rule.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile, projectRoot } from "./support/project.js";
import { blankNonCode } from "./support/tidy/blankNonCode.js";
import { importCycles, importsNotAllowed, parseImportTable } from "./support/tidy/imports.js";
import { type Offence, readProject, sourceOf } from "./support/tidy/readProject.js";
import {
  dependenciesAreUsedAndListed,
  filesExplainThemselves,
  namesSayWhatIsInside,
  noBarrels,
  nothingIsLeftForLater,
  nothingPrivateIsTold,
  onlyConfigReadsTheEnvironment,
  pureFoldersArePure,
  type Rule,
  suitesRun,
  theLockIsComplete,
  throwsNamesWhatItExpects,
} from "./support/tidy/rules.js";

const sources = readProject(projectRoot);
const tabled = sources.filter(({ path }) => /^(?:src|commands|projections|test|bench)\/.*\.ts$/.test(path));
const table = parseImportTable(readFileSync(projectFile("src", "README.md"), "utf8"));

function none(offences: Offence[]): void {
  const list = offences.map(({ path, line, message }) => `${path}:${line}  ${message}`).join("\n");
  if (offences.length > 0) assert.unreachable(`${offences.length} places to tidy:\n${list}`);
}

/** Files that break a rule, and the lines on which it must say so. */
type Planted = { files: Record<string, string>; lines: string[] };

function finds(rule: Rule, { files, lines }: Planted): void {
  const found = rule(Object.entries(files).map(([path, text]) => sourceOf(path, text)));
  assert.equal([...new Set(found.map(({ path, line }) => `${path}:${line}`))].sort(), [...lines].sort());
}

const manifest = `{\n"dependencies": {\n"zod": "1",\n"idle": "1" },\n"devDependencies": {\n"uvu": "1",\n"lazy": "1" } }\n`;
const head = "// What it is for.\n";

const rules: { says: string; rule: Rule; planted: Planted }[] = [
  {
    says: "pure folders have no clock, no randomness, no I/O, no locale",
    rule: pureFoldersArePure,
    planted: {
      files: {
        "commands/a.ts": `const now = Date.now();\nconst then = new Date(0);\nconst text = "Date.now()"; // Math.random()\nrandomUUID();\n`,
        "src/tlog/b.ts": `import { readFileSync } from "node:fs";\nimport { createHash } from "node:crypto";\na.localeCompare(b);\n`,
        "src/store/c.ts": `Date.now();\n`,
      },
      lines: ["commands/a.ts:1", "commands/a.ts:4", "src/tlog/b.ts:1", "src/tlog/b.ts:3"],
    },
  },
  {
    says: "only src/config.ts reads the environment, only the edge the process",
    rule: onlyConfigReadsTheEnvironment,
    planted: {
      files: {
        "src/config.ts": "process.env;\n",
        "src/cli/a.ts": "process.stdout.write(x);\nprocess.env;\n",
        "src/store/b.ts": "\nprocess.exit(1);\n",
        "src/store/c.ts": `import { env } from "node:process";\n`,
      },
      lines: ["src/cli/a.ts:2", "src/store/b.ts:2", "src/store/c.ts:1"],
    },
  },
  {
    says: "no barrels",
    rule: noBarrels,
    planted: {
      files: {
        "src/a.ts": `${head}export { a } from "./b.js";\nexport * from "./c.js";\n`,
        "src/d.ts": `export type { D } from "./e.js";\nexport const d = 1;\n`,
      },
      lines: ["src/a.ts:1"],
    },
  },
  {
    says: "names say what is inside",
    rule: namesSayWhatIsInside,
    planted: {
      files: { "src/utils/a.ts": "", "src/helpers.ts": "", "src/store/index.ts": "", "src/store/indexOf.ts": "" },
      lines: ["src/utils/a.ts:1", "src/helpers.ts:1", "src/store/index.ts:1"],
    },
  },
  {
    says: "nothing is left for later",
    rule: nothingIsLeftForLater,
    planted: {
      files: {
        "src/a.ts": `\n// ${"TO"}DO later\nconst roman = "XXX";\n`,
        "README.md": `${"FIX"}ME\n`,
        "b.md": "MASTODON\n",
      },
      lines: ["src/a.ts:2", "README.md:1"],
    },
  },
  {
    says: "files explain themselves and can be read at a sitting",
    rule: filesExplainThemselves,
    planted: {
      files: {
        "src/a.ts": "const a = 1;\n",
        "bin/b.mjs": `#!/usr/bin/env node\n${head}`,
        "src/c.ts": head.repeat(401),
      },
      lines: ["src/a.ts:1", "src/c.ts:400"],
    },
  },
  {
    says: "nothing private is told: no machine, no registry, no secret",
    rule: nothingPrivateIsTold,
    planted: {
      files: {
        "a.md": `see /wor${"k"}/x\nsee https://example.org/wor${"k"}/x\nhttps://registry.${"npmjs"}.org/\n`,
        "b.txt": `-----BEGIN ${"PRIVATE"} KEY-----\n`,
        "package-lock.json": `{\n"resolved": "x"\n}\n`,
        "bench/peers/package-lock.json": `{"resolved": "x"}\n`,
        "node_modules/x.js": "",
      },
      lines: [
        "a.md:1",
        "a.md:3",
        "b.txt:1",
        "package-lock.json:2",
        "bench/peers/package-lock.json:1",
        "node_modules/x.js:1",
      ],
    },
  },
  {
    says: "dependencies are used and listed",
    rule: dependenciesAreUsedAndListed,
    planted: {
      files: {
        "package.json": manifest,
        "src/a.ts": `import { z } from "zod";\nimport { suite } from "uvu";\nimport "absent/deep";\n`,
        "test/b.ts": `import { suite } from "uvu";\n`,
      },
      lines: ["package.json:4", "package.json:7", "src/a.ts:2", "src/a.ts:3"],
    },
  },
  {
    says: "the lock is complete, for every platform",
    rule: theLockIsComplete,
    planted: {
      files: {
        "package-lock.json": `{"packages": {\n"node_modules/a": { "optionalDependencies": {\n"a-x": "1",\n"a-y": "1" } },\n"node_modules/a-x": {} } }\n`,
      },
      lines: ["package-lock.json:4"],
    },
  },
  {
    says: "suites run, without hooks",
    rule: suitesRun,
    planted: {
      files: {
        "test/a.test.ts": `const a = suite("a");\nconst b = suite("b");\nb.only("x", f);\na.run();\n`,
        "test/c.test.ts": `const c = suite("c");\nc.run();\nconst d = 1;\n`,
      },
      lines: ["test/a.test.ts:1", "test/a.test.ts:3", "test/c.test.ts:3"],
    },
  },
  {
    says: "assert.throws says what it expects",
    rule: throwsNamesWhatItExpects,
    planted: {
      files: {
        "test/a.test.ts": `assert.throws(() => f(1, 2), "text");\nassert.throws(() => f(1, 2), /code/);\nassert.throws(f);\nassert.throws(() => {\n  g({ a: [1, 2] });\n}, (error) => error.code === "X");\n`,
      },
      lines: ["test/a.test.ts:1", "test/a.test.ts:3"],
    },
  },
];

const tidy = suite("tidy");

for (const { says, rule, planted } of rules) {
  tidy(`${says}: the rule finds what is planted`, () => finds(rule, planted));
  tidy(says, () => none(rule(sources)));
}

tidy("imports follow the table in src/README.md: the rule finds what is planted", () => {
  const small = parseImportTable(
    "| folder | may import |\n|---|---|\n| `src/a`, `src/b` | `src/c`, `zod` |\n| `src/c` | nothing |\n| `src/cli` | everything |\n",
  );
  const found = importsNotAllowed(
    [
      sourceOf(
        "src/a/x.ts",
        `import "zod";\nimport { c } from "../c/c.js";\nimport "./y.js";\nimport type { B } from "../b/b.js";\n// import "pg";\n`,
      ),
      sourceOf("src/c/c.ts", `export * from "../a/x.js";\nconst later = await import("node:fs");\n`),
      sourceOf("src/cli/x.ts", `import "../a/x.js";\nimport "pg";\nimport "../../test/t.js";\n`),
      sourceOf("src/new/x.ts", ""),
    ],
    small,
  );
  const places = ["src/a/x.ts:4", "src/c/c.ts:1", "src/c/c.ts:2", "src/cli/x.ts:3", "src/new/x.ts:1"];
  assert.equal(
    found.map(({ path, line }) => `${path}:${line}`),
    places,
  );
});

tidy("imports follow the table in src/README.md", () => {
  assert.ok(table.size > 0, 'src/README.md has lost its table "| folder | may import |"');
  none(importsNotAllowed(tabled, table));
});

tidy("no import cycles: the rule finds what is planted", () => {
  const found = importCycles([
    sourceOf("src/a.ts", `import "./b.js";\n`),
    sourceOf("src/b.ts", `import type { C } from "./deep/c.js";\n`),
    sourceOf("src/deep/c.ts", `import "../a.js";\n`),
    sourceOf("src/d.ts", `import "./a.js";\n`),
  ]);
  assert.is(found.length, 1);
  assert.match(found[0]!.message, "src/a.ts → src/b.ts → src/deep/c.ts → src/a.ts");
});

tidy("no import cycles", () => none(importCycles(tabled)));

tidy("comments, strings, templates and regular expressions are not taken for code", () => {
  const text = `a("x\\"y"); // b\n/* c */ d(\`e\${f("g")}h\`, /[/"]i/g, j / k / l);\n`;
  const code = `a("    ");     \n        d(\` \${f(" ")} \`, /     /g, j / k / l);\n`;
  assert.is(blankNonCode(text), code);
});

tidy("the formatter and the linter have nothing to say", () => {
  const biome = projectFile("node_modules", "@biomejs/biome", "bin", "biome");
  const ran = spawnSync(process.execPath, [biome, "check", "--colors=off", "--max-diagnostics=20", "."], {
    cwd: projectRoot,
    encoding: "utf8",
  });
  if (ran.status !== 0)
    assert.unreachable(`Run \`npm run format\`, then correct what is left:\n${ran.stdout}${ran.stderr}`);
});

tidy.run();
