/** What every command is handed: where it speaks, which ledger and keys it works with, and how it answers. Made once per invocation. */
import type { Config } from "../config.js";
import type { Signer } from "../keys/Signer.js";
import type { Typing } from "./output/hint.js";
import type { Style } from "./output/style.js";
import type { Terminal } from "./output/Terminal.js";
import { oneLine } from "./output/text.js";

/** What stands outside of a command; tests give their own. */
export interface Setting {
  readonly terminal: Terminal;
  readonly config: Config;
  /** Aborts when somebody interrupts (Ctrl-C). */
  readonly signal: AbortSignal;
  /** The clock, RFC 3339 in UTC with milliseconds. Default: the system's. */
  readonly clock?: () => string;
  /** Ids of ledgers, documents, runs and commands. Default: random UUIDs. */
  readonly newId?: () => string;
  /** Salts of contents. Default: random. */
  readonly newSalt?: () => Uint8Array;
  /** log₂ of scrypt's N for what is put under a passphrase. Default: the product's; tests have no secret to keep. */
  readonly workFactor?: number;
  /** Keys. Default: new ones. */
  readonly newSigner?: (principal: string) => Signer;
}

export interface Context extends Setting {
  readonly style: Style;
  /** Whether the answer is JSON. */
  readonly json: boolean;
  /** Where the ledger is: a path, or a URL. */
  readonly ledger: string;
  /** Of a ledger on EventStoreDB: the URL of the Postgres database of its copy. */
  readonly postgres: string | undefined;
  /** The folder of local keys. */
  readonly keys: string;
  /** Where the passphrase of local keys is said to be; undefined: it is asked for. */
  readonly passphraseFrom: string | undefined;
  /** The principal that was named to sign, if one was. */
  readonly as: string | undefined;
  /** How lines to copy are typed here: the program's name, and the flags that named this place. */
  readonly typing: Typing;
  now(): string;
  /** What to say when interrupted now; a command that is at work replaces it. */
  interrupted: () => Promise<readonly string[]> | readonly string[];
}

/** Answers a command: JSON on one side, lines for people on the other; never both. */
export function answer(context: Context, json: unknown, lines: () => readonly string[]): void {
  context.terminal.out(context.json ? JSON.stringify(json, null, 2) : lines().map(oneLine).join("\n"));
}

/** Says something beside the answer. With `--json` nothing is said but what went wrong. */
export function note(context: Context, ...lines: readonly string[]): void {
  if (!context.json && lines.length > 0) context.terminal.note(lines.map(oneLine).join("\n"));
}
