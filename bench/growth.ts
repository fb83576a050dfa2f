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
import type { SqliteStore } from "../src/store/sqliteStore.js";
import { generatedAppend, generatedSingle, generateLedger, runLength } from "./generate.js";
import { grouped, median, table } from "./measure.js";

const sizes = { small: 10_000, middle: 100_000, large: 1_000_000 };
const shallow: readonly CheckName[] = ["canonical-bytes", "schema", "positions", "chain", "root"];

export async function growth({ folder, print }: { folder: string; print: (line: string) => void }): Promise<void> {
  const store = await openSqliteStore(join(folder, "ledger.db"), { create: true });
  const latencies = new Map<number, { one: number; batch: number }>();
  try {
    for (const size of [sizes.small, sizes.large]) {
      await grow(store, size, print);
      latencies.set(size, await latency(store, size));
    }
  } finally {
    await store.close();
  }
  const one = [sizes.small, sizes.large].map((size) => latencies.get(size) ?? { one: 0, batch: 0 });
  const [few, many] = one as [{ one: number; batch: number }, { one: number; batch: number }];
  print("");
  const header = ["append, median", `at ${grouped(sizes.small)}`, `at ${grouped(sizes.large)}`, "ratio", "aim"];
  for (const line of table(header, [
    ["one event", ms(few.one), ms(many.one), `${(many.one / few.one).toFixed(2)} ×`, "≤ 1.1 ×"],
    [`${runLength} events`, ms(few.batch), ms(many.batch), `${(many.batch / few.batch).toFixed(2)} ×`, "≤ 1.1 ×"],
  ])) {
    print(line);
  }
  const middle = await openSqliteStore(join(folder, "middle.db"), { create: true });
  await grow(middle, sizes.middle, print);
  await middle.close();
  print("");
  const memory: string[][] = [];
  for (const [name, checks] of [
    ["bytes, schema, order, chain, root", shallow],
    ["every check", checkNames],
  ] as const) {
    const [little, much] = ["middle.db", "ledger.db"].map((file) => replayed(join(folder, file), checks)) as [
      Replayed,
      Replayed,
    ];
    memory.push([
      name,
      mib(little),
      mib(much),
      `${(much.rss / little.rss).toFixed(2)} ×`,
      "≤ 1.2 ×",
      `${grouped(much.rate)}/s`,
    ]);
  }
  for (const line of table(
    ["replay, largest memory", `of ${grouped(sizes.middle)}`, `of ${grouped(sizes.large)}`, "ratio", "aim", "rate"],
    memory,
  )) {
    print(line);
  }
}

async function grow(store: SqliteStore, size: number, print: (line: string) => void): Promise<void> {
  const start = performance.now();
  const { size: from } = await store.head();
  const to = await generateLedger(store, size);
  const seconds = (performance.now() - start) / 1000;
  print(`made ${grouped(to - from)} events in ${seconds.toFixed(1)} s`);
}

/** Median milliseconds of appends one after another; `key` keeps their streams apart from those of other sizes. */
async function latency(store: SqliteStore, key: number): Promise<{ one: number; batch: number }> {
  const time = async (work: () => Promise<unknown>) => {
    const start = performance.now();
    await work();
    return performance.now() - start;
  };
  const one: number[] = [];
  const batch: number[] = [];
  for (let i = 0; i < 300; i++) {
    const [single, run] = [generatedSingle(key * 10 + i), generatedAppend(10 ** 9 + key * 10 + i)];
    one.push(await time(() => store.append([single])));
    batch.push(await time(() => store.append([run])));
  }
  return { one: median(one), batch: median(batch) };
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

function ms(milliseconds: number): string {
  return `${milliseconds.toFixed(2)} ms`;
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
