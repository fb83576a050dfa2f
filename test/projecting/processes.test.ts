// Several processes on one file: each event is applied once, whoever does it; one that is killed takes nothing with it.
import { spawn } from "node:child_process";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { compareWithShadow } from "../../src/projecting/shadow.js";
import { readBookmark } from "../../src/projecting/tables.js";
import { withSqliteFile } from "../store/withSqliteFile.js";
import { projectFile } from "../support/project.js";
import { scribe } from "./scribe.js";
import { tellStory } from "./story.js";

const processes = suite("several processes");

const program = projectFile("build", "test", "projecting", "catchUpChild.js");

function start(file: string): { finish(): Promise<number | null>; kill(): void } {
  const child = spawn(process.execPath, [program, file], { stdio: ["pipe", "inherit", "inherit"] });
  const closed = new Promise<number | null>((resolve) => child.on("close", resolve));
  return {
    finish() {
      child.stdin.end();
      return closed;
    },
    kill: () => void child.kill("SIGKILL"),
  };
}

processes("two that follow while a third writes, and one that is killed: rows and bookmark agree", async () => {
  await withSqliteFile(async (file) => {
    const store = await file.open();
    const s = scribe(store);
    const followers = [start(file.path), start(file.path), start(file.path)];
    await tellStory(s);
    while (((await readBookmark(store.sql))?.size ?? 0) === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    followers[2]?.kill();
    const [first, second, killed] = await Promise.all(followers.map((one) => one.finish()));
    assert.equal([first, second, killed], [0, 0, null]);
    assert.is((await readBookmark(store.sql))?.size, s.size);
    assert.equal((await compareWithShadow(store, store.sql))?.differences, []);
  });
});

processes.run();
