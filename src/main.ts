/** The program: the process's words, streams and signals, handed to `run`. Nothing is decided here, and little is imported. */

import { processTerminal } from "./cli/processTerminal.js";
import { run } from "./cli/run.js";
import { readConfig } from "./config.js";

const interruption = new AbortController();
process.on("SIGINT", () => {
  // Who presses twice does not want to wait for anything.
  if (interruption.signal.aborted) process.exit(130);
  interruption.abort();
});

const config = readConfig();
const terminal = processTerminal(config.colourOff);
const exit = await run(process.argv.slice(2), { terminal, config, signal: interruption.signal });
// What was interrupted may still be at work; every append is whole or not there, so leaving now is safe.
if (exit === 130) process.exit(130);
process.exitCode = exit;
