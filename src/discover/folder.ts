/**
 * Documents from the files of a folder and the folders in it, in the order of their names. It follows no link (a link can lead out of the folder, or
 * round in a circle), opens nothing but plain files, and reads no more of one than the policy takes. A file is known by its path as it was given.
 */
import { constants, type Dirent } from "node:fs";
import { open, readdir, stat } from "node:fs/promises";
import { extname, join, relative, resolve, sep } from "node:path";
import { type DocumentSource, type Finding, type Found, wordsMax } from "./Found.js";
import { blocking, bodyFindings, tooLarge } from "./judge.js";
import { SourceError } from "./SourceError.js";

export interface FolderOptions {
  readonly path: string;
  /** The ends of the names of documents: `.md`. Compared in lower case. */
  readonly types: readonly string[];
  /** What the policy allows a text to have, in bytes. */
  readonly sizeMax: number;
}

/** What is taken for a document unless somebody says otherwise. */
export const documentTypes: readonly string[] = [".md", ".markdown", ".txt", ".text"];

/** Throws {@link SourceError} where there is no such folder. */
export async function openFolder({ path, types, sizeMax }: FolderOptions): Promise<DocumentSource> {
  await assertFolder(path);
  const isDocument = (name: string) => types.includes(extname(name).toLowerCase());
  const passed = { hidden: 0, others: new Map<string, number>() };
  const counted = { files: 0 };

  async function* walk(folder: string): AsyncGenerator<Found, void, undefined> {
    const entries = await entriesOf(folder);
    if ("code" in entries) {
      const message = `This folder cannot be read: the system says ${entries.code}.`;
      yield entryFound(++counted.files, folder, [blocking("FOLDER_UNREADABLE", message)]);
      return;
    }
    for (const { bytes, entry } of entries) {
      const name = bytes.toString("utf8");
      const at = join(folder, name);
      const only = (code: string, message: string, numbers: Finding["numbers"] = {}) =>
        entryFound(++counted.files, at, [blocking(code, message, numbers)]);
      if (name.startsWith(".")) passed.hidden += 1;
      else if (!Buffer.from(name, "utf8").equals(bytes))
        yield only("NAME_NOT_UTF8", "Its name is not UTF-8: nothing can be known by it.", {
          name: bytes.toString("hex"),
        });
      else if (entry.isDirectory()) yield* walk(at);
      else if (entry.isSymbolicLink())
        yield only("LINK", "This is a link, and is not followed: what it leads to is found where it stands.");
      else if (!isDocument(name)) {
        const type = extname(name).toLowerCase();
        passed.others.set(type, (passed.others.get(type) ?? 0) + 1);
      } else yield fileFound(++counted.files, at, await read(at, sizeMax), sizeMax);
    }
  }

  return {
    words: path,
    noun: "file",
    read: () => walk(path),
    owns(source) {
      const inside = relative(resolve(path), resolve(source));
      const names = inside.split(sep);
      return inside !== "" && !names.some((name) => name.startsWith(".")) && isDocument(inside);
    },
    same: (source) => resolve(source),
    notes: () => [
      ...(passed.others.size === 0 ? [] : [`not looked at: ${othersOf(passed.others)} (--type takes other types)`]),
      ...(passed.hidden === 0 ? [] : [`hidden, not looked at: ${passed.hidden}`]),
    ],
    close: () => Promise.resolve(),
  };
}

async function assertFolder(path: string): Promise<void> {
  const found = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const gone = cause.code === "ENOENT" || cause.code === "ENOTDIR";
    const message = gone
      ? `There is no folder ${path}.`
      : `${path} cannot be looked at: the system says ${cause.code}.`;
    throw new SourceError("cannot", gone ? "FOLDER_MISSING" : "FOLDER_UNREADABLE", message, "Check the path.", {
      cause,
    });
  });
  if (!found.isDirectory())
    throw new SourceError(
      "malformed",
      "NOT_A_FOLDER",
      `${path} is no folder.`,
      "Name a folder, or add the file: iu-ledger document add FILE",
    );
}

type Entries = { bytes: Buffer; entry: Dirent<Buffer> }[] | { code: string | undefined };

/** What is in a folder, in the order of the names' bytes; or the system's no. */
async function entriesOf(folder: string): Promise<Entries> {
  try {
    const entries = await readdir(folder, { encoding: "buffer", withFileTypes: true });
    return entries
      .map((entry) => ({ bytes: Buffer.from(entry.name), entry }))
      .sort((a, b) => Buffer.compare(a.bytes, b.bytes));
  } catch (error) {
    return { code: (error as NodeJS.ErrnoException).code };
  }
}

type Read = Uint8Array | Finding;

/** The bytes of a plain file, or the finding that it is none. Opened without waiting: what was a file a moment ago may be a pipe. */
async function read(path: string, sizeMax: number): Promise<Read> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const facts = await file.stat();
      if (!facts.isFile()) return blocking("NOT_A_FILE", "This is no plain file, and is not read.");
      if (facts.size > sizeMax) return tooLarge(facts.size, sizeMax);
      // The size is only a hint: a file may grow while it is read.
      const parts: Buffer[] = [];
      for (let length = 0; length <= sizeMax; ) {
        const room = Math.min(Math.max(facts.size - length, 0) + 65_536, sizeMax + 1 - length);
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(room), 0, room, null);
        if (bytesRead === 0) return Buffer.concat(parts);
        parts.push(buffer.subarray(0, bytesRead));
        length += bytesRead;
      }
      return tooLarge(sizeMax + 1, sizeMax);
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code = "an error" } = error as NodeJS.ErrnoException;
    return blocking("FILE_UNREADABLE", `This file cannot be read: the system says ${code}.`);
  }
}

function fileFound(number: number, path: string, what: Read, sizeMax: number): Found {
  if (!(what instanceof Uint8Array)) return entryFound(number, path, [what]);
  const findings = bodyFindings(what, sizeMax);
  if (path.length > wordsMax)
    findings.push(
      blocking("PATH_TOO_LONG", "Its path is too long to be kept.", { length: path.length, lengthMax: wordsMax }),
    );
  return { ...entryFound(number, path, findings), bytes: what, length: what.length };
}

/** Something at a path of which there is no text. */
function entryFound(number: number, path: string, findings: readonly Finding[]): Found {
  return { number, id: path, key: path, title: null, bytes: null, length: null, findings };
}

function othersOf(others: ReadonlyMap<string, number>): string {
  return [...others]
    .sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1))
    .map(([type, count]) => `${count} ${type === "" ? "without a type" : type}`)
    .join(", ");
}
