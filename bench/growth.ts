/**
 * What growth costs: append latency on a ledger of 10,000 events and of 1,000,000, and the memory that replay takes over 100,000 and over
 * 1,000,000. Takes minutes. Each replay is a process of its own, since the largest memory of a process never goes down.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type CheckName, checkNames } from "../src/replay/Check.js";
import { compareProjections } from "../src/replay/compareProjections.js";
import { replay } from "../src/replay/replay.js";
import { openSqliteStore } from "../src/store/openSqliteStore.js";
import { generatedAppend, generatedSingle, generateLedger, runLength } from "./generate.js";
import { grouped, median, table } from "./measure.js";

interface Sizes {
  readonly small: number;
  readonly middle: number;
  readonly large: number;
}

/** Appends of each kind to each ledger. */
const appends = 300;
const shallow: readonly CheckName[] = ["canonical-bytes", "schema", "positions", "chain", "root"];

/** `events` is the size of the large ledger; the others are a tenth and a hundredth of it. */
export async function growth(options: {
  readonly folder: string;
  readonly events: number;
  readonly print: (line: string) => void;
}): Promise<void> {
  const { folder, events, print } = options;
  const sizes: Sizes = { small: Math.ceil(events / 100), middle: Math.ceil(events / 10), large: events };
  const files = new Map(Object.values(sizes).map((size) => [size, join(folder, `${size}.db`)]));
  const fileOf = (size: number) => files.get(size) as string;
  for (const [size, file] of files) await make(file, size, print);
  print("");
  for (const line of await latencies(sizes, fileOf)) print(line);
  print("");
  for (const line of memory(sizes, fileOf)) print(line);
}

async function make(file: string, size: number, print: (line: string) => void): Promise<void> {
  const start = performance.now();
  const store = await openSqliteStore(file, { create: true });
  const made = await generateLedger(store, size);
  await store.close();
  print(`made ${grouped(made)} events in ${((performance.now() - start) / 1000).toFixed(1)} s`);
}

/** Median milliseconds of appends one after another, to a small and to a large ledger in turn: both meet the same machine. */
async function latencies(sizes: Sizes, fileOf: (size: number) => string): Promise<string[]> {
  const stores = [await openSqliteStore(fileOf(sizes.small)), await openSqliteStore(fileOf(sizes.large))];
  const one: number[][] = [[], []];
  const batch: number[][] = [[], []];
  for (let i = 0; i < appends; i++) {
    for (const [which, store] of stores.entries()) {
      const [single, run] = [generatedSingle(i), generatedAppend(10 ** 9 + i)];
      one[which]?.push(await milliseconds(() => store.append([single])));
      batch[which]?.push(await milliseconds(() => store.append([run])));
    }
  }
  for (const store of stores) await store.close();
  const row = (work: string, [few = [], many = []]: number[][]) => {
    const [less, more] = [median(few), median(many)];
    return [work, `${less.toFixed(2)} ms`, `${more.toFixed(2)} ms`, `${(more / less).toFixed(2)} ×`, "≤ 1.1 ×"];
  };
  const header = ["append, median", `at ${grouped(sizes.small)}`, `at ${grouped(sizes.large)}`, "ratio", "aim"];
  return table(header, [row("one event", one), row(`${runLength} events`, batch)]);
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function memory(sizes: Sizes, fileOf: (size: number) => string): string[] {
  const rows = [["bytes, schema, order, chain, root", shallow] as const, ["every check", checkNames] as const].map(
    ([name, checks]) => {
      const [less, more] = [replayed(fileOf(sizes.middle), checks), replayed(fileOf(sizes.large), checks)];
      return [
        name,
        mib(less),
        mib(more),
        `${(more.rss / less.rss).toFixed(2)} ×`,
        "≤ 1.2 ×",
        `${grouped(more.rate)}/s`,
      ];
    },
  );
  const header = [
    "replay, largest memory",
    `of ${grouped(sizes.middle)}`,
    `of ${grouped(sizes.large)}`,
    "ratio",
    "aim",
    "rate",
  ];
  return table(header, rows);
}

interface Replayed {
  /** Largest resident memory, bytes. */
  readonly rss: number;
  /** Events a second. */
  readonly rate: number;
}

/** Replays a file in a process of its own. */
function replayed(file: string, checks: readonly CheckName[]): Replayed {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), file, checks.join(",")], {
    encoding: "utf8",
  });
  if (child.status !== 0) throw new Error(`replaying ${file} failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Replayed;
}

function mib({ rss }: Replayed): string {
  return `${grouped(rss / 2 ** 20)} MiB`;
}

/** In the child: replays and prints what it took. */
async function measureReplay(file: string, checks: readonly CheckName[]): Promise<void> {
  const store = await openSqliteStore(file, { readOnly: true });
  const start = performance.now();
  const { size } = await replay(store, { checks, projections: compareProjections(store, store.sql) });
  const rate = (size * 1000) / (performance.now() - start);
  await store.close();
  process.stdout.write(JSON.stringify({ rss: process.resourceUsage().maxRSS * 1024, rate } satisfies Replayed));
}

const [, script, file, checks] = process.argv;
if (script === fileURLToPath(import.meta.url) && file !== undefined && checks !== undefined) {
  await measureReplay(file, checks.split(",") as CheckName[]);
}
