// A bracket: the command line in a folder of its own, in this process, with a clock, ids, salts and keys that are the same for everyone.
// So that a transcript says the same on every machine. Must never touch the process's own streams or environment.
import { createHash } from "node:crypto";
import { copyFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Setting } from "../../src/cli/Context.js";
import type { Terminal } from "../../src/cli/output/Terminal.js";
import { run } from "../../src/cli/run.js";
import { readConfig } from "../../src/config.js";
import { signerFromSeed } from "../../src/keys/Signer.js";
import { projectFile } from "../support/project.js";
import { withTempDir } from "../support/withTempDir.js";

/** Local keys as they are: a passphrase costs a second for each key. */
export const plainKeys = { IU_PASSPHRASE_FROM: "none" };

/** What one invocation said. */
export interface Spoken {
  readonly exit: number;
  readonly out: string;
  readonly err: string;
  /** Both, as a person at a terminal sees them. */
  readonly all: string;
}

export interface Cli {
  readonly dir: string;
  /** Runs `iu-ledger` with these words. With `answers` somebody is there to type them. */
  iu(
    words: readonly string[],
    options?: {
      answers?: readonly string[];
      input?: Uint8Array;
      now?: string;
      /** The environment of this invocation. Default: keys without a passphrase, chosen as a test chooses it. */
      environment?: Readonly<Record<string, string>>;
    },
  ): Promise<Spoken>;
  /** As `iu`, and the answer parsed. */
  json<T = Record<string, unknown>>(...words: string[]): Promise<T>;
}

/** A new folder with our samples in it, and one text that is not UTF-8, which is the working folder meanwhile. */
export function withCli<T>(use: (cli: Cli) => Promise<T>): Promise<T> {
  return withTempDir(async (dir) => {
    for (const name of readdirSync(projectFile("samples"))) copyFileSync(projectFile("samples", name), join(dir, name));
    // "Grüße" as an old editor saved it.
    writeFileSync(join(dir, "latin1.txt"), Buffer.from("Viele Gr\u00fc\u00dfe\n", "latin1"));
    const before = process.cwd();
    process.chdir(dir);
    try {
      return await use(cliIn(dir));
    } finally {
      process.chdir(before);
    }
  });
}

/**
 * The command line without a folder of its own. `places`: the environment of each invocation. `drawn`: a name for what is drawn, so that two who type
 * the same draw different ids. `run`: the program, where it is another installation's.
 */
export function cliIn(
  dir: string,
  {
    places = plainKeys,
    drawn = "",
    run: program = run,
  }: { places?: Readonly<Record<string, string>>; drawn?: string; run?: typeof run } = {},
): Cli {
  let invocation = 0;
  const times = new Map<string, number>();
  const iu: Cli["iu"] = async (words, { answers, input, now, environment = places } = {}) => {
    invocation += 1;
    // Ids follow from the words and how often they were said, so that a command put in between changes no other's.
    const line = `${drawn}${words.join(" ")}`;
    const nth = (times.get(line) ?? 0) + 1;
    times.set(line, nth);
    const said = { out: "", err: "", all: "" };
    const setting: Setting = {
      terminal: fakeTerminal(said, answers, input),
      config: { ...readConfig(environment), program: "iu-ledger" },
      signal: new AbortController().signal,
      clock: () => now ?? new Date(Date.UTC(2026, 0, 5, 9, 30 + invocation)).toISOString(),
      newId: counter(`id ${line} ${nth}`, uuidOf),
      newSalt: counter(`salt ${line} ${nth}`, (digest) => digest),
      workFactor: 6,
      newSigner: (principal) => signerFromSeed(principal, sha256(`key of ${principal} ${line} ${nth}`)),
    };
    return { exit: await program(words, setting), ...said };
  };
  return {
    dir,
    iu,
    async json<T>(...words: string[]) {
      const { out, err } = await iu([...words, "--json"]);
      if (err !== "") throw new Error(`${words.join(" ")} --json said on stderr: ${err}`);
      return JSON.parse(out) as T;
    },
  };
}

function fakeTerminal(
  said: { out: string; err: string; all: string },
  answers: readonly string[] | undefined,
  input?: Uint8Array,
): Terminal {
  const left = [...(answers ?? [])];
  return {
    colour: false,
    width: undefined,
    live: false,
    interactive: answers !== undefined,
    closed: false,
    out(text) {
      said.out += `${text}\n`;
      said.all += `${text}\n`;
    },
    outBytes(bytes) {
      said.out += Buffer.from(bytes).toString("utf8");
      said.all += Buffer.from(bytes).toString("utf8");
    },
    note(text) {
      said.err += `${text}\n`;
      said.all += `${text}\n`;
    },
    redraw: () => undefined,
    ask(question) {
      const answer = left.shift();
      said.err += `${question}${answer ?? ""}\n`;
      said.all += `${question}${answer ?? ""}\n`;
      return Promise.resolve(answer);
    },
    askSecret(question) {
      const answer = left.shift();
      said.err += `${question}\n`;
      said.all += `${question}\n`;
      return Promise.resolve(answer);
    },
    input: () => Promise.resolve(input ?? new Uint8Array()),
    flush: () => Promise.resolve(),
  };
}

function counter<T>(name: string, make: (digest: Buffer) => T): () => T {
  let count = 0;
  return () => make(sha256(`${name} ${count++}`));
}

function sha256(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function uuidOf(digest: Buffer): string {
  const hex = digest.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
