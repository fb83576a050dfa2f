/**
 * The checkpoints kept outside of the database, so that a database that was rolled back, restored or rewritten is noticed: a folder for
 * each log, one file for each checkpoint, numbered. It must never be on a backup that is restored together with the database.
 *
 * Compare-and-swap without a lock that a killed process could leave behind: a checkpoint is written to a file of its own, flushed, and then
 * linked under the next number. Linking to a name that is taken fails; so of two who read the same newest one only the first adds the next,
 * and the other reads again. A process killed at any moment leaves either no link or a whole checkpoint.
 */
import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, unlink } from "node:fs/promises";
import { join } from "node:path";
import { flushFolder, writeNewFile } from "../files/durableFile.js";

/** The newest checkpoint outside, as its file has it; nothing of it is verified. */
export interface OutsideCheckpoint {
  readonly number: number;
  readonly note: Uint8Array;
  readonly file: string;
}

export interface Outside {
  readonly folder: string;
  /** The newest, or null where there was never one. Throws {@link OutsideError}. */
  newest(): Promise<OutsideCheckpoint | null>;
  /** The one of that number, or null. Throws {@link OutsideError}. */
  read(number: number): Promise<OutsideCheckpoint | null>;
  /** Adds the one of that number, on the disk when it returns; answers false where somebody has added it meanwhile. */
  add(number: number, note: Uint8Array): Promise<boolean>;
}

/** The place outside cannot be used: which, why, and what to do. */
export class OutsideError extends Error {
  readonly code = "OUTSIDE_UNUSABLE";
  readonly next: string;
  constructor(message: string, next: string, cause: unknown) {
    super(message, { cause });
    this.name = "OutsideError";
    this.next = next;
  }
}

const digits = 12;
const fileName = new RegExp(`^[0-9]{${digits}}\\.checkpoint$`);

/**
 * The place of a log under a folder. Origins are names, and may hold slashes and dots: the folder's name is never one that leads elsewhere.
 * `cosigned`: what witnesses have cosigned, beside what was signed; there the same checkpoint may stand again, with more cosignatures.
 */
export function outsideOf(folder: string, origin: string, kind: "checkpoints" | "cosigned" = "checkpoints"): Outside {
  const own = join(folder, `${origin.replaceAll("/", "+")}.${kind}`);
  const fileOf = (number: number) => join(own, `${String(number).padStart(digits, "0")}.checkpoint`);
  return {
    folder: own,
    newest: () =>
      told(own, async () => {
        const names = await readdir(own).catch(missing);
        const newest = names
          .filter((name) => fileName.test(name))
          .sort()
          .at(-1);
        if (newest === undefined) return null;
        const file = join(own, newest);
        return { number: Number(newest.slice(0, digits)), note: await readFile(file), file };
      }),
    read: (number) =>
      told(own, async () => {
        const file = fileOf(number);
        const note = await readFile(file).catch((error: NodeJS.ErrnoException) => {
          if (error.code === "ENOENT") return null;
          throw error;
        });
        return note === null ? null : { number, note, file };
      }),
    add: (number, note) =>
      told(own, async () => {
        await mkdir(own, { recursive: true, mode: 0o700 });
        const draft = join(own, `.${number}.${randomUUID()}`);
        try {
          await writeNewFile(draft, note);
          await link(draft, fileOf(number));
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
          throw error;
        } finally {
          await unlink(draft).catch(() => undefined);
        }
        await flushFolder(own);
        return true;
      }),
  };
}

function missing(error: NodeJS.ErrnoException): string[] {
  if (error.code === "ENOENT") return [];
  throw error;
}

async function told<T>(folder: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (typeof code !== "string" || !/^E[A-Z0-9]+$/.test(code)) throw error;
    const links = ["EPERM", "ENOTSUP", "ENOSYS", "EOPNOTSUPP"].includes(code);
    throw new OutsideError(
      `the checkpoints outside of the database, in ${folder}, cannot be used (${code})`,
      links
        ? "Name a place with --outside that this user may write to, on a file system that has hard links."
        : "Give this user access to it, make room there, or name another place with --outside.",
      error,
    );
  }
}
