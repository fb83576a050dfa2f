/** The program: the process's words, streams and signals, handed to `run`. Nothing is decided here, and little is imported. */

import { processTerminal } from "./cli/processTerminal.js";
import { run } from "./cli/run.js";
import { readConfig } from "./config.js";

const interruption = new AbortController();
/** 128 and the signal's number, as a shell would say it. */
let interrupted = 130;
for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => {
    // Who presses twice does not want to wait for anything.
    if (interruption.signal.aborted) process.exit(code);
    interrupted = code;
    interruption.abort();
  });
}

const config = readConfig();
const terminal = processTerminal(config.colourOff);
const exit = await run(process.argv.slice(2), { terminal, config, signal: interruption.signal });
// What was interrupted may still be at work; every append is whole or not there, so leaving now is safe.
if (exit === 130) process.exit(interrupted);
process.exitCode = exit;
