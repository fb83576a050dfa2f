// The test runner: `node build/test/run.js [--slow] [NAME …]`. Each file runs in a process of its own (about 0.1 s each, two
// at a time), so that no test can end, hang or disturb the others. It trusts nothing that a file does not prove: a file
// without suites, a test that was registered and did not run, a process that ended early, and a run in which nothing ran are
// failures. Must never print anything after the closing line.
import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { projectRoot } from "./support/project.js";
import { fileLine, summary } from "./support/runner/report.js";
import { endAll, type FileResult, runChild } from "./support/runner/runChild.js";

const usage = `node build/test/run.js [--slow] [--limit SECONDS] [--root DIR] [NAME …]
  NAME      run only the files whose path has one of these in it
  --slow    run the files named *.slow.test.ts, and only those; without it they run only when NAME says ".slow"
  --limit   seconds that one file may take (default 240, with --slow 1800)
  --root    the folder that holds test/ and build/test/ (default: this project)
`;

type Options = { slow: boolean; limitMs: number; root: string; names: string[] };

function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { slow: { type: "boolean", default: false }, limit: { type: "string" }, root: { type: "string" } },
  });
  const seconds = Number(values.limit ?? (values.slow ? 1800 : 240));
  if (!(seconds > 0)) throw new Error(`--limit takes a number of seconds, not ${values.limit}`);
  return { slow: values.slow, limitMs: seconds * 1000, root: values.root ?? projectRoot, names: positionals };
}

/** Paths like `test/tlog/proof.test.ts` whose built file exists; a built file whose source is gone is no test any more. */
function findFiles({ root, slow, names }: Options): string[] {
  const built = readdirSync(join(root, "build", "test"), { recursive: true, encoding: "utf8" });
  return built
    .filter((path) => path.endsWith(".test.js"))
    .map((path) => `test/${path.replaceAll("\\", "/").replace(/\.js$/, ".ts")}`)
    .filter((file) => existsSync(join(root, file)))
    .filter((file) => names.length === 0 || names.some((name) => file.includes(name)))
    .filter(
      (file) => file.endsWith(".slow.test.ts") === slow || (!slow && names.some((name) => name.includes(".slow"))),
    )
    .sort();
}

async function runFiles(files: string[], { root, limitMs }: Options): Promise<FileResult[]> {
  const results: FileResult[] = [];
  const waiting = [...files];
  const worker = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runChild(join(root, "build", file.replace(/\.ts$/, ".js")), file, limitMs);
      results.push(result);
      process.stdout.write(fileLine(result));
    }
  };
  await Promise.all(Array.from({ length: Math.min(4, Math.max(2, availableParallelism())) }, worker));
  return results.sort((a, b) => (a.file < b.file ? -1 : 1));
}

function nothing(file: string, message: string): FileResult {
  return { file, passed: 0, failures: [{ file, suite: "", thrown: { message } }], skips: [], output: "", ms: 0 };
}

async function main(options: Options): Promise<number> {
  const files = findFiles(options);
  const results = await runFiles(files, options);
  const ran = results.some((result) => result.passed + result.failures.length + result.skips.length > 0);
  if (files.length === 0) {
    const wanted = options.names.length > 0 ? ` whose path has ${options.names.join(" or ")} in it` : "";
    results.push(nothing("test/", `There is no ${options.slow ? "slow " : ""}test file${wanted}; nothing ran.`));
  } else if (!ran) {
    results.push(nothing("test/", "No test ran."));
  }
  process.stdout.write(summary(results));
  return results.some((result) => result.failures.length > 0) ? 1 : 0;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    endAll("SIGKILL");
    process.stdout.write("\nInterrupted: not all tests ran.\n");
    process.exit(signal === "SIGINT" ? 130 : signal === "SIGTERM" ? 143 : 129);
  });
}

let options: Options | undefined;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${usage}`);
  process.exitCode = 2;
}
if (options !== undefined) process.exitCode = await main(options);
