// The Dockerfile's two stages, carried out by hand where there is no Docker engine: what the first copies builds, and what the last copies runs a
// whole journey and a full replay. Only the packages are those installed here.
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { projectFile } from "./support/project.js";
import { withTempDir } from "./support/withTempDir.js";

const image = suite("Dockerfile");

/** Copies what a stage copies: from the project, or from the stage before. */
function carryOut(stage: string, to: string, before: string): void {
  mkdirSync(to, { recursive: true });
  for (const [, from, words = ""] of stage.matchAll(/^COPY (--from=build )?(.*)$/gm)) {
    const paths = words.split(" ");
    const target = join(to, paths.pop() ?? "");
    for (const path of paths) {
      const source = from === undefined ? projectFile(path) : path.replace(/^\/app/, before);
      const isFolder = !/\.[a-z]+$/.test(path);
      mkdirSync(isFolder ? dirname(target) : to, { recursive: true });
      cpSync(source, isFolder ? target : join(to, path), { recursive: true });
    }
  }
  symlinkSync(projectFile("node_modules"), join(to, "node_modules"), "junction");
}

image("what it copies builds, and what it keeps makes a journey and replays it", () =>
  withTempDir((dir) => {
    const [, build = "", last = ""] = readFileSync(projectFile("Dockerfile"), "utf8").split(/^FROM /m);
    const [first, second] = [join(dir, "build"), join(dir, "app")];
    carryOut(build, first, "");
    const built = spawnSync("npm", ["run", "build", "--silent"], { cwd: first, encoding: "utf8" });
    assert.is(built.status, 0, built.stdout + built.stderr);
    carryOut(last, second, first);
    assert.equal(readdirSync(join(second, "build")).sort(), ["commands", "projections", "src"]);
    const iu = (...words: string[]) =>
      spawnSync(process.execPath, [join(second, "bin", "iu-ledger.mjs"), ...words], { cwd: dir, encoding: "utf8" });
    assert.match(iu("--version").stdout, /^\d+\.\d+\.\d+\n$/);
    const journey = iu("journey");
    assert.is(journey.status, 0, journey.stdout + journey.stderr);
    const replay = iu("replay", "--ledger", join(dir, ".iu-ledger", "journey-1", "ledger.sqlite"));
    assert.is(replay.status, 0, replay.stdout + replay.stderr);
    assert.match(replay.stdout, /^PASS/m);
  }),
);

image.run();
