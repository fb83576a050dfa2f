// Runs one test file in a process of its own and judges how that went: every way in which a process can end without having
// run all its tests becomes a failure here. Must never wait for ever: not for the file, nor for what it left running.
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Ending, Message, Thrown } from "./messages.js";

/** A test with its ending, or a failure of the file as a whole (then `test` is absent). */
export type Failure = { file: string; suite: string; test?: string; thrown: Thrown };
export type Skip = { file: string; suite: string; test: string; reason: string };
export type FileResult = {
  file: string;
  passed: number;
  failures: Failure[];
  skips: Skip[];
  output: string;
  ms: number;
};

const runFile = fileURLToPath(new URL("./runFile.js", import.meta.url));
/** How long a process may live on after its last test: a timer, socket or process it forgot would keep it for ever. */
const afterlifeMaxMs = 10_000;
const outputMaxChars = 8_000;
const running = new Set<ChildProcess>();

/** Runs the built test file `path`, shown as `file`; gives up on it after `limitMs`. Never rejects. */
export async function runChild(path: string, file: string, limitMs: number): Promise<FileResult> {
  const since = Date.now();
  const result: FileResult = { file, passed: 0, failures: [], skips: [], output: "", ms: 0 };
  const heard = { registered: 0, ended: 0, at: "", done: false };
  const fail = (message: string) => result.failures.push({ file, suite: "", thrown: { message } });

  // Colour would make what a program prints depend on where the tests run; a group of its own lets us end all of it.
  const { FORCE_COLOR: _, ...env } = process.env;
  const child = spawn(process.execPath, [runFile, path], {
    env: { ...env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    detached: true,
  });
  running.add(child);
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      result.output = (result.output + text).slice(-outputMaxChars);
    });
  }
  let overdue = "";
  const stop = (why: string) => {
    overdue = why;
    endGroup(child, "SIGKILL");
  };
  let timer = setTimeout(stop, limitMs, `It did not end within ${limitMs / 1000} s and was stopped`);
  child.on("message", (message: Message) => {
    hear(message, result, heard);
    if (message.type !== "done") return;
    clearTimeout(timer);
    const left =
      "Its tests had ended, but something it left open (a timer, socket, process) kept it running and it was stopped";
    timer = setTimeout(stop, Math.min(afterlifeMaxMs, limitMs), left);
  });
  const code = await ended(child);
  clearTimeout(timer);
  running.delete(child);

  const where = heard.at === "" ? "" : `, in the test ${heard.at}`;
  if (overdue !== "") fail(`${overdue}${where}.`);
  else if (!heard.done) fail(`The process ended (${code}) before its tests did${where}.`);
  else if (code !== "exit code 0") fail(`The process ended with ${code} although its tests had ended.`);
  if (heard.ended < heard.registered)
    fail(`${heard.registered - heard.ended} of ${heard.registered} registered tests did not run.`);
  result.ms = Date.now() - since;
  return result;
}

/** Passes a signal on to every test file that still runs, with all the processes it has started. */
export function endAll(signal: NodeJS.Signals): void {
  for (const child of running) endGroup(child, signal);
}

type Heard = { registered: number; ended: number; at: string; done: boolean };

function hear(message: Message, result: FileResult, heard: Heard): void {
  const { file } = result;
  switch (message.type) {
    case "registered":
      heard.registered = message.tests;
      return;
    case "began":
      heard.at = `"${message.test}"`;
      return;
    case "ended":
      heard.at = "";
      heard.ended += 1;
      count(message.suite, message.test, message.ending, result);
      return;
    case "problem":
      result.failures.push({ file, suite: message.suite, thrown: message.thrown });
      return;
    case "done":
      heard.done = true;
  }
}

function count(suite: string, test: string, ending: Ending, result: FileResult): void {
  const { file } = result;
  switch (ending.outcome) {
    case "passed":
      result.passed += 1;
      return;
    case "failed":
      result.failures.push({ file, suite, test, thrown: ending.thrown });
      return;
    case "skipped":
      result.skips.push({ file, suite, test, reason: ending.reason });
  }
}

/** Waits until the process is gone and its messages are read; then ends what it left behind, which could hold its pipes open. */
async function ended(child: ChildProcess): Promise<string> {
  let how = "it could not be started";
  const gone = new Promise<void>((resolve) => {
    child.on("error", () => resolve());
    child.on("exit", (code, signal) => {
      how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      resolve();
    });
  });
  const unheard = new Promise<void>((resolve) => child.on("disconnect", resolve));
  const closed = new Promise<void>((resolve) => child.on("close", () => resolve()));
  await gone;
  endGroup(child, "SIGKILL");
  const patience = new Promise<void>((resolve) => setTimeout(resolve, 2_000).unref());
  await Promise.race([Promise.all([closed, unheard]), patience]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  return how;
}

function endGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // Nothing of the group is left (ESRCH), or this system has no process groups: then there is only the child.
    child.kill(signal);
  }
}
