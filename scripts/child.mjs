// Runs another program for a script: signals sent to us reach it, and how it ended comes back as one exit code.
// Never hides an ending: a program ended by a signal gives 128 + the signal's number, as shells do, even where the program
// itself makes an ordinary failure of it (npm does).
import { spawn } from "node:child_process";
import { constants } from "node:os";

const forwarded = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs `command` and waits for its end. With `quiet` its output is collected (stdout and stderr together) instead of shown.
 * Returns `{ code, output }`; rejects only when the program could not be started at all.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, quiet?: boolean, env?: NodeJS.ProcessEnv }} [options]
 * @returns {Promise<{ code: number, output: string }>}
 */
export function runChild(command, args, { cwd, quiet = false, env = process.env } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: quiet ? ["ignore", "pipe", "pipe"] : "inherit" });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text) => {
        output += text;
      });
    }
    // Ctrl-C in a terminal reaches the child by itself; a signal sent to us alone does not, so it is passed on.
    // In both cases we stay until the child has ended, so that what it cleans up is cleaned up.
    let interruption;
    const pass = (signal) => {
      interruption = signal;
      child.kill(signal);
    };
    for (const signal of forwarded) process.on(signal, pass);
    const stop = () => {
      for (const signal of forwarded) process.off(signal, pass);
    };
    child.on("error", (error) => {
      stop();
      reject(error);
    });
    child.on("close", (code, signal) => {
      stop();
      const ending = interruption ?? signal;
      resolve({ code: ending ? 128 + constants.signals[ending] : code, output });
    });
  });
}
