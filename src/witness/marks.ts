/**
 * Marks: the newest cosigned checkpoint of each log once more, one file each, kept apart from the state (beside the key). A state that was restored
 * from a backup, or lost, is behind its mark and is noticed. A mark is whole or not there; it is written before the cosignature is answered.
 */
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { replaceFile } from "../files/durableFile.js";
import { WitnessError } from "./WitnessError.js";

export interface Marks {
  readonly folder: string;
  /** The mark of a log, or null. Nothing of it is verified. */
  read(name: string): Promise<Uint8Array | null>;
  /** Puts another one in its place, on the disk when it resolves. */
  write(name: string, note: Uint8Array): Promise<void>;
  /** The names of all marks there. */
  names(): Promise<string[]>;
}

/** By what a log is known in files and URLs: SHA-256 of its origin, hex (tlog-witness, "Monitor Retrieval Mechanism"). */
export function originHash(origin: string): string {
  return createHash("sha256").update(origin).digest("hex");
}

/** The marks in a folder, made when the first is written. Throws `WitnessError`. */
export function marksIn(folder: string): Marks {
  const fileOf = (name: string) => join(folder, `${name}.checkpoint`);
  return {
    folder,
    read: (name) => usable(folder, () => readFile(fileOf(name)).catch((error) => whenMissing(error, null))),
    names: () =>
      usable(folder, async () => {
        const files = await readdir(folder).catch((error) => whenMissing<string[]>(error, []));
        return files.flatMap((file) => /^([0-9a-f]{64})\.checkpoint$/.exec(file)?.[1] ?? []).sort();
      }),
    write: (name, note) =>
      usable(folder, async () => {
        await mkdir(folder, { recursive: true, mode: 0o700 });
        await replaceFile(fileOf(name), note, 0o600);
      }),
  };
}

function whenMissing<T>(error: NodeJS.ErrnoException, instead: T): T {
  if (error.code === "ENOENT") return instead;
  throw error;
}

async function usable<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) throw error;
    throw new WitnessError(
      "WITNESS_STATE_UNUSABLE",
      `the marks in ${folder} cannot be used (${code})`,
      "Give this user access to the folder, and make room there.",
      {},
      error,
    );
  }
}
