// `npm run bench`: what the embedded ledger does on this machine, beside raw SQLite. `npm run bench -- growth` measures what a large
// ledger costs, and takes minutes. Databases go to a temporary folder (`--folder` for another disk) and are removed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { embedded } from "./embedded.js";
import { growth } from "./growth.js";
import { machineFacts } from "./machine.js";

const usage = `npm run bench -- [embedded | growth] [--rounds N] [--folder DIR]`;

const { values, positionals } = parseArgs({
  args: process.argv.slice(2),
  allowPositionals: true,
  options: { rounds: { type: "string", default: "3" }, folder: { type: "string", default: tmpdir() } },
});
const which = positionals[0] ?? "embedded";
const rounds = Number(values.rounds);
const print = (line: string) => process.stdout.write(`${line}\n`);

if ((which !== "embedded" && which !== "growth") || !Number.isInteger(rounds) || rounds < 1) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  const folder = await mkdtemp(join(values.folder, "iu-bench-"));
  try {
    for (const line of machineFacts(folder)) print(line);
    if (which === "embedded") await embedded({ rounds, folder, print });
    else await growth({ folder, print });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
