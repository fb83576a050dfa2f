// The README says what is true: its example compiles and prints what it says, its commands run and show what is shown.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "./support/project.js";
import { skip } from "./support/skip.js";
import { withTempDir } from "./support/withTempDir.js";

const readme = suite("README");

const text = readFileSync(projectFile("README.md"), "utf8");
const main = projectFile("build", "src", "main.js");

interface Block {
  readonly language: string;
  readonly lines: readonly string[];
}

const blocks: readonly Block[] = [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].map(
  ([, language = "", body = ""]) => ({
    language,
    lines: body.trimEnd().split("\n"),
  }),
);

/** What differs from run to run, or grows with the program: ids, digests, instants, durations, how much was compared. */
function settled(line: string): string {
  return line
    .replace(/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "<id>")
    .replace(/\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/g, "<instant>")
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,64}\b/g, "<hex>")
    .replace(/\s+[\d.]+ m?s\b/g, " <time>")
    .replace(/\b(PASS|FAIL|NOT_RUN)\s+[\d,]+ {2}/g, "$1 <count>  ")
    .trimEnd();
}

/** Each line stands in the output, in this order; what is left out between them is left out. */
function showsInOrder(output: string, lines: readonly string[], what: string): void {
  const left = output.split("\n").map(settled);
  for (const line of lines.map(settled).filter((one) => one !== "")) {
    const at = left.indexOf(line);
    assert.ok(at >= 0, `${what} does not show, at its place:\n${line}\nbut:\n${output}`);
    left.splice(0, at + 1);
  }
}

function run(
  dir: string,
  command: string,
  args: readonly string[],
): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(command, args, { cwd: dir, encoding: "utf8", env: { PATH: process.env["PATH"], HOME: dir } });
}

readme("the example compiles, and prints what the README says", async () => {
  await withTempDir((dir) => {
    const at = blocks.findIndex(({ language }) => language === "ts");
    const example = blocks[at];
    const printed = blocks[at + 1];
    if (example === undefined || printed === undefined) throw new Error("the README has no example");
    mkdirSync(join(dir, "node_modules", "@types"), { recursive: true });
    symlinkSync(projectFile(), join(dir, "node_modules", "iu-ledger"), "junction");
    symlinkSync(projectFile("node_modules", "@types", "node"), join(dir, "node_modules", "@types", "node"), "junction");
    cpSync(projectFile("samples"), join(dir, "samples"), { recursive: true });
    const { compilerOptions } = JSON.parse(readFileSync(projectFile("tsconfig.json"), "utf8"));
    const { incremental: _, tsBuildInfoFile: __, ...options } = compilerOptions;
    const own = { ...options, rootDir: ".", outDir: ".", declaration: false };
    writeFileSync(join(dir, "tsconfig.json"), JSON.stringify({ compilerOptions: own, files: ["example.ts"] }));
    writeFileSync(join(dir, "package.json"), '{"type":"module"}');
    writeFileSync(join(dir, "example.ts"), `${example.lines.join("\n")}\n`);
    const compiled = run(dir, process.execPath, [projectFile("node_modules", "typescript", "bin", "tsc"), "-p", dir]);
    assert.is(compiled.status, 0, compiled.stdout);
    const ran = run(dir, process.execPath, ["example.js"]);
    assert.is(ran.status, 0, ran.stderr);
    assert.is(ran.stdout.trimEnd(), printed.lines.join("\n"));
  });
});

readme("what npm start shows is what it shows", async () => {
  await withTempDir((dir) => {
    const at = text.indexOf("## What `npm start` shows");
    const shown = [...text.slice(at).matchAll(/^```text\n([\s\S]*?)^```$/gm)][0]?.[1]?.split("\n") ?? [];
    const { status, stdout } = run(dir, process.execPath, [main, "journey"]);
    assert.is(status, 0);
    showsInOrder(stdout, shown, "npm start");
    assert.match(stdout, /^21 {2}Replay/m);
  });
});

readme("every command runs, and shows what is shown", async () => {
  await withTempDir((dir) => {
    mkdirSync(join(dir, "samples"));
    cpSync(projectFile("samples"), join(dir, "samples"), { recursive: true });
    const journey = run(dir, process.execPath, [main, "journey", "samples/charter.md", "--rule", "sovereign"]);
    assert.is(journey.status, 0, journey.stderr);
    let tried = 0;
    for (const { lines } of blocks.filter(({ language }) => language === "console")) {
      for (const [i, line] of lines.entries()) {
        if (!line.startsWith("$ ")) continue;
        const next = lines.findIndex((other, j) => j > i && other.startsWith("$ "));
        const shown = lines.slice(i + 1, next < 0 ? undefined : next);
        if (line.startsWith("$ sqlite3") && run(dir, "sqlite3", ["--version"]).status !== 0) continue;
        const command = line.slice(2).replaceAll("npx iu-ledger", `'${process.execPath}' '${main}'`);
        const { status, stdout, stderr } = run(dir, "sh", ["-c", command]);
        assert.is(status, 0, `${line}\n${stdout}\n${stderr}`);
        showsInOrder(stdout, shown, line);
        tried++;
      }
    }
    if (tried === 0) skip("the README shows no command");
  });
});

readme("the commands at a glance are all there, and are all there are", async () => {
  await withTempDir((dir) => {
    const help = run(dir, process.execPath, [main, "--help"]).stdout;
    const named = [...help.matchAll(/^ {2}([a-z-]+)(?: \[options\])?(?: [<[].*?[>\]])* {2,}\S/gm)].map(
      ([, name]) => name ?? "",
    );
    const groups = named.filter((name) => name !== "help" && !name.startsWith("-"));
    assert.ok(groups.length >= 10, groups.join(", "));
    const table = text.split("## The command line at a glance")[1]?.split("\n## ")[0] ?? "";
    for (const group of groups) assert.ok(table.includes(`\`${group}`), `${group} is not in the table`);
  });
});

readme.run();
