/**
 * What growth costs, on SQLite and on Postgres: append latency (median, p99) on a ledger of a hundredth of the events and of all of them, and
 * the memory that replay takes over a tenth and over all. Generated events cannot be projected, so a rebuild is measured on ledgers of decided
 * runs, a twentieth and a fifth of the size (in 50,000 events caches of a fixed size are full): those take longer to make than to measure. Takes many minutes. What is measured for its
 * memory is a process of its own, since the largest memory of a process never goes down.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { shadowDigests } from "../src/projecting/shadow.js";
import { checkNames } from "../src/replay/Check.js";
import { replay } from "../src/replay/replay.js";
import { type LedgerStore, openStore } from "../src/store/openStore.js";
import { governedLedger } from "../test/support/governedRun.js";
import { postgresCluster } from "../test/support/postgresCluster.js";
import { generatedAppend, generatedSingle, generateLedger, runLength } from "./generate.js";
import { statuteOf } from "./governed.js";
import { grouped, quantile, table } from "./measure.js";

/** A ledger of some size, as a URL. */
interface Made {
  readonly url: string;
  readonly size: number;
}

export interface GrowthOptions {
  readonly folder: string;
  /** The size of the large ledger; the others are parts of it. */
  readonly events: number;
  /** Where the ledgers are made. */
  readonly engines: readonly Engine[];
  readonly print: (line: string) => void;
}

export type Engine = "sqlite" | "postgres";

/** Appends of each kind to each ledger. */
const appends = 1_000;
/** Of a run in a ledger of decided runs. */
const units = 2_000;

export async function growth({ folder, events, engines, print }: GrowthOptions): Promise<void> {
  for (const engine of engines) {
    const make = async (part: number, fill: Fill): Promise<Made> => {
      const url = await emptyLedger(engine, folder);
      const start = performance.now();
      const store = await openStore(url, { create: true });
      const size = await fill(store, Math.ceil(events / part));
      await store.close();
      print(`${engine}: made ${grouped(size)} events in ${((performance.now() - start) / 1000).toFixed(1)} s`);
      return { url, size };
    };
    const generated = [await make(100, generateLedger), await make(10, generateLedger), await make(1, generateLedger)];
    const decided = [await make(20, decideLedger), await make(5, decideLedger)];
    const [small, middle, large] = generated as [Made, Made, Made];
    print("");
    for (const line of await latencies(engine, small, large)) print(line);
    for (const [names, less, more] of [
      [["generated, shallow replay"], middle, large],
      [["decided, replay", "decided, rebuild of the read models"], ...(decided as [Made, Made])],
    ] as const) {
      print("");
      for (const line of memory(engine, names, less, more)) print(line);
    }
    print("");
  }
}

type Fill = (store: LedgerStore, size: number) => Promise<number>;

let serial = 0;

async function emptyLedger(engine: Engine, folder: string): Promise<string> {
  if (engine === "sqlite") return join(folder, `${serial++}.db`);
  const cluster = await postgresCluster();
  return cluster.url(await cluster.createDatabase());
}

/** Whole runs, from document to enacted, until there are so many events. */
async function decideLedger(store: LedgerStore, size: number): Promise<number> {
  const ledger = await governedLedger({ store });
  const bytes = statuteOf(units);
  for (;;) {
    const { size: at } = await store.head();
    if (at >= size) return at;
    await ledger.run({ bytes });
  }
}

/** Milliseconds of appends one after another, to a small and to a large ledger in turn: both meet the same machine. */
async function latencies(engine: Engine, small: Made, large: Made): Promise<string[]> {
  const stores = [await openStore(small.url), await openStore(large.url)];
  const one: [number[], number[]] = [[], []];
  const batch: [number[], number[]] = [[], []];
  for (let i = 0; i < appends; i++) {
    for (const [which, store] of stores.entries()) {
      const [single, run] = [generatedSingle(i), generatedAppend(10 ** 9 + i)];
      one[which]?.push(await milliseconds(() => store.append([single])));
      batch[which]?.push(await milliseconds(() => store.append([run])));
    }
  }
  for (const store of stores) await store.close();
  const row = (work: string, times: readonly [number[], number[]], share: number, aim: string) => {
    const [less, more] = [quantile(times[0], share), quantile(times[1], share)];
    return [work, `${(more / less).toFixed(2)} ×`, aim, `${less.toFixed(2)} ms`, `${more.toFixed(2)} ms`];
  };
  return table(
    [`${engine}: append`, "ratio", "aim", `at ${grouped(small.size)}`, `at ${grouped(large.size)}`],
    [
      row("one event, median", one, 0.5, "≤ 1.1 ×"),
      row("one event, p99", one, 0.99, ""),
      row(`${runLength} events, median`, batch, 0.5, "≤ 1.1 ×"),
      row(`${runLength} events, p99`, batch, 0.99, ""),
    ],
  );
}

async function milliseconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function memory(engine: Engine, names: readonly string[], less: Made, more: Made): string[] {
  const rows = names.map((name) => {
    const [few, many] = [measured(less.url, name), measured(more.url, name)];
    return [name, `${(many.rss / few.rss).toFixed(2)} ×`, "≤ 1.2 ×", mib(few), mib(many), `${grouped(many.rate)}/s`];
  });
  const sizes = [`of ${grouped(less.size)}`, `of ${grouped(more.size)}`];
  return table([`${engine}: largest memory`, "ratio", "aim", ...sizes, "rate of the latter"], rows);
}

/** What a process of its own does with a ledger; answers how many events. */
const works: Readonly<Record<string, (store: LedgerStore) => Promise<number>>> = {
  "generated, shallow replay": async (store) =>
    (await replay(store, { checks: ["canonical-bytes", "schema", "positions", "chain", "root"] })).size,
  "decided, replay": async (store) =>
    (await replay(store, { checks: checkNames.filter((name) => name !== "projections" && name !== "database") })).size,
  "decided, rebuild of the read models": async (store) => (await shadowDigests(store)).size,
};

interface Spent {
  /** Largest resident memory, bytes. */
  readonly rss: number;
  /** Events a second. */
  readonly rate: number;
}

function measured(url: string, work: string): Spent {
  const child = spawnSync(process.execPath, [fileURLToPath(import.meta.url), url, work], { encoding: "utf8" });
  if (child.status !== 0) throw new Error(`${work} of ${url} failed: ${child.stderr}`);
  return JSON.parse(child.stdout) as Spent;
}

function mib({ rss }: Spent): string {
  return `${grouped(rss / 2 ** 20)} MiB`;
}

const [, script, url, work] = process.argv;
if (script === fileURLToPath(import.meta.url) && url !== undefined && work !== undefined) {
  const store = await openStore(url, { readOnly: true });
  const start = performance.now();
  const size = (await works[work]?.(store)) ?? 0;
  const rate = (size * 1000) / (performance.now() - start);
  await store.close();
  process.stdout.write(JSON.stringify({ rss: process.resourceUsage().maxRSS * 1024, rate } satisfies Spent));
}
