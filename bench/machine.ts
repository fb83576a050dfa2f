/** What was measured on: figures without their machine say nothing. */
import { readFileSync } from "node:fs";
import { availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { resolve } from "node:path";
import Database from "libsql";
import { projectFile } from "../test/support/project.js";

/** Facts of this machine, one a line; `folder` is where the databases are. */
export function machineFacts(folder: string): string[] {
  // Pinned exactly, so what is asked for is what is installed.
  const { dependencies } = JSON.parse(readFileSync(projectFile("package.json"), "utf8")) as {
    dependencies: { libsql: string };
  };
  const facts: [string, string][] = [
    ["cpu", `${cpus()[0]?.model.trim() ?? "unknown"}, ${availableParallelism()} cores`],
    ["memory", `${Math.round(totalmem() / 2 ** 30)} GiB`],
    ["system", `${type()} ${release()}`],
    ["node", process.version],
    ["sqlite", `${sqliteVersion()} (libsql ${dependencies.libsql}), WAL, synchronous=FULL`],
    ["file system", fileSystemOf(folder)],
    ["other work", `load average ${(loadavg()[0] ?? 0).toFixed(1)} at the start`],
  ];
  return facts.map(([name, fact]) => `${name.padEnd(12)}${fact}`);
}

function sqliteVersion(): string {
  const db = new Database(":memory:");
  try {
    return (db.prepare("SELECT sqlite_version() AS version").get() as { version: string }).version;
  } finally {
    db.close();
  }
}

/** The type of the file system a folder is on, from the mount with the longest path; Linux only. */
function fileSystemOf(folder: string): string {
  try {
    const mounts = readFileSync("/proc/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, at]) => at !== undefined && `${resolve(folder)}/`.startsWith(at.endsWith("/") ? at : `${at}/`))
      .sort((a, b) => (b[1]?.length ?? 0) - (a[1]?.length ?? 0));
    return mounts[0]?.[2] ?? "unknown";
  } catch {
    return "unknown";
  }
}
