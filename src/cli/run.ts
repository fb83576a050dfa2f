/**
 * One invocation of the command line, from its words to its exit code. Whatever ends badly ends here: as JSON on stdout with `--json`, as
 * lines on stderr without. Must never call `process.exit`: tests run it in their own process.
 */
import type { Ending } from "./Act.js";
import type { Setting } from "./Context.js";
import { guarded } from "./output/guarded.js";
import { messageWith, partsOf, type Typing } from "./output/hint.js";
import { type ExitCode, type Problem, problemLines, problemOf } from "./output/Problem.js";
import { styleOf } from "./output/style.js";
import { buildProgram } from "./program.js";

/** Runs `iu-ledger` with these words. The program's name is not among them. */
export async function run(argv: readonly string[], given: Setting): Promise<ExitCode> {
  const setting: Setting = { ...given, terminal: guarded(given.terminal, wantsJson(argv)) };
  const ending: Ending = { exit: 0, context: undefined };
  const program = buildProgram(setting, ending, wantsJson(argv));
  const work = program.parseAsync([...argv], { from: "user" }).then(
    () => ending.exit,
    (error: unknown) => failed(argv, setting, ending, error),
  );
  const exit = await Promise.race([work, interruption(setting, ending)]);
  setting.terminal.redraw("");
  try {
    await setting.terminal.flush();
  } catch (error) {
    return failed(argv, setting, ending, error);
  }
  return exit;
}

/** Answers 130 once somebody interrupts; never otherwise. */
async function interruption({ signal, terminal }: Setting, ending: Ending): Promise<ExitCode> {
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
  terminal.redraw("");
  const lines = (await ending.context?.interrupted()) ?? [];
  if (lines.length > 0) terminal.note(lines.join("\n"));
  return 130;
}

function failed(argv: readonly string[], setting: Setting, { context }: Ending, error: unknown): ExitCode {
  const ended = commanderEnd(error);
  if (ended === "shown") return 0;
  const problem = ended ?? problemOf(error);
  if (problem === undefined) throw error;
  tell(argv, setting, problem, context?.typing);
  return problem.exit;
}

/** Writes a problem where it belongs. */
function tell(argv: readonly string[], { terminal, config }: Setting, problem: Problem, typing?: Typing): void {
  // Where stdout takes nothing, a person is told.
  if (wantsJson(argv) && !terminal.closed) {
    const { code, message, numbers, next } = problem;
    const { said, line } = partsOf(next);
    terminal.out(
      JSON.stringify({ error: { code, message: messageWith(message, said), numbers, next: line } }, null, 2),
    );
    return;
  }
  const colour = terminal.colour && !flagsOf(argv).includes("--no-color");
  if (problem.message !== "")
    terminal.note(problemLines(problem, styleOf(colour), typing ?? { program: config.program, flags: "" }).join("\n"));
}

/** Whether the answer is to be JSON, also where the words mean nothing otherwise: then that is what is answered as JSON. */
function wantsJson(argv: readonly string[]): boolean {
  return flagsOf(argv).some((word) => word === "--json" || word.startsWith("--json="));
}

/** The words in front of `--`: behind it nothing is a flag. */
function flagsOf(argv: readonly string[]): readonly string[] {
  return argv.slice(0, argv.includes("--") ? argv.indexOf("--") : argv.length);
}

interface CommanderEnd {
  readonly code: string;
  readonly message: string;
  readonly exitCode: number;
}

/** What commander ends with: help or version that was shown, or words that mean nothing. Undefined: something else. */
function commanderEnd(error: unknown): "shown" | Problem | undefined {
  if (!isCommanderEnd(error)) return undefined;
  const { code, message, exitCode } = error;
  if (exitCode === 0) return "shown";
  // `iu-ledger run` alone: its help has been shown, on stderr.
  if (code === "commander.help") return { code: "COMMAND_INCOMPLETE", message: "", numbers: {}, next: "", exit: 2 };
  const [what = "", hint] = message.replace(/^error: /, "").split("\n");
  const said = `${what.charAt(0).toUpperCase()}${what.slice(1).replace(/\.+$/, "")}.`;
  const guess = /Did you mean (.*)\?/.exec(hint ?? "")?.[1];
  return {
    code: code
      .slice("commander.".length)
      .replace(/[A-Z]/g, (letter) => `_${letter}`)
      .toUpperCase(),
    message: said,
    numbers: {},
    next: guess === undefined ? "Add --help to see what this command takes." : `Did you mean ${guess}?`,
    exit: 2,
  };
}

function isCommanderEnd(error: unknown): error is CommanderEnd {
  return (
    error instanceof Error && "code" in error && "exitCode" in error && String(error.code).startsWith("commander.")
  );
}
