/**
 * Where a passphrase comes from: a variable, a file or a descriptor that somebody named, or whoever sits at the terminal. Never an argument: those
 * stand in the list of processes and in the shell's history. Must never show one, nor quote what was given in place of a source.
 */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import type { Context } from "../Context.js";
import { cannotStop, malformedStop, refusedStop, type Stop } from "../output/Problem.js";

export type Source =
  | { readonly kind: "env"; readonly name: string }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "fd"; readonly fd: number }
  | { readonly kind: "ask" }
  /** New keys are kept as they are. */
  | { readonly kind: "none" };

/** What reading a passphrase needs of a context. */
export type SecretContext = Pick<Context, "config" | "terminal" | "json">;

/** A passphrase that seals something new has at least so many characters. */
const lengthMin = 8;
const bytesMax = 4096;

/** The source that was named, for keys or another secret; undefined where none was. Throws a Stop on words that name none, without quoting them. */
export function sourceOf(words: string | undefined, flag = "--passphrase-from"): Source | undefined {
  if (words === undefined) return undefined;
  if (words === "ask" || words === "none") return { kind: words };
  const [, kind, rest] = /^(env|file|fd):(.+)$/s.exec(words) ?? [];
  if (kind === "env" && rest !== undefined && /^[A-Za-z_][A-Za-z0-9_]*$/.test(rest)) return { kind, name: rest };
  if (kind === "file" && rest !== undefined) return { kind, path: rest };
  if (kind === "fd" && rest !== undefined && /^\d{1,6}$/.test(rest)) return { kind, fd: Number(rest) };
  throw malformedStop(
    "PASSPHRASE_SOURCE_UNKNOWN",
    `${flag} says where a passphrase is, never the passphrase itself; what was given names no place.`,
    "Write env:NAME, file:PATH, fd:N, ask, or none. If that was a passphrase, choose another: your shell may have written it down.",
  );
}

/** The passphrase at a source. `what` it is for: "the key sovereign.age". Throws a Stop that says what is missing. */
export async function readPassphrase(
  context: SecretContext,
  source: Source | undefined,
  what: string,
): Promise<string> {
  switch (source?.kind) {
    case "env": {
      const value = context.config.variable(source.name);
      if (value === undefined || value === "")
        throw missing(what, `The variable ${source.name}, which should hold it, is empty.`);
      return value;
    }
    case "file":
      return ofDescriptor(() => openSync(source.path, "r"), source.path, what);
    case "fd":
      return ofDescriptor(() => source.fd, `descriptor ${source.fd}`, what);
    default:
      return asked(context, `passphrase of ${what}: `, what);
  }
}

/** A passphrase to seal something new with: typed twice where it is typed. */
export async function readNewPassphrase(
  context: SecretContext,
  source: Source | undefined,
  what: string,
): Promise<string> {
  const passphrase = await readPassphrase(context, source, what);
  if ([...passphrase].length < lengthMin) {
    throw malformedStop(
      "PASSPHRASE_SHORT",
      `A passphrase has at least ${lengthMin} characters; nothing was changed.`,
      "Take a longer one: four or five random words, say.",
      { lengthMin },
    );
  }
  const typed = source === undefined || source.kind === "ask" || source.kind === "none";
  if (typed && (await asked(context, "the same again: ", what)) !== passphrase) {
    throw malformedStop("PASSPHRASE_DIFFERS", "The two were not the same; nothing was changed.", "Try again.");
  }
  return passphrase;
}

async function asked(context: SecretContext, question: string, what: string): Promise<string> {
  if (context.json || !context.terminal.interactive) throw missing(what, "Nobody is here to type it.");
  const typed = await context.terminal.askSecret(question);
  if (typed === undefined || typed === "") throw missing(what, "None was typed.");
  return typed;
}

function missing(what: string, why: string): Stop {
  return cannotStop(
    "PASSPHRASE_MISSING",
    `This needs the passphrase of ${what}. ${why}`,
    "Name where it is: --passphrase-from env:NAME, file:PATH or fd:N. New keys for trying out may go without: --passphrase-from none.",
  );
}

/** Its first line. A file that others may read is refused: it is no secret. */
function ofDescriptor(open: () => number, name: string, what: string): string {
  let bytes: Buffer;
  try {
    const fd = open();
    try {
      const stat = fstatSync(fd);
      if (stat.isFile() && (stat.mode & 0o077) !== 0)
        throw refusedStop("PASSPHRASE_EXPOSED", `${name} can be read by others than its owner.`, `chmod 600 ${name}`);
      bytes = readUpTo(fd, bytesMax + 1);
    } finally {
      closeSync(fd);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) throw error;
    throw cannotStop("PASSPHRASE_UNREADABLE", `${name} cannot be read (${code}).`, "Check it, and who may read it.");
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes).replace(/\r?\n$/, "");
  } catch {
    text = "\0";
  }
  if (bytes.length > bytesMax || /[\0\n]/.test(text)) {
    throw malformedStop(
      "PASSPHRASE_MALFORMED",
      `${name} does not hold one line of UTF-8 text of at most ${bytesMax} bytes.`,
      "Put the passphrase there, alone, on one line.",
    );
  }
  if (text === "") throw missing(what, `${name}, which should hold it, is empty.`);
  return text;
}

function readUpTo(fd: number, sizeMax: number): Buffer {
  const buffer = Buffer.alloc(sizeMax);
  let size = 0;
  while (size < sizeMax) {
    const read = readSync(fd, buffer, size, sizeMax - size, null);
    if (read === 0) break;
    size += read;
  }
  return buffer.subarray(0, size);
}
