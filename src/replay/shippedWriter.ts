/** The writers' source files as the package ships them, or as a folder holds them: their bytes are what a ratification pins. */
import { readFile } from "node:fs/promises";
import type { WriterSource } from "./checkWriters.js";

/** The build mirrors the source tree: this file is in `build/src/replay/`. */
const shipped = new URL("../../../src/writers/", import.meta.url);

/** Undefined where there is no such file. */
export function writersIn(folder: string | URL): WriterSource {
  return async (name, version) => {
    const file = `${name}.v${version}.ts`;
    try {
      return await readFile(typeof folder === "string" ? `${folder}/${file}` : new URL(file, folder));
    } catch {
      return undefined;
    }
  };
}

export const shippedWriter: WriterSource = writersIn(shipped);
