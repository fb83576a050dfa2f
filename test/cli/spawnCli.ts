// The command line as a process of its own: for what only a real process shows, like pipes, signals and two terminals at once.
import { type ChildProcess, spawn } from "node:child_process";
import { projectFile } from "../support/project.js";

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves once `text` has been written to stdout or stderr; rejects if the process ends without it. */
  until(text: string): Promise<void>;
}

/** Starts `iu-ledger` in a folder. The environment is the test's own, without what would change the answers. */
export function spawnCli(dir: string, words: readonly string[], environment: Record<string, string> = {}): Running {
  const { IU_LEDGER: _, IU_KEYS: __, NO_COLOR: ___, FORCE_COLOR: ____, ...rest } = process.env;
  const child = spawn(process.execPath, [projectFile("bin", "iu-ledger.mjs"), ...words], {
    cwd: dir,
    env: { ...rest, IU_PASSPHRASE_FROM: "none", ...environment },
  });
  child.stdin.end();
  let out = "";
  let err = "";
  let over = false;
  const waiting = new Set<() => void>();
  const wake = () => {
    for (const one of waiting) one();
  };
  child.stdout.setEncoding("utf8").on("data", (part: string) => {
    out += part;
    wake();
  });
  child.stderr.setEncoding("utf8").on("data", (part: string) => {
    err += part;
    wake();
  });
  const ended = new Promise<Ended>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      over = true;
      wake();
      resolve({ code, out, err });
    });
  });
  return {
    child,
    ended,
    until: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if ((out + err).includes(text)) resolve();
          else if (over) reject(new Error(`ended without saying ${JSON.stringify(text)}:\n${out}${err}`));
          else return;
          waiting.delete(look);
        };
        waiting.add(look);
        look();
      }),
  };
}

/** Runs `iu-ledger` to its end. */
export function endOf(dir: string, words: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  return spawnCli(dir, words, environment).ended;
}
