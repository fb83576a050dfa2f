/** Writing key files: readable by their owner only, flushed, never over another one by accident, never half of one in a file's place. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { KeyError, unusable, usable } from "./KeyError.js";

/** A new file of mode 0600. Refuses where there is one. */
export function writeNew(file: string, text: string): void {
  try {
    // `wx` alone decides: looking first would let two processes both find nothing there. Flushed: a key that is
    // registered and then lost to a power cut cannot be made again.
    writeFileSync(file, text, { mode: 0o600, flag: "wx", flush: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== "EEXIST") throw unusable(dirname(file), cause);
    throw new KeyError(
      "KEY_EXISTS",
      `There is a key in ${file} already.`,
      "Move it away first; a key that signed events must not be lost.",
      { cause },
    );
  }
}

/** The file with another text, or, whatever happens meanwhile, as it was. */
export function replaceFile(file: string, text: string): void {
  const fresh = `${file}.new`;
  usable(file, () => {
    rmSync(fresh, { force: true });
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx", flush: true });
    renameSync(fresh, file);
    const folder = openSync(dirname(file), "r");
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  });
}
