// The program that runs one test file, started by run.ts with a pipe: `node runFile.js FILE`. Every test ends in exactly one
// message, whatever it throws. Must never decide about success: it reports, run.ts judges, also when this process dies.
import { pathToFileURL } from "node:url";
import { compare } from "uvu/diff";
import { skipReason } from "../skip.js";
import { type Callback, collectSuites, type Named, type Suite } from "./collectSuites.js";
import type { Ending, Message, Thrown } from "./messages.js";

function tell(message: Message): void {
  process.send?.(message);
}

function problem(suite: string, message: string): void {
  tell({ type: "problem", suite, thrown: { message } });
}

async function runFile(file: string): Promise<void> {
  const collected = await collectSuites(() => import(pathToFileURL(file).href));
  const { suites } = collected;
  tell({ type: "registered", tests: suites.reduce((sum, suite) => sum + suite.tests.length + suite.only.length, 0) });
  if (suites.length === 0) problem("", "The file registers no suite. Does its suite end in `.run()`?");
  for (const suite of suites) await runSuite(suite);
  if (collected.late > 0)
    problem("", `${collected.late} suites called .run() only after the file had loaded, and did not run.`);
  tell({ type: "done" });
}

async function runSuite(suite: Suite): Promise<void> {
  const { name, state } = suite;
  const tests = [...suite.tests, ...suite.only];
  if (tests.length + suite.skips === 0) problem(name, "The suite holds no test.");
  if (suite.only.length > 0)
    problem(name, `.only hides ${suite.tests.length} other tests (all were run here). Remove it.`);
  for (let index = 1; index <= suite.skips; index += 1) {
    const ending: Ending = { outcome: "skipped", reason: "test.skip gives no reason; call skip(reason) instead" };
    tell({ type: "ended", suite: name, test: `(test.skip ${index})`, ending });
  }
  const setUp = await attempt(() => callAll(suite.before, state));
  for (const test of tests) {
    state["__test__"] = test.name;
    tell({ type: "began", suite: name, test: test.name });
    // A suite whose set-up threw has tested nothing: each of its tests fails with that, rather than disappear.
    const ending = setUp.outcome === "failed" ? setUp : await runTest(suite, test);
    tell({ type: "ended", suite: name, test: test.name, ending });
  }
  state["__test__"] = "";
  const tearDown = await attempt(() => callAll(suite.after, state));
  if (tearDown.outcome === "failed") {
    tell({
      type: "problem",
      suite: name,
      thrown: { ...tearDown.thrown, message: `in .after: ${tearDown.thrown.message}` },
    });
  }
}

async function runTest(suite: Suite, test: Named): Promise<Ending> {
  const ending = await attempt(async () => {
    await callAll(suite.bEach, suite.state);
    await test.handler(suite.state);
  });
  const cleaned = await attempt(() => callAll(suite.aEach, suite.state));
  return ending.outcome === "failed" || cleaned.outcome === "passed" ? ending : cleaned;
}

async function callAll(hooks: Callback[], state: Record<string, unknown>): Promise<void> {
  for (const hook of hooks) await hook(state);
}

async function attempt(work: () => Promise<void>): Promise<Ending> {
  try {
    await work();
    return { outcome: "passed" };
  } catch (thrown) {
    const reason = skipReason(thrown);
    return reason === undefined ? { outcome: "failed", thrown: describe(thrown) } : { outcome: "skipped", reason };
  }
}

/** Readable, whatever it is: only an Error has a message, and only an assertion something to compare. */
function describe(thrown: unknown): Thrown {
  if (!(thrown instanceof Error)) return { message: `threw ${describeValue(thrown)}, which is not an Error` };
  const described: Thrown = { message: withCauses(thrown) };
  const details = Reflect.get(thrown, "details");
  if (typeof details === "string" && details !== "") described.details = details;
  // node:assert brings no comparison of its own that is as readable as uvu's.
  else if (thrown.name === "AssertionError")
    described.details = compare(Reflect.get(thrown, "actual"), Reflect.get(thrown, "expected"));
  const frames = (thrown.stack ?? "")
    .split("\n")
    .filter((line) => /^\s+at /.test(line) && !/node:internal|\/uvu\/|\/support\/runner\//.test(line));
  if (frames.length > 0) described.stack = frames.slice(0, 12).join("\n");
  return described;
}

function withCauses(error: Error): string {
  const name = error.name === "Error" || error.name.startsWith("Assertion") ? "" : `${error.name}: `;
  const message = `${name}${error.message}`;
  if (error.cause === undefined) return message;
  return `${message}\ncaused by: ${error.cause instanceof Error ? withCauses(error.cause) : describeValue(error.cause)}`;
}

function describeValue(value: unknown): string {
  if (typeof value !== "object" || value === null)
    return typeof value === "string" ? JSON.stringify(value) : String(value);
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

// If run.ts is gone nobody listens any more: end, but let the pipe not keep this process alive otherwise.
process.on("disconnect", () => process.exit(1));
process.channel?.unref();

const [file] = process.argv.slice(2);
if (file === undefined || process.send === undefined)
  throw new Error("runFile.js is started by run.js; use `npm test -- NAME`");
try {
  await runFile(file);
} catch (thrown) {
  tell({
    type: "problem",
    suite: "",
    thrown: { ...describe(thrown), message: `The file could not be loaded: ${describe(thrown).message}` },
  });
  tell({ type: "done" });
}
