/**
 * The terminal of this process. A reader that goes away (`| head`) is no error: what comes later is dropped. A stdout that takes nothing (a
 * full disk) is one, told at the next flush. Must never wait for a reader that is gone, nor end the process.
 */
import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { cannotStop } from "./output/Problem.js";
import type { Terminal } from "./output/Terminal.js";

/** A terminal over the process's own streams. `colourOff`: NO_COLOR, or the flag. */
export function processTerminal(colourOff: boolean): Terminal {
  const { stdin, stdout, stderr } = process;
  let drawn = false;
  let closed = false;
  let failure: NodeJS.ErrnoException | undefined;
  for (const stream of [stdout, stderr]) {
    // Without a listener a broken pipe would end the process with a stack trace.
    stream.on("error", (error: NodeJS.ErrnoException) => {
      // What cannot be told on stderr cannot be told at all.
      if (stream !== stdout || closed) return;
      closed = true;
      if (error.code !== "EPIPE" && error.code !== "ERR_STREAM_DESTROYED") failure = error;
    });
  }
  const redraw = (line: string) => {
    if (!stderr.isTTY || (line === "" && !drawn)) return;
    stderr.write(`\r\u001b[K${line}`);
    drawn = line !== "";
  };
  return {
    colour: stdout.isTTY === true && !colourOff,
    width: stdout.isTTY ? stdout.columns : undefined,
    live: stderr.isTTY === true,
    interactive: stdin.isTTY === true && stderr.isTTY === true,
    get closed() {
      return closed;
    },
    out(text) {
      if (closed) return;
      redraw("");
      stdout.write(`${text}\n`);
    },
    outBytes(bytes) {
      if (closed) return;
      redraw("");
      stdout.write(bytes);
    },
    note(text) {
      redraw("");
      stderr.write(`${text}\n`);
    },
    redraw,
    ask(question) {
      redraw("");
      const lines = createInterface({ input: stdin, output: stderr });
      return new Promise((resolve) => {
        lines.on("close", () => resolve(undefined));
        // In raw mode the keyboard's Ctrl-C arrives here instead of as a signal.
        lines.on("SIGINT", () => {
          lines.close();
          process.kill(process.pid, "SIGINT");
        });
        lines.question(question, (answer) => {
          resolve(answer.trim());
          lines.close();
        });
      });
    },
    askSecret(question) {
      redraw("");
      stderr.write(question);
      // With a terminal for input and nothing for output, readline puts the terminal in raw mode and echoes into nothing.
      const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
      const lines = createInterface({ input: stdin, output: nowhere, terminal: true, historySize: 0 });
      return new Promise((resolve) => {
        lines.on("close", () => {
          stderr.write("\n");
          resolve(undefined);
        });
        lines.on("SIGINT", () => {
          lines.close();
          process.kill(process.pid, "SIGINT");
        });
        lines.question("", (answer) => {
          resolve(answer);
          lines.close();
        });
      });
    },
    async input(sizeMax) {
      const parts: Buffer[] = [];
      let size = 0;
      for await (const part of stdin) {
        parts.push(Buffer.from(part));
        size += parts.at(-1)?.length ?? 0;
        if (size > sizeMax) break;
      }
      return Buffer.concat(parts);
    },
    async flush() {
      await Promise.all([stdout, stderr].map(drained));
      // A failed write says so a turn later.
      await new Promise(setImmediate);
      const { code } = failure ?? {};
      if (failure === undefined) return;
      failure = undefined;
      throw cannotStop(
        "OUTPUT_NOT_WRITTEN",
        `The answer could not be written to stdout: the system says ${code}.`,
        "Make room there, or send it elsewhere. What the ledger has recorded stands.",
      );
    },
  };
}

function drained(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || stream.writableLength === 0) resolve();
    else stream.write("", () => resolve());
  });
}
