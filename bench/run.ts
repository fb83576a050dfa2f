// `npm run bench`: what the embedded ledger does on this machine, beside raw SQLite. `npm run bench -- growth` measures what a large
// ledger costs on SQLite and on Postgres, and takes minutes; `npm run bench -- postgres` is about Postgres, beside pgbench and other event stores.
// Databases go to a temporary folder (`--folder` for another disk) and are removed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { embedded } from "./embedded.js";
import { type Engine, growth } from "./growth.js";
import { machineFacts } from "./machine.js";
import { postgres } from "./postgres.js";

const usage = `npm run bench -- [embedded | postgres | growth] [--folder DIR]
  embedded   [--rounds N]
  postgres   [--rounds N] [--message-db URL]
  growth     [--events N] [--engine sqlite | postgres]`;

function readOptions() {
  try {
    return parseArgs({
      args: process.argv.slice(2),
      allowPositionals: true,
      options: {
        rounds: { type: "string", default: "3" },
        events: { type: "string", default: "1000000" },
        folder: { type: "string", default: tmpdir() },
        engine: { type: "string", multiple: true, default: ["sqlite", "postgres"] },
        "message-db": { type: "string" },
        // Given by scripts/bench.mjs, which installs them.
        "without-peers": { type: "string" },
      },
    });
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${usage}\n`);
    process.exit(2);
  }
}

const { values, positionals } = readOptions();
const which = positionals[0] ?? "embedded";
const rounds = Number(values.rounds);
const events = Number(values.events);
const isCount = (number: number) => Number.isSafeInteger(number) && number > 0;
const engines = values.engine.filter((one): one is Engine => one === "sqlite" || one === "postgres");
const print = (line: string) => process.stdout.write(`${line}\n`);

if (
  !["embedded", "growth", "postgres"].includes(which) ||
  !isCount(rounds) ||
  !isCount(events) ||
  engines.length < values.engine.length
) {
  process.stderr.write(`${usage}\n`);
  process.exitCode = 2;
} else {
  const folder = await mkdtemp(join(values.folder, "iu-bench-"));
  try {
    for (const line of machineFacts(folder)) print(line);
    if (which === "embedded") await embedded({ rounds, folder, print });
    else if (which === "postgres")
      await postgres({
        rounds,
        print,
        messageDbUrl: values["message-db"],
        withoutPeers: values["without-peers"],
      });
    else await growth({ folder, events, engines, print });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
